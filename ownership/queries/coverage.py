"""How much of the catalogue somebody answers for: the states of all services, components and seams, and their shares.

The score of a sort of subject is what is accepted, inherited or unowned on purpose, over all that lives. Services,
components and seams are never added up: thousands of seams would drown the one outcome that nobody answers for. Why
only a yes counts stands in docs/decisions/0017-what-the-coverage-score-counts.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ownership.models import Team
from ownership.models.assignments import SUBJECTS
from ownership.queries.states import COVERED, State, rows
from web.pagination import Cursor

_OVERALL = "SELECT kind, state, count(*) FROM state GROUP BY kind, state"

_BY_TEAM = """
SELECT team.id, state.kind, state.state, count(*)
FROM touch
JOIN state ON state.key = touch.key
JOIN ownership_team AS team ON team.id = touch.team_id
WHERE %(team)s::bigint IS NULL OR team.id = %(team)s
GROUP BY 1, 2, 3
"""

_EACH = "SELECT kind, id, state FROM state"

_CURSOR = Cursor("coverage by team")


@dataclass(frozen=True)
class Share:
    """One state's part of a bar, in percent from the left; for drawing."""

    state: State
    count: int
    begins: float
    wide: float


@dataclass(frozen=True)
class Tally:
    """How many subjects of one sort are in each state."""

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All that lives."""
        return sum(self.counts.values())

    @property
    def covered(self) -> int:
        """Accepted, inherited or unowned on purpose."""
        return sum(self.of(state) for state in COVERED)

    @property
    def nobody(self) -> int:
        """Nobody answers, those included whose owner is no longer here."""
        return self.of(State.UNKNOWN) + self.of(State.VACANT)

    @property
    def named(self) -> int:
        """Somebody is named and has not said yes."""
        return self.of(State.NAMED)

    @property
    def purpose(self) -> int:
        """Nobody needs to answer."""
        return self.of(State.DELIBERATE)

    @property
    def percent(self) -> int | None:
        """The score: covered of all, rounded down so that 100 means all; None of nothing."""
        return 100 * self.covered // self.total if self.total else None

    def of(self, state: State) -> int:
        """How many are in one state."""
        return self.counts.get(state, 0)

    def shares(self) -> list[Share]:
        """The bar: each state that occurs, in the order of State."""
        begins, drawn = 0.0, []
        for state in State:
            if self.of(state):
                wide = 100 * self.of(state) / self.total
                drawn.append(Share(state, self.of(state), round(begins, 3), round(wide, 3)))
                begins += wide
        return drawn


@dataclass(frozen=True)
class Coverage:
    """The tallies of services, components and seams."""

    service: Tally
    component: Tally
    dependency: Tally

    @classmethod
    def of(cls, counted: Mapping[str, Mapping[str, int]]) -> Coverage:
        """From the counts of each state by kind."""
        return cls(*(Tally(dict(counted.get(kind, {}))) for kind in SUBJECTS))

    @property
    def total(self) -> int:
        """All that lives, of every sort; zero is an empty catalogue."""
        return self.service.total + self.component.total + self.dependency.total

    def kinds(self) -> list[tuple[str, str, Tally]]:
        """Key, name and tally of each sort."""
        return list(zip(SUBJECTS, ("Services", "Components", "Seams"), (self.service, self.component, self.dependency),
            strict=True))  # fmt: skip


@dataclass(frozen=True)
class TeamCoverage:
    """The coverage of what one team has a hand in."""

    team: Team
    coverage: Coverage


@dataclass(frozen=True)
class TeamList:
    """A page of teams, the cursor of the next, and how many are on the pages after this one."""

    rows: Sequence[TeamCoverage]
    following: str | None
    more: int


def overall(*, at: datetime) -> Coverage:
    """The whole catalogue; one query."""
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for kind, state, count in rows(_OVERALL, at=at):
        counted[kind][state] = count
    return Coverage.of(counted)


def by_team(*, at: datetime) -> list[TeamCoverage]:
    """Every team that is here, the worst first; two queries.

    A team has a hand in what it or one of its people answers for, in what it looks after with the seams there, and in
    the services that this is part of; so one gap may count with several teams. Worst: the smallest share of services,
    then of components, then of seams; a team with a hand in nothing comes last.
    """
    teams = list(Team.objects.filter(dissolved_at=None).order_by("name", "pk"))
    counted = _by_team(at=at)
    found = [TeamCoverage(team, Coverage.of(counted.get(team.pk, {}))) for team in teams]
    return sorted(found, key=_order)


def teams_listed(teams: Sequence[TeamCoverage], *, after: str | None = None, size: int) -> TeamList:
    """A page of `by_team`, after a cursor."""
    beyond = _CURSOR.read(after)
    rest = [one for one in teams if _order(one) > beyond] if beyond else teams
    shown = rest[:size]
    following = _CURSOR.write(_order(shown[-1])) if len(rest) > size else None
    return TeamList(shown, following, len(rest) - len(shown))


def of_team(team: Team, *, at: datetime) -> Coverage:
    """What one team has a hand in; one query."""
    return Coverage.of(_by_team(at=at, team=team).get(team.pk, {}))


def states(*, at: datetime) -> dict[str, dict[int, State]]:
    """The state of every single subject by kind and id; for those that look at all of them. One query."""
    found: dict[str, dict[int, State]] = {kind: {} for kind in SUBJECTS}
    for kind, subject_id, state in rows(_EACH, at=at):
        found[kind][subject_id] = State(state)
    return found


def headline(services: Tally) -> str:
    """The answer in one sentence."""
    if not services.total:
        return "No service yet, so nobody can answer for one."
    said = services.of(State.ACCEPTED)
    noun = "service has" if services.total == 1 else "services have"
    rest = [
        f"{services.named} {'waits' if services.named == 1 else 'wait'} for a yes" if services.named else "",
        f"{services.purpose} {'is' if services.purpose == 1 else 'are'} unowned on purpose" if services.purpose else "",
        f"{services.nobody} {'has' if services.nobody == 1 else 'have'} nobody" if services.nobody else "",
    ]
    said_words = f"{said} of {services.total} {noun} somebody who said yes"
    return "; ".join([said_words, *filter(None, rest)]) + "."


def _order(one: TeamCoverage) -> list[Any]:
    """Worst first, then by name; as JSON knows it, for it is what a cursor says."""
    shares = [part for _, _, tally in one.coverage.kinds() for part in _worst(tally)]
    return [*shares, one.team.name, one.team.pk]


def _worst(tally: Tally) -> tuple[bool, float]:
    return (not tally.total, tally.covered / tally.total if tally.total else 0)


def _by_team(*, at: datetime, team: Team | None = None) -> dict[int, dict[str, dict[str, int]]]:
    counted: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for team_id, kind, state, count in rows(_BY_TEAM, at=at, team=team.pk if team else None):
        counted[team_id][kind][state] = count
    return counted
