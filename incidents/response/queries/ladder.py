"""Who is told of an incident, one rung after the other: who stands on each, how long it is given, what stopped it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.response.models import Escalation, EscalationStep, EscalationWait, Incident
from incidents.response.queries import visible
from incidents.response.vocabulary import EscalationEnd, Rung, Severity
from ownership import notifying
from ownership.models import Membership, Person, Team
from ownership.queries import owners
from ownership.queries.owners import Answering, Holding
from ownership.vocabulary import Role, Tier

DEFAULT = timedelta(minutes=15)
LADDER = (Rung.ACCOUNTABLE, Rung.DEPUTY, Rung.ESCALATION)
URGENT = {Severity.SEV1, Severity.SEV2}
HIGH = {Tier.T1, Tier.T2}


@dataclass(frozen=True)
class Ladders:
    """Who stands on the rungs of some incidents, and how long each rung is given there."""

    answering: Mapping[int, Answering]  # by incident
    members: Mapping[int, Sequence[int]]  # by team, those who are here
    people: Mapping[int, Person] = field(default_factory=dict)  # who is here and stands somewhere, and the admins
    admins: Sequence[int] = ()
    waits: Mapping[int, timedelta | None] = field(default_factory=dict)  # by incident; None: switched off
    reached: frozenset[int] = frozenset()  # teams with a channel of their own
    hidden: Collection[tuple[int, int]] = ()  # (person, incident) of those who may not see it

    def on(self, rung: Rung, incident_id: int) -> list[int]:
        """The people on a rung: the party itself, of a team its members; nobody who is no longer here."""
        if rung is Rung.ADMINS:
            return list(self.admins)
        people = {one for held in _held(self.answering[incident_id], rung) for one in self._behind(held)}
        return sorted(one for one in people if (one, incident_id) not in self.hidden)

    def teams_on(self, rung: Rung, incident_id: int) -> list[int]:
        """The teams on a rung that have a channel of their own."""
        held = () if rung is Rung.ADMINS else _held(self.answering[incident_id], rung)
        return sorted({one.party.pk for one in held if isinstance(one.party, Team)} & self.reached)

    def named(self, rung: Rung, incident_id: int) -> str:
        """The parties on a rung in words."""
        if rung is Rung.ADMINS:
            return "the admins"
        return ", ".join(str(one.party) for one in _held(self.answering[incident_id], rung))

    def next_after(self, rung: int, incident_id: int) -> Rung | None:
        """The next rung on which somebody stands."""
        return next((one for one in LADDER if one > rung and self.on(one, incident_id)), None)

    def _behind(self, held: Holding) -> Sequence[int]:
        if isinstance(held.party, Team):
            return self.members.get(held.party.pk, ()) if held.party.dissolved_at is None else ()
        return (held.party.pk,) if held.party.is_active else ()


def of(incidents: Collection[Incident], *, now: datetime) -> Ladders:
    """The ladders of incidents as they stand now; seven queries for any number, and five more when some are private."""
    services = {one.service_id for one in incidents if one.service_id is not None}
    components = {one.component_id for one in incidents if one.service_id is None and one.component_id is not None}
    of_services = owners.of_subjects("service", services, at=now)
    of_components = owners.of_subjects("component", components, at=now)
    answering = {
        one.pk: of_services.get(one.service_id or 0) or of_components.get(one.component_id or 0) or owners.NOBODY
        for one in incidents
    }
    parties = _parties(answering.values())
    members = _members(parties)
    wanted = {one.pk for one in parties if isinstance(one, Person)} | {one for team in members.values() for one in team}
    wanted |= {one.ball_id for one in incidents if one.ball_id is not None}
    people = Person.objects.filter(Q(pk__in=wanted) | Q(role=Role.ADMIN), is_active=True).in_bulk()
    admins = sorted(one.pk for one in people.values() if one.role == Role.ADMIN)
    reached = frozenset(notifying.with_channels({one.pk for one in parties if isinstance(one, Team)}))
    open_ = Ladders(answering, members, people, admins, waits_of(incidents), reached)
    private = [one.pk for one in incidents if one.private]
    pairs = {(person, number) for number in private for rung in LADDER for person in open_.on(rung, number)}
    return replace(open_, hidden=visible.hidden(pairs)) if pairs else open_


def waits_of(incidents: Collection[Incident]) -> dict[int, timedelta | None]:
    """How long a rung is given for each incident: its service's own word, else its tier's; one query."""
    services = {one.service_id for one in incidents if one.service_id is not None}
    rows = list(EscalationWait.objects.filter(Q(service__in=services) | ~Q(tier="")))
    of_service, of_tier = ({getattr(row, name): row for row in rows} for name in ("service_id", "tier"))
    found: dict[int, timedelta | None] = {}
    for one in incidents:
        row = of_service.get(one.service_id) if one.service_id else None
        row = row or (of_tier.get(one.service.tier) if one.service else None)
        found[one.pk] = DEFAULT if row is None else timedelta(minutes=row.minutes) if row.minutes else None
    return found


def is_urgent(incident: Incident) -> bool:
    """SEV1 and SEV2 break quiet hours; while the severity is pending, so do the services of tiers 1 and 2.

    Of what nobody could place, no one knows how bad it is: that does too.
    """
    if incident.severity != Severity.PENDING:
        return incident.severity in URGENT
    return incident.service is None or incident.service.tier in HIGH


def stopped(one: Escalation) -> EscalationEnd | None:
    """What stops a round before its next rung, by the incident's row as it is; None while it climbs."""
    incident = one.incident
    if incident.merged_into_id is not None:
        return EscalationEnd.MERGED
    if incident.resolved_at is not None:
        return EscalationEnd.RESOLVED
    if incident.mitigated_at is not None:
        return EscalationEnd.MITIGATED
    if one.taken_at is not None:
        return EscalationEnd.ACKNOWLEDGED
    if incident.acknowledged_at is not None and not one.comeback:  # that of a comeback is older than it
        return EscalationEnd.ACKNOWLEDGED
    return None


