"""What happened at guardrails: each incident counts once for each kind, by the surest that is known of it.

Findings of the layer guardrail placed at the guardrail, or at a seam that leads to it, count first, reviewed before
provisional; then examples that name it; then the type of an incident whose component it is (see docs/guardrails.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from incidents.alerts.change_models import Change, ChangeKind
from incidents.alerts.queries import changes
from incidents.postmortems.models import FailingExample, RuleCause
from incidents.postmortems.models.examples import STANDING
from incidents.postmortems.vocabulary import GuardrailKind
from incidents.response.models import Finding, Incident
from incidents.response.queries import modes, visible
from incidents.response.vocabulary import FindingState, IncidentType, Layer
from ownership.models import Component, Part, Person
from ownership.vocabulary import ComponentKind

MONTHS = 12
MOST = 200  # guardrails of one list
STALE = timedelta(days=90)
STALE_INCIDENTS = 2
CHANGES = 5
OTHER = "other"
KINDS = (*GuardrailKind.values, OTHER)
BASES = ("reviewed", "provisional", "example", "type")  # the surest first
OF_MODE = {
    "guardrail.injection_bypass": GuardrailKind.BYPASS,
    "guardrail.rare_combination_gap": GuardrailKind.BYPASS,
    "guardrail.sensitive_disclosure": GuardrailKind.BYPASS,
    "guardrail.unverified_claim": GuardrailKind.BYPASS,
    "guardrail.approval_bypass_or_fatigue": GuardrailKind.WORKAROUND,
    "guardrail.over_blocking": GuardrailKind.OVER_BLOCK,
}
OF_TYPE = {IncidentType.SAFETY: GuardrailKind.BYPASS, IncidentType.OVER_BLOCKING: GuardrailKind.OVER_BLOCK}


@dataclass(frozen=True)
class Event:
    """An incident at a guardrail, as one kind, and by what it is known."""

    incident: int
    at: datetime
    kind: str
    basis: str

    @property
    def label(self) -> str:
        """The kind in words."""
        return "Other" if self.kind == OTHER else GuardrailKind(self.kind).label

    @property
    def why(self) -> str:
        """What it is known by."""
        return {"example": "by an example", "type": "by its type"}.get(self.basis, f"{self.basis} finding")


@dataclass(frozen=True)
class Count:
    """The incidents of one kind, and how many of them are known by what; `examples` counts examples, not incidents."""

    kind: str
    by_basis: Mapping[str, int]
    examples: int = 0

    @property
    def label(self) -> str:
        """The kind in words, in the plural."""
        return {"bypass": "Bypasses", "over_block": "Over-blocks", "workaround": "Workarounds"}.get(self.kind, "Others")

    @property
    def incidents(self) -> int:
        """n."""
        return sum(self.by_basis.values())

    @property
    def words(self) -> str:
        """`3 reviewed, 1 provisional`; empty for none."""
        named = {"example": "by example alone", "type": "by type alone"}
        told = [f"{self.by_basis[one]} {named.get(one, one)}" for one in BASES if self.by_basis.get(one)]
        return ", ".join(told)


@dataclass(frozen=True)
class Bar:
    """A month of the strip: its incidents by kind, and where the parts of its bar stand (in a box of 100)."""

    month: datetime
    counts: Mapping[str, int]
    x: int
    parts: Sequence[tuple[str, float, float]]  # kind, top, height

    @property
    def total(self) -> int:
        """All of its incidents, one that is of two kinds counted twice."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class RuleChange:
    """The last rule change, what caused it as far as the viewer may see, and what happened since."""

    change: Change
    causes: Sequence[Incident]
    age: timedelta
    since: int

    @property
    def stale(self) -> bool:
        """No rule was changed for long, and incidents went on."""
        return self.age >= STALE and self.since >= STALE_INCIDENTS


