"""Coverage: who answers for how much, what is missing where, and the list to work it down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from ownership import access
from ownership.access import SignedInRequest
from ownership.models import Person, Service, Team
from ownership.queries import coverage as reads
from ownership.queries import cures, gaps
from ownership.queries.gaps import Asked, Gap, GapList, ServiceGaps
from ownership.queries.rules import BY_KEY, RULES, Family
from ownership.vocabulary import Tier
from web.partials import page

PAGE = "ownership/coverage.html"
PICTURED = 12  # services that stand in the picture by name
LISTED = 25  # gaps on a page
TEAMS = 10  # teams in the table, the worst
MORE_TEAMS = 50  # and on each page of the others
WHO_CAN = {  # where it is not an editor's alone
    "not_accepted": "Whom it names can say yes on its page.",
    "stale": "Who answers can confirm it on its page.",
    "no_answering": "A member of the team, or an editor, can name who answers for it.",
}
HEAT = (1, 3, 8, 20)  # from how many gaps on a cell gets darker


@dataclass(frozen=True)
class Row:
    """A gap with the addresses of its subject, its cure (None: not the viewer's to mend), and where it can be marked as
    deliberately unowned."""

    gap: Gap
    page: str
    cure: str | None
    waive: str | None

    @property
    def who_can(self) -> str:
        """Who mends it, in words, for those who cannot."""
        cure = self.gap.rule.cure
        return WHO_CAN.get(self.gap.rule.key, f"An editor can {cure[0].lower()}{cure[1:]}.")

    @classmethod
    def of(cls, found: Iterable[Gap], viewer: Person) -> list[Row]:
        """Rows of gaps; readers are told who can mend it, and not led to a form that is not theirs."""
        if not access.may_edit(viewer):
            return [cls(gap, cures.page_of(gap), None, None) for gap in found]
        return [cls(gap, cures.page_of(gap), cures.cure_of(gap), cures.waive_of(gap)) for gap in found]


@dataclass(frozen=True)
class Few:
    """The first rows of a longer list, and how long it is; `is_floor`: at least so long."""

    rows: Sequence[Row]
    total: int
    is_floor: bool

    @property
    def more(self) -> int:
        """How many are not among the rows."""
        return self.total - len(self.rows)

    @classmethod
    def of(cls, found: GapList, viewer: Person, *, shown: int) -> Few:
        """The first `shown` of a page of gaps."""
        return cls(Row.of(found.rows[:shown], viewer), len(found.rows), found.following is not None)


@dataclass(frozen=True)
class Cell:
    """How many gaps of one family, and how dark that is drawn, 0 to 4."""

    family: Family
    count: int

    @property
    def heat(self) -> int:
        """The step of HEAT that the count has reached."""
        return sum(self.count >= step for step in HEAT)


@dataclass(frozen=True)
class Line:
    """One service of the picture, or the last line that sums up the rest."""

    service: ServiceGaps
    cells: Sequence[Cell]
    total: int

    @classmethod
    def of(cls, service: ServiceGaps) -> Line:
        """The line of a service's gaps."""
        counts = dict.fromkeys(Family, 0)
        for rule, count in service.by_rule.items():
            counts[BY_KEY[rule].family] += count
        return cls(service, [Cell(family, count) for family, count in counts.items()], sum(counts.values()))

    @property
    def tier_name(self) -> str:
        """`Tier 1`."""
        return Tier(self.service.tier).short if self.service.tier else ""


def where(lines: Sequence[Line]) -> str:
    """The answer of the picture: how many services have gaps, and of which family they have most."""
    count = sum(line.service.services for line in lines)
    sums = {family: sum(line.cells[place].count for line in lines) for place, family in enumerate(Family)}
    most = [family.label.lower() for family, gaps_of in sums.items() if gaps_of == max(sums.values())]
    noun = "service has" if count == 1 else "services have"
    return f"{count} {noun} gaps, most of them about {' and '.join(most)}."


@require_safe
def coverage(request: SignedInRequest) -> HttpResponse:
    """The score in words, two pictures, the worklist, and the teams."""
    now = timezone.now()
    overall = reads.overall(at=now)
    teams = reads.by_team(at=now)
    lines = [Line.of(one) for one in gaps.by_service(at=now, limit=PICTURED)]
    asked = request.GET.get("teams")
    shown = reads.teams_listed(teams, after=asked, size=MORE_TEAMS if asked else TEAMS)
    context: dict[str, Any] = {
        "coverage": overall,
        "headline": reads.headline(overall.service),
        "lines": lines,
        "where": where(lines),
        "families": Family.choices,
        "teams": shown,
        "all_teams": teams,
        "may_edit": access.may_edit(request.user),
        **_worklist(request, at=now),
    }
    return page(request, PAGE, context)


def _worklist(request: SignedInRequest, *, at: datetime) -> dict[str, Any]:
    asked = request.GET
    team = get_object_or_404(Team, slug=asked["team"]) if asked.get("team") else None
    service = get_object_or_404(Service, slug=asked["service"]) if asked.get("service") else None
    narrowed = Asked(
        tier=asked.get("tier", "") if asked.get("tier") in Tier.values else "",
        team_id=team.pk if team else None,
        service_id=service.pk if service else None,
        person_id=request.user.pk if asked.get("show") == "mine" else None,
    )
    rule = asked.get("gap", "") if asked.get("gap") in BY_KEY else ""
    found = gaps.listed(replace(narrowed, rule=rule), at=at, after=asked.get("after"), size=LISTED)
    counts = gaps.counted(narrowed, at=at)
    return {
        "rows": Row.of(found.rows, request.user),
        "following": found.following,
        "team": team,
        "service": service,
        "rule": BY_KEY.get(rule),
        "tier": narrowed.tier,
        "mine": narrowed.person_id is not None,
        "is_narrowed": bool(rule) or narrowed != gaps.ALL,
        "total": counts[rule] if rule else sum(counts.values()),
        "rules": [(one, counts[one.key]) for one in RULES],
        "tiers": [(one.value, one.short) for one in Tier],
    }