def wants_somebody(incident: Incident) -> bool:
    """Whether it can be acknowledged: nobody did, or nobody has since it came back. At most one query."""
    if not _is_open(incident):
        return False
    return incident.acknowledged_at is None or untaken([incident.pk]).exists()


def untaken(incidents: Collection[int]) -> QuerySet[Escalation]:
    """The latest rounds of these incidents that nobody took, of those that nobody acknowledged or that came back.

    Whether anybody further is told does not matter: also what ended when all were told can be taken.
    """
    newer = Escalation.objects.filter(incident=OuterRef("incident"), round__gt=OuterRef("round"))
    wanting = Q(comeback=True) | Q(incident__acknowledged_at=None)
    return Escalation.objects.filter(~Exists(newer), wanting, incident__in=incidents, taken_at=None)


@dataclass(frozen=True)
class Shown:
    """The latest round of an incident as its page shows it. `next_rung` only while it still climbs."""

    round: Escalation
    steps: Sequence[tuple[EscalationStep, Sequence[Person]]]
    stopped: EscalationEnd | None
    by: Person | None  # who acknowledged
    nobody: bool  # nobody stood on any rung, so the admins were told
    came_back: bool  # and is open, and nobody has taken it since, though it was acknowledged before
    next_rung: Rung | None = None
    next_named: str = ""


def shown(incident: Incident, *, answering: Answering) -> Shown | None:
    """The ladder for the page of one incident; None for one that never had a round. Four queries at most.

    `answering` says who answers now for its service, or for its component where it has none.
    """
    latest = Escalation.objects.filter(incident=incident).select_related("taken_by").order_by("-round").first()
    if latest is None:
        return None
    latest.incident = incident
    steps = list(EscalationStep.objects.filter(escalation=latest).order_by("rung"))
    told = Person.objects.in_bulk({one for step in steps for one in step.told})
    stop = stopped(latest) or (EscalationEnd(latest.ended_how) if latest.ended_how else None)
    ladders = None if stop else Ladders({incident.pk: answering}, _members(_parties([answering])))
    further = ladders.next_after(latest.rung, incident.pk) if ladders else None
    return Shown(
        round=latest,
        steps=[(step, [told[one] for one in step.told if one in told]) for step in steps],
        stopped=stop,
        by=latest.taken_by or incident.acknowledged_by,
        nobody=any(step.rung == Rung.ADMINS for step in steps),
        came_back=latest.comeback and latest.taken_at is None and _is_open(incident) and bool(incident.acknowledged_at),
        next_rung=further,
        next_named=ladders.named(further, incident.pk) if ladders and further else "",
    )


def _is_open(incident: Incident) -> bool:
    return incident.resolved_at is None and incident.merged_into_id is None


def _held(answering: Answering, rung: Rung) -> Sequence[Holding]:
    if rung is Rung.ACCOUNTABLE:
        return (answering.accountable,) if answering.accountable else ()
    return answering.deputies if rung is Rung.DEPUTY else answering.escalation


def _parties(answering: Iterable[Answering]) -> list[Person | Team]:
    return [held.party for one in answering for rung in LADDER for held in _held(one, rung)]


def _members(parties: Collection[Person | Team]) -> dict[int, list[int]]:
    teams = {one.pk for one in parties if isinstance(one, Team)}
    members: dict[int, list[int]] = defaultdict(list)
    here = Membership.objects.filter(team__in=teams, person__is_active=True)
    for team, person in here.values_list("team", "person"):
        members[team].append(person)
    return members
