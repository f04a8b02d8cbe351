"""What was wrong with who answered, as findings to accept or decline: each with its reason and its numbers.

Reckoned from assignments as they are known now, so that what was put right afterwards is proposed to nobody; only where
the catalogue knew the service at that time, only from the start of the impact on, and never what somebody decided so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.db.models import Q

from incidents.postmortems.models import DeclinedProposal, Postmortem
from incidents.response.models import Finding, HandOff, Incident, TimelineRow
from incidents.response.queries import handoffs
from incidents.response.vocabulary import FindingRole, Precision, TimelineKind
from ownership.models import Assignment, Dependency, Waiver
from ownership.queries import confirmations
from ownership.vocabulary import AssignmentRole
from web.wording import duration

NO_OWNER, STALE, PING_PONG = "org.no_end_to_end_owner", "org.stale_ownership", "org.handoff_ping_pong"
SHORTEST = timedelta(minutes=5)  # a shorter gap is a clock, not a gap
BACK_WITHIN = timedelta(hours=4)  # a ball that comes back later than that comes back with the next shift
ROWS = 4  # hand-offs that are linked
SEAMS = 3


@dataclass(frozen=True)
class Proposal:
    """A finding that the record suggests. `key` names it, so that it can be accepted or declined once."""

    key: str
    mode: str
    role: str
    reason: str  # in one sentence, with its numbers
    evidence: str
    links: Sequence[dict[str, str]] = ()
    seam: Dependency | None = None


@dataclass(frozen=True)
class Span:
    """From one time to another."""

    begins: datetime
    ends: datetime

    @property
    def lasts(self) -> timedelta:
        """How long it is."""
        return self.ends - self.begins

    @property
    def words(self) -> str:
        """`20 Nov 12:10 to 12:53 UTC`."""
        begins, ends = self.begins.astimezone(UTC), self.ends.astimezone(UTC)
        until = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{ends:%d %b %H:%M}"
        return f"{begins:%d %b %H:%M} to {until} UTC"


@dataclass(frozen=True)
class _Record:
    """What the proposals of one incident are read off."""

    incident: Incident
    span: Span
    held: Sequence[Assignment] = ()  # accountable for its service, as known now
    waivers: Sequence[Waiver] = field(default_factory=tuple)


def of(postmortem: Postmortem, findings: Sequence[Finding], *, now: datetime) -> list[Proposal]:
    """What is proposed and neither found nor declined yet; nine queries at most, none of them growing with history."""
    incident = postmortem.incident
    made = list(_made(incident, now=now))
    if not made:
        return []
    gone = set(DeclinedProposal.objects.filter(postmortem=postmortem).values_list("key", flat=True))
    found = {
        (one.mode.counted.code, one.dependency_id if one.mode_id == NO_OWNER else None) for one in findings if one.mode
    }
    fresh = [one for one in made if one.key not in gone]
    return [one for one in fresh if (one.mode, one.seam.pk if one.seam else None) not in found]


def declined(postmortem: Postmortem) -> list[DeclinedProposal]:
    """What somebody declined, with the reasons; one query."""
    return list(DeclinedProposal.objects.filter(postmortem=postmortem).select_related("by").order_by("at", "pk"))


def _made(incident: Incident, *, now: datetime) -> Iterator[Proposal]:
    span = _span(incident, now)
    if span.lasts > timedelta():
        if incident.service_id is not None:
            record = _Record(incident, span, _held(incident, span), _waivers(incident, span))
            yield from _unowned(record)
            yield from _stale(record)
        if incident.component_id is not None:
            yield from _seams(incident, span)
    yield from _ping_pong(incident)


def _span(incident: Incident, now: datetime) -> Span:
    """The time that users were surely hit: of an uncertain start the latest, of an unknown one when it was noticed."""
    began = incident.impact_until or incident.impact_from or incident.detected_at
    if incident.impact_from and incident.impact_until is None:
        rough = {Precision.HOUR: timedelta(hours=1), Precision.DAY: timedelta(days=1)}
        began += rough.get(Precision(incident.impact_precision), timedelta())
        began = max(incident.impact_from, min(began, incident.detected_at))
    return Span(began, incident.mitigated_at or incident.resolved_at or now)


def _held(incident: Incident, span: Span) -> list[Assignment]:
    rows = Assignment.objects.filter(
        Q(during__startswith__lt=span.ends) | Q(during__lower_inf=True),
        service=incident.service_id,
        role=AssignmentRole.ACCOUNTABLE,
        superseded_at=None,
    )
    return list(rows.select_related("person", "team", "answering").order_by("during", "pk"))


def _waivers(incident: Incident, span: Span) -> list[Waiver]:
    """Somebody decided, with a reason, that nobody needs to answer."""
    rows = Waiver.objects.filter(service=incident.service_id, made_at__lt=span.ends)
    return list(rows.filter(Q(ended_at=None) | Q(ended_at__gt=span.begins)))


def _unowned(record: _Record) -> Iterator[Proposal]:
    service = record.incident.service
    known_from = _known_from(record)
    if service is None or known_from is None or known_from >= record.span.ends:
        return
    covered = [(row.during.lower, row.during.upper) for row in record.held]
    covered += [(waiver.made_at, waiver.ended_at) for waiver in record.waivers]
    known = Span(max(record.span.begins, known_from), record.span.ends)
    gaps = [one for one in uncovered(known, covered) if one.lasts >= SHORTEST]
    if not gaps:
        return
    in_all = duration(sum((one.lasts for one in gaps), timedelta()))
    reason = f"Nobody was accountable for {service} for {in_all} of {duration(record.span.lasts)} of impact."
    when = "; ".join(f"{one.words} ({duration(one.lasts)})" for one in gaps)
    links = [*_rows(record.incident, TimelineKind.ESCALATED, limit=1)]
    yield Proposal(
        NO_OWNER,
        NO_OWNER,
        FindingRole.RECOVERY_GAP,
        reason,
        f"{reason} Without an accountable owner: {when}. Read off the assignments as they are known now.",
        links,
    )


def _known_from(record: _Record) -> datetime | None:
    """Since when the catalogue tells who answers for the service: what is from before that says nothing."""
    service = record.incident.service
    if service is None:
        return None
    if any(row.during.lower is None for row in record.held):
        return datetime.min.replace(tzinfo=UTC)
    earliest: datetime = min([service.created_at, *(row.during.lower for row in record.held)])
    return earliest


def uncovered(span: Span, covered: Sequence[tuple[datetime | None, datetime | None]]) -> list[Span]:
    """The parts of a span that none of these times cover; None is for ever in its direction. Pure."""
    gaps, reached = [], span.begins
    earliest = datetime.min.replace(tzinfo=UTC)
    for begins, ends in sorted(((begins or earliest, ends) for begins, ends in covered), key=lambda one: one[0]):
        if begins >= span.ends:
            break
        if begins > reached:
            gaps.append(Span(reached, begins))
        if ends is None:
            return gaps
        reached = max(reached, ends)
    if reached < span.ends:
        gaps.append(Span(reached, span.ends))
    return gaps


def _stale(record: _Record) -> Iterator[Proposal]:
    """The owner on record had left, or had not said for too long that they answer."""
    at, service = record.span.begins, record.incident.service
    row = next((one for one in record.held if at in one.during), None)
    if row is None or service is None:
        return
    who = str(row.party)
    if not row.party.is_here(at):
        gone = "was dissolved" if row.team_id else "had left"
        reason = f"{who} was on record as accountable for {service}, and {gone} before it began."
        yield Proposal(STALE, STALE, FindingRole.RECOVERY_GAP, reason, f"{reason} Nobody was asked instead by name.")
        return
    standing = confirmations.standing_of([row.pk], at).get(row.pk)
    spoke = standing.confirmed_at if standing else None
    silent_since = spoke or row.during.lower
    lasts = confirmations.lasts()
    if silent_since is None or at - silent_since <= lasts:
        return
    last = f"last confirmed {spoke.astimezone(UTC):%d %b %Y}" if spoke else "never confirmed"
    reason = (
        f"{who}, accountable for {service}, had {last}: {(at - silent_since).days} days of silence when it began,"
        f" and a word holds {lasts.days}."
    )
    yield Proposal(STALE, STALE, FindingRole.CONTRIBUTING, reason, reason)


def _ping_pong(incident: Incident) -> Iterator[Proposal]:
    """The ball came straight back within a few hours; later than that it came back with the next shift."""
    rows = list(
        HandOff.objects.filter(incident=incident).select_related("held_by", "to").order_by("at", "pk")[: handoffs.SHOWN]
    )
    back = [
        (before, row)
        for before, row in pairwise(rows)
        if before.held_by_id is not None
        and (row.held_by_id, row.to_id) == (before.to_id, before.held_by_id)
        and row.at - before.at <= BACK_WITHIN
    ]
    if not back:
        return
    names = "; ".join(
        f"{before.held_by} → {before.to} → {row.to}, back after {duration(row.at - before.at)}" for before, row in back
    )
    passed = sum(row.held_by_id is not None for row in rows)
    times = "once" if len(back) == 1 else f"{len(back)} times"
    reason = f"The ball came straight back {times} in {passed} hand-offs: {names}."
    links = _rows(incident, TimelineKind.HANDED_OFF, limit=ROWS)
    yield Proposal(PING_PONG, PING_PONG, FindingRole.RECOVERY_GAP, reason, reason, links)


def _seams(incident: Incident, span: Span) -> Iterator[Proposal]:
    """Seams between what failed and the rest of its service, of which neither the seam nor an end has an owner."""
    ends = Q(upstream=incident.component_id) | Q(downstream=incident.component_id)
    if incident.service_id is not None:
        inside = Q(upstream__parts__service=incident.service_id, downstream__parts__service=incident.service_id)
        ends &= inside
    held = Assignment.objects.filter(
        role__in=[AssignmentRole.ACCOUNTABLE, AssignmentRole.CUSTODIAN],
        superseded_at=None,
        during__contains=span.begins,
    )
    rows = Dependency.objects.filter(ends, upstream__custodian=None, downstream__custodian=None)
    rows = rows.exclude(pk__in=held.filter(dependency__isnull=False).values("dependency"))
    parts = held.filter(component__isnull=False).values("component")
    rows = rows.exclude(Q(upstream__in=parts) | Q(downstream__in=parts)).distinct()
    for seam in rows.select_related("upstream", "downstream").order_by("pk")[:SEAMS]:
        reason = f"Nobody answers for the seam {seam}, nor for either end of it, next to what failed."
        yield Proposal(f"{NO_OWNER}:{seam.pk}", NO_OWNER, FindingRole.CONTRIBUTING, reason, reason, seam=seam)


def _rows(incident: Incident, kind: str, *, limit: int) -> list[dict[str, str]]:
    """The first rows of a kind, as links."""
    rows = TimelineRow.objects.filter(incident=incident, kind=kind).order_by("at", "pk")[:limit]
    return [{"kind": "row", "id": str(row.first_id)} for row in rows]
