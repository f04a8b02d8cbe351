"""Reads of hand-overs."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from ownership.models import Handover, Membership, Person
from ownership.models.assignments import Subject, column_of
from ownership.vocabulary import HandoverState

RELATED = (
    "service", "component", "dependency__upstream", "dependency__downstream", "to_person", "to_team",
    "from_assignment__person", "from_assignment__team", "from_assignment__answering", "proposed_by", "decided_by",
)  # fmt: skip


def whole() -> QuerySet[Handover]:
    """Hand-overs with all that their pages name."""
    return Handover.objects.select_related(*RELATED)


def open_of(subject: Subject, *, at: datetime) -> Handover | None:
    """The proposal about a subject that is open at `at`."""
    return whole().filter(reads(HandoverState.PROPOSED, at=at), **{column_of(subject): subject}).first()


def pending_of(subject: Subject, *, at: datetime) -> Handover | None:
    """The proposal about a subject that is open at `at`, else the accepted one whose time is still to come."""
    ahead = Q(state=HandoverState.ACCEPTED, effective_at__gt=at)
    found = whole().filter(reads(HandoverState.PROPOSED, at=at) | ahead, **{column_of(subject): subject})
    return found.order_by("-state", "-pk").first()  # "proposed" comes after "accepted"


def waiting_for(person: Person, *, at: datetime) -> QuerySet[Handover]:
    """Open proposals to a person or to a team of theirs."""
    return whole().filter(waits_for(person, at=at))


def reads(state: str, *, at: datetime) -> Q:
    """For filtering: in this state at `at`; what is past its time is expired, also before anybody noted it down."""
    lapsed = Q(state=HandoverState.PROPOSED, expires_at__lte=at)
    if state == HandoverState.EXPIRED:
        return lapsed | Q(state=state)
    return Q(state=state) & ~lapsed


def waits_for(person: Person, *, at: datetime) -> Q:
    """For filtering: open, and asks this person or a team of theirs."""
    teams = Membership.objects.filter(person=person, team__dissolved_at=None).values("team")
    return reads(HandoverState.PROPOSED, at=at) & (Q(to_person=person) | Q(to_team__in=teams))