@dataclass(frozen=True)
class Guardrail:
    """A guardrail over the last MONTHS; `last` is None where no rule change is on record."""

    component: Component
    services: Sequence[str]
    events: Sequence[Event]
    counts: Sequence[Count]
    last: RuleChange | None

    @property
    def incidents(self) -> int:
        """How many different incidents."""
        return len({one.incident for one in self.events})

    @property
    def unchanged(self) -> bool:
        """Incidents, and no rule change on record at all."""
        return self.last is None and self.incidents >= STALE_INCIDENTS

    @property
    def bars(self) -> list[Bar]:
        """The strip, oldest month first."""
        return _bars(self.events, timezone.localtime(timezone.now()))


def begin(now: datetime) -> datetime:
    """The first instant of the months that are counted."""
    local = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    month = local.year * 12 + local.month - MONTHS
    return local.replace(year=month // 12, month=month % 12 + 1)


def every(viewer: Person, *, now: datetime) -> list[Guardrail]:
    """The guardrails in use, those with most incidents first; at most MOST, in seven queries."""
    rows = Component.objects.filter(kind=ComponentKind.GUARDRAIL, retired_at=None).order_by("name", "pk")[:MOST]
    found = _of(viewer, list(rows.select_related("custodian")), now=now)
    return sorted(found, key=lambda one: -one.incidents)


def one(viewer: Person, component: Component, *, now: datetime) -> Guardrail:
    """One guardrail; seven queries at most."""
    return _of(viewer, [component], now=now)[0]


def incidents_of(viewer: Person, guardrail: Guardrail, *, limit: int) -> list[tuple[Incident, list[Event]]]:
    """Its latest incidents, each with why it counts; one query."""
    by_incident: dict[int, list[Event]] = defaultdict(list)
    for event in guardrail.events:
        by_incident[event.incident].append(event)
    latest = sorted(by_incident, key=lambda number: (by_incident[number][0].at, number), reverse=True)[:limit]
    rows = visible.standing(viewer).filter(pk__in=latest).select_related("service").order_by("-detected_at", "-pk")
    return [(incident, by_incident[incident.pk]) for incident in rows]


def rule_changes(viewer: Person, component: Component) -> list[tuple[Change, list[Incident]]]:
    """The last CHANGES rule changes of a guardrail with what caused each, as far as the viewer may see; two queries."""
    rows = list(_rules([component.pk]).order_by("-at", "-pk")[:CHANGES])
    causes = causes_of(viewer, [one.line for one in rows])
    return [(change, causes.get(change.line, [])) for change in rows]


def causes_of(viewer: Person, lines: Collection[UUID]) -> Mapping[UUID, list[Incident]]:
    """The incidents that changes came of, those that the viewer may see; one query."""
    named = RuleCause.objects.filter(visible.clause(viewer, of="incident"), change__in=lines, dropped_at=None)
    found: dict[UUID, list[Incident]] = defaultdict(list)
    for cause in named.select_related("incident").order_by("at", "pk"):
        found[cause.change].append(cause.incident)
    return found


def _rules(component_ids: Collection[int]) -> QuerySet[Change]:
    return changes.standing().filter(kind=ChangeKind.GUARDRAIL, component__in=component_ids)


def _of(viewer: Person, components: Sequence[Component], *, now: datetime) -> list[Guardrail]:
    ids = [one.pk for one in components]
    events = _events(viewer, ids, since=begin(now))
    examples = _examples(viewer, ids)
    place = Window(RowNumber(), partition_by=F("component"), order_by=["-at", "-pk"])
    last = {one.component_id: one for one in _rules(ids).alias(place=place).filter(place=1)}
    causes = causes_of(viewer, [one.line for one in last.values()]) if last else {}
    services: dict[int, list[str]] = defaultdict(list)
    for part in Part.objects.filter(component__in=ids, service__retired_at=None).select_related("service"):
        services[part.component_id].append(part.service.name)
    found = []
    for component in components:
        own = events.get(component.pk, [])
        change = last.get(component.pk)
        found.append(
            Guardrail(
                component,
                sorted(services[component.pk]),
                own,
                _counts(own, examples.get(component.pk, {})),
                _last(change, causes.get(change.line, []), own, now=now) if change else None,
            )
        )
    return found


def _last(change: Change, causes: Sequence[Incident], events: Sequence[Event], *, now: datetime) -> RuleChange:
    since = {one.incident for one in events if one.at > change.at}
    return RuleChange(change, causes, max(now - change.at, timedelta()), len(since))


def _events(viewer: Person, ids: Collection[int], *, since: datetime) -> dict[int, list[Event]]:
    """By guardrail, the earliest first; three queries."""
    shown = visible.standing(viewer).filter(detected_at__gte=since)
    surest: dict[tuple[int, int, str], Event] = {}

    def know(component: int, number: int, at: datetime, kind: str, basis: str) -> None:
        known = surest.get((component, number, kind))
        if known is None or BASES.index(basis) < BASES.index(known.basis):
            surest[component, number, kind] = Event(number, at, kind, basis)

    placed = Q(component__in=ids) | Q(dependency__downstream__in=ids)
    findings = Finding.objects.filter(placed, superseded_at=None, layer=Layer.GUARDRAIL, incident__in=shown)
    findings = findings.annotate(counted=modes.counted())
    columns = ("component", "dependency__downstream", "incident", "incident__detected_at", "counted", "state")
    for component, downstream, number, at, mode, state in findings.values_list(*columns):
        basis = "reviewed" if state == FindingState.REVIEWED else "provisional"
        know(component or downstream, number, at, OF_MODE.get(mode, OTHER), basis)
    standing = FailingExample.objects.filter(STANDING, component__in=ids, incident__in=shown)
    examples = standing.exclude(guardrail_kind="").values_list(
        "component", "incident", "incident__detected_at", "guardrail_kind"
    )
    for component, number, at, kind in examples:
        know(component, number, at, kind, "example")
    typed = shown.filter(component__in=ids, type__in=OF_TYPE).values_list("component", "pk", "detected_at", "type")
    for component, number, at, kind in typed:
        know(component, number, at, OF_TYPE[IncidentType(kind)], "type")
    found: dict[int, list[Event]] = defaultdict(list)
    for (component, _, _), event in surest.items():
        found[component].append(event)
    return {component: sorted(own, key=lambda one: (one.at, one.incident)) for component, own in found.items()}


def _examples(viewer: Person, ids: Collection[int]) -> dict[int, dict[str, int]]:
    """How many examples of each kind name each guardrail, of all time; one query."""
    rows = FailingExample.objects.filter(STANDING, visible.clause(viewer, of="incident"), component__in=ids)
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for component, kind in rows.exclude(guardrail_kind="").values_list("component", "guardrail_kind"):
        found[component or 0][kind] += 1
    return found


def _counts(events: Iterable[Event], examples: Mapping[str, int]) -> list[Count]:
    by_kind: dict[str, dict[str, int]] = {kind: defaultdict(int) for kind in KINDS}
    for event in events:
        by_kind[event.kind][event.basis] += 1
    return [Count(kind, by_basis, examples.get(kind, 0)) for kind, by_basis in by_kind.items()]


def _bars(events: Iterable[Event], now: datetime) -> list[Bar]:
    first = begin(now)
    counts: list[dict[str, int]] = [dict.fromkeys(KINDS, 0) for _ in range(MONTHS)]
    for event in events:
        at = timezone.localtime(event.at)
        place = (at.year - first.year) * 12 + at.month - first.month
        if 0 <= place < MONTHS:
            counts[place][event.kind] += 1
    most = max((sum(one.values()) for one in counts), default=0) or 1
    bars = []
    for place, one in enumerate(counts):
        month = first.year * 12 + first.month - 1 + place
        parts, top = [], 100.0
        for kind in KINDS:
            high = 100 * one[kind] / most
            top -= high
            if high:
                parts.append((kind, round(top, 2), round(high, 2)))
        bars.append(Bar(first.replace(year=month // 12, month=month % 12 + 1), one, 10 * place, parts))
    return bars
