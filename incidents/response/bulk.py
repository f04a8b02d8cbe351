"""Acts on many incidents at once, with a fixed number of statements, and what of it could not be done, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.response import blaming, escalating, findings, handing_off, timeline
from incidents.response.locking import refuse_absurd
from incidents.response.models import FailureMode, Finding, Incident, TimelineRow
from incidents.response.queries import visible
from incidents.response.vocabulary import ResolvedHow, TimelineKind
from ownership.models import Person
from web import registry
from web.errors import Invalid, translated
from web.registry import Guard

MOST = 200  # at once


@dataclass(frozen=True)
class Left:
    """One incident with which it could not be done: `code` for programs, `why` in words."""

    number: int
    code: str
    why: str


@dataclass(frozen=True)
class Report:
    """With which incidents it was done, in order of their numbers, and which were left as they are."""

    done: Sequence[int]
    left: Sequence[Left]

    @property
    def reasons(self) -> list[str]:
        """What was left, in words, incidents with the same reason together: `INC-4, INC-7: resolved already`."""
        told: dict[str, list[str]] = defaultdict(list)
        for one in self.left:
            told[one.why].append(f"INC-{one.number}")
        return [f"{', '.join(refs)}: {why}" for why, refs in told.items()]


@dataclass(frozen=True)
class Found:
    """What resolving finds of one incident, provisionally: a layer, with its mode where one is known."""

    layer: str
    mode: FailureMode | None = None


def acknowledge(numbers: Collection[int], *, by: Person, now: datetime, first_blame: str = "") -> Report:
    """Take these incidents: the ball of each is `by`'s. What somebody has taken already stays theirs, unless it came
    back since.

    First blame goes to those that have none; what was blamed first is frozen.
    """
    _require_few(numbers)
    with translated():
        found, left = _locked(numbers, by=by)
        wanted = escalating.take_all(found, by=by, now=now)
        taken = {one.pk: one for one in found if one.pk in wanted}
        for incident in found:
            if incident.pk not in taken:
                whose = "you" if incident.acknowledged_by == by else str(incident.acknowledged_by)
                left.append(Left(incident.pk, "already_acknowledged", f"{whose} acknowledged it already"))
        handing_off.move_all(taken.values(), to=by, reason="acknowledged it", by=by, now=now)
        fresh = Incident.objects.filter(pk__in=taken, acknowledged_at=None)
        fresh.update(acknowledged_at=now, acknowledged_by=by, changed_at=now)
        told = [_taken(one, by=by, now=now) for one in taken.values()]
        timeline.add_all([*told, *blaming.answer_all(taken.values(), first_blame, by=by, now=now)])
    return _report(taken, left)


def resolve(
    numbers: Collection[int],
    *,
    by: Person,
    now: datetime,
    at: datetime | None = None,
    found: Mapping[int, Found] | None = None,
    evidence: str = "",
    despite: Mapping[int, Collection[str]] | None = None,
) -> Report:
    """Resolve these incidents as of `at` (default now), with a provisional finding of each that `found` names.

    What speaks against resolving one (`registry.guards_for`) must be named in its `despite`, or it is left open.
    """
    _require_few(numbers)
    at, found, despite = at or now, found or {}, despite or {}
    refuse_absurd(now, resolved_at=at)
    with translated():
        locked, left = _locked(numbers, by=by)
        guards = registry.guards_for("resolve", [incident.pk for incident in locked])
        going: dict[int, Incident] = {}
        for incident in locked:
            reason = _against(incident, at, guards.get(incident.pk, []), despite.get(incident.pk, ()))
            if reason is None:
                going[incident.pk] = incident
            else:
                left.append(reason)
        _end(going.values(), at=at, by=by, now=now)
        told = [_resolved(one, guards.get(one.pk, []), found.get(one.pk), at, by=by, now=now) for one in going.values()]
        their = [(one, found[one.pk]) for one in going.values() if one.pk in found]
        timeline.add_all([*told, *_find(their, evidence=evidence, by=by, now=now)])
    return _report(going, left)


def _locked(numbers: Collection[int], *, by: Person) -> tuple[list[Incident], list[Left]]:
    """The open ones that `by` may see, locked in the order of their numbers, and the others with the reason."""
    rows = visible.to(by).filter(pk__in=set(numbers)).select_for_update(of=("self",), no_key=True)
    found = {one.pk: one for one in rows.select_related("acknowledged_by", "component", "ball").order_by("pk")}
    left = [Left(number, "not_found", "there is no such incident") for number in sorted(set(numbers) - set(found))]
    for incident in list(found.values()):
        if incident.merged_into_id is not None:
            left.append(Left(incident.pk, "merged", f"it was merged into INC-{incident.merged_into_id}; work there"))
        elif incident.resolved_at is not None:
            left.append(Left(incident.pk, "not_open", "it is resolved already"))
        else:
            continue
        del found[incident.pk]
    return list(found.values()), left


def _against(incident: Incident, at: datetime, guards: Sequence[Guard], despite: Collection[str]) -> Left | None:
    """Why this one is left open; None when nothing speaks against it."""
    if at < max(filter(None, (incident.impact_from, incident.detected_at, incident.mitigated_at))):
        return Left(incident.pk, "times_out_of_order", "it began, was noticed or was mitigated after that time")
    for guard in guards:
        if guard.code not in despite:
            return Left(incident.pk, guard.code, f"“{guard.label}” was not ticked")
    return None


def _end(going: Collection[Incident], *, at: datetime, by: Person, now: datetime) -> None:
    rows = Incident.objects.filter(pk__in=[one.pk for one in going])
    rows.update(resolved_at=at, resolved_by=by, resolved_how=ResolvedHow.PERSON, joinable=False, changed_at=now)


def _resolved(
    incident: Incident, guards: Sequence[Guard], what: Found | None, at: datetime, *, by: Person, now: datetime
) -> TimelineRow:
    doubts = [f"{guard.said[:1].upper()}{guard.said[1:]}." for guard in guards]
    text = " ".join([*doubts, *([] if what else ["What failed is not known yet."])])
    return timeline.row(incident, TimelineKind.RESOLVED, at=at, now=now, by=by, text=text)


def _find(their: Collection[tuple[Incident, Found]], *, evidence: str, by: Person, now: datetime) -> list[TimelineRow]:
    """One provisional finding each, the primary one where there is none; returns what the timeline says of them."""
    if not their:
        return []
    numbers = [incident.pk for incident, _ in their]
    primary = Finding.objects.filter(incident__in=numbers, primary=True, superseded_at=None)
    have = set(primary.values_list("incident", flat=True))
    made = [
        findings.provisional(
            incident, what.layer, what.mode, evidence=evidence, primary=incident.pk not in have, by=by, now=now
        )
        for incident, what in their
    ]
    Finding.objects.bulk_create(made)
    findings.tell_of(numbers)
    return [findings.told(one, "found", by=by, now=now) for one in made]


def _taken(incident: Incident, *, by: Person, now: datetime) -> TimelineRow:
    why = "it was open again" if incident.acknowledged_at else ""
    return timeline.row(incident, TimelineKind.ACKNOWLEDGED, at=now, now=now, by=by, why=why)


def _report(done: Mapping[int, Incident], left: Collection[Left]) -> Report:
    return Report(sorted(done), sorted(left, key=lambda one: one.number))


def _require_few(numbers: Collection[int]) -> None:
    if not numbers:
        raise Invalid("Tick at least one incident.", field="numbers")
    if len(numbers) > MOST:
        raise Invalid(f"At most {MOST} incidents at once.", field="numbers")
