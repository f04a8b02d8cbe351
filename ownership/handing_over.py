"""Handing over what somebody answers for: proposed, then accepted, declined, withdrawn or expired.

Until it is accepted nothing changes; then one party ends and the other begins at the same instant. Every act that
decides locks the subject first and the proposal second, as `assigning` does with assignments; who is to take over
is locked before both, as by those who deactivate a person or dissolve a team.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from ownership import announcing, assigning
from ownership.assigning import AlreadyHolds, Party
from ownership.models import Assignment, Component, Dependency, Handover, Person
from ownership.models.assignments import Subject
from ownership.queries import handovers
from ownership.vocabulary import AssignmentRole, HandoverState
from web.errors import DomainError, Invalid, translated

LASTS = timedelta(days=14)
OVERTAKEN = "Who answers was changed in another way."
GONE = "Who was asked is no longer here."


class NobodyAnswers(DomainError):
    """Nobody answers for this now, so there is nothing to hand over; say who answers instead."""

    code = "nobody_answers"


class EndsAlready(DomainError):
    """It is settled already who takes over next; they can hand it over once they answer for it."""

    code = "ends_already"


class Decided(DomainError):
    """This hand-over is no longer open; look at what became of it."""

    code = "already_decided"


class Expired(DomainError):
    """This proposal has expired; propose the hand-over again."""

    code = "expired"


class Overtaken(DomainError):
    """Who answers has changed since this was proposed; withdraw it and look again."""

    code = "outdated"


def propose(
    *, subject: Subject, to: Party, by: Person, now: datetime, effective_at: datetime | None = None, note: str = ""
) -> Handover:
    """Ask a party to take over from `effective_at` on, past or future; None: from the moment they accept."""
    columns = assigning.subject_columns(subject)
    with assigning.open_to(to, subject):
        _expire(_lapsed(now).filter(**columns), now)
        current = accountable_row(subject, at=now)
        if current is None:
            raise NobodyAnswers
        if current.party == to:
            raise AlreadyHolds("They answer for it already; choose somebody else.", field="to")
        _require_reach(current, effective_at)
        made = Handover.objects.create(
            **columns,
            **{f"to_{column}": party for column, party in assigning.party_columns(to).items()},
            from_assignment=current,
            effective_at=effective_at,
            note=note.strip(),
            proposed_by=by,
            proposed_at=now,
            expires_at=now + LASTS,
        )
        announcing.proposed(made, now=now)
        return made


def accept(handover: Handover, *, by: Person, now: datetime, answering: Person | None = None) -> Handover:
    """From its time on the new party answers, the old one until then; no instant is without an owner.

    A team is answered for by `answering`, one of its members; left out, by the member who accepts. An admin who accepts
    for somebody else names them; that they say yes themselves is still to come.
    """
    with translated():
        assigning.still(handover.to)
        return _accept(handover, by=by, now=now, answering=answering)


def _accept(handover: Handover, *, by: Person, now: datetime, answering: Person | None) -> Handover:
    with _opened(handover, now=now) as seen:
        current = accountable_row(seen.subject, at=now)
        at = seen.effective_at or now
        if current is None or current.party != seen.from_assignment.party or not _reaches(current, at):
            raise Overtaken
        seen.effective_at = at
        _decide(seen, HandoverState.ACCEPTED, by=by, now=now)
        named = answering or _accepting_member(seen, by)
        assigning.replace(current, party=seen.to, at=at, by=by, now=now, answering=named, announce=False)
    return seen


def decline(handover: Handover, *, reason: str, by: Person, now: datetime) -> Handover:
    """Say no, and why; the old party goes on answering."""
    if not reason.strip():
        raise Invalid("Say why you decline.", field="reason")
    with _opened(handover, now=now) as seen:
        _decide(seen, HandoverState.DECLINED, by=by, now=now, reason=reason)
    return seen


def withdraw(handover: Handover, *, by: Person, now: datetime) -> Handover:
    """Take a proposal back before it is decided."""
    with _opened(handover, now=now) as seen:
        _decide(seen, HandoverState.WITHDRAWN, by=by, now=now)
    return seen


def expire(now: datetime) -> int:
    """Note down that proposals are past their time; returns how many."""
    with translated():
        return _expire(_lapsed(now), now)


def overtaken(
    *,
    service_id: int | None,
    component_id: int | None,
    dependency_id: int | None,
    after: Party | None,
    by: Person,
    now: datetime,
    **_: Any,
) -> None:
    """Hear that who answers changed: an open proposal of somebody who no longer answers is void, so close it."""
    stale = Handover.objects.filter(
        service=service_id, component=component_id, dependency=dependency_id, state=HandoverState.PROPOSED
    )
    if after is not None:  # a correction that names the same party leaves the proposal open
        same = {f"from_assignment__{column}": party for column, party in assigning.party_columns(after).items()}
        stale = stale.exclude(**same)
    _withdraw_all(stale, reason=OVERTAKEN, by=by, now=now)


def unanswerable(*, by: Person, now: datetime, person_id: int | None = None, team_id: int | None = None) -> None:
    """Hear that a person or a team is no longer here: nobody waits for their answer."""
    asked = Handover.objects.filter(state=HandoverState.PROPOSED)
    asked = asked.filter(to_person=person_id) if person_id else asked.filter(to_team=team_id)
    _withdraw_all(asked, reason=GONE, by=by, now=now)


def void(subject: Subject, *, reason: str, by: Person, now: datetime) -> None:
    """Close an open proposal about a subject that goes, and tell who it concerns; the caller holds its lock."""
    open_ones = Handover.objects.filter(**assigning.subject_columns(subject), state=HandoverState.PROPOSED)
    _withdraw_all(open_ones, reason=reason, by=by, now=now)


def void_at_seams(component: Component, *, reason: str, by: Person, now: datetime) -> None:
    """As `void`, for the seams of a component that goes; locked, so that nobody proposes one of them meanwhile."""
    seams = Dependency.objects.filter(Q(upstream=component) | Q(downstream=component))
    ids = list(seams.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    open_ones = Handover.objects.filter(dependency__in=ids, state=HandoverState.PROPOSED)
    _withdraw_all(open_ones, reason=reason, by=by, now=now)


def accountable_row(subject: Subject, *, at: datetime) -> Assignment | None:
    """The assignment, as known now, by which somebody is accountable for a subject at `at`."""
    known = Assignment.objects.filter(
        **assigning.subject_columns(subject),
        role=AssignmentRole.ACCOUNTABLE,
        superseded_at=None,
        during__contains=at,
    )
    return known.select_related("person", "team", "answering").first()


def _accepting_member(handover: Handover, by: Person) -> Person | None:
    team = handover.to_team
    return by if team and team.members.filter(pk=by.pk, is_active=True).exists() else None


@contextmanager
def _opened(handover: Handover, *, now: datetime) -> Iterator[Handover]:
    """The proposal as it is by now, locked together with its subject; a refusal when it is no longer open."""
    with assigning.locked(handover.subject):
        rows = Handover.objects.select_for_update(of=("self",)).select_related(*handovers.RELATED)
        seen = rows.get(pk=handover.pk)
        if seen.state == HandoverState.EXPIRED or seen.state_at(now) == HandoverState.EXPIRED:
            raise Expired
        if seen.state != HandoverState.PROPOSED:
            raise Decided(f"This hand-over is {seen.get_state_display().lower()} already; look at what became of it.")
        yield seen


def _decide(handover: Handover, state: HandoverState, *, by: Person, now: datetime, reason: str = "") -> None:
    handover.state, handover.decided_by, handover.decided_at, handover.reason = state, by, now, reason.strip()
    handover.save(update_fields=["state", "decided_by", "decided_at", "reason", "effective_at"])
    announcing.decided(handover, now=now)


def _withdraw_all(rows: QuerySet[Handover], *, reason: str, by: Person, now: datetime) -> None:
    """Close proposals that became void; who they concern hears of it."""
    for handover in rows.select_for_update(of=("self",)).select_related(*handovers.RELATED):
        _decide(handover, HandoverState.WITHDRAWN, by=by, now=now, reason=reason)


def _expire(rows: QuerySet[Handover], now: datetime) -> int:
    """Note down that proposals are past their time; of two who try at once, one tells it."""
    lapsed = list(rows.select_for_update(of=("self",), skip_locked=True).select_related(*handovers.RELATED))
    Handover.objects.filter(pk__in=[row.pk for row in lapsed]).update(state=HandoverState.EXPIRED, decided_at=now)
    announcing.expired(lapsed, now=now)
    return len(lapsed)


def _lapsed(now: datetime) -> QuerySet[Handover]:
    return Handover.objects.filter(state=HandoverState.PROPOSED, expires_at__lte=now)


def _reaches(current: Assignment, at: datetime) -> bool:
    begins = _began(current)
    return current.during.upper is None and (begins is None or begins <= at)


def _began(current: Assignment) -> datetime | None:
    """When the party of a row began, also where its team named another person meanwhile; None: ever since."""
    begins: datetime | None = current.during.lower
    rows = Assignment.objects.filter(
        **assigning.subject_columns(current.subject),
        **assigning.party_columns(current.party),
        role=current.role,
        superseded_at=None,
    )
    for row in rows.order_by("-during"):
        if begins is not None and row.during.upper == begins:
            begins = row.during.lower
    return begins


def _require_reach(current: Assignment, at: datetime | None) -> None:
    """Nobody hands over what they did not hold by then, nor what somebody else takes over already."""
    if current.during.upper is not None:
        raise EndsAlready
    if at is not None and not _reaches(current, at):
        begins = f"{_began(current):%Y-%m-%d %H:%M} UTC"
        message = f"{current.party} answers for it since {begins}; choose a time from then on."
        raise Invalid(message, field="effective_at")
