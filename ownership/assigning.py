"""Who holds which role, from when to when. Nothing is overwritten: a row is superseded by what is known better.

Who is to hold it is locked first and the service, component or seam second, so that two writers wait for each other
instead of meeting in a deadlock, and nobody gets a role who leaves meanwhile, or at what is retired meanwhile; the
exclusion constraint has the last word.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model, Q

from ownership import announcing, speaking
from ownership.models import Assignment, Component, Dependency, Person, Team
from ownership.models.assignments import Subject, column_of
from ownership.vocabulary import AssignmentRole
from web import registry
from web.errors import DomainError, Invalid, translated

Party = Person | Team
One = TypeVar("One", bound=Model)
# Of one subject in one time a party holds only one of these.
NOT_BOTH: dict[str, str] = {
    AssignmentRole.ACCOUNTABLE: AssignmentRole.DEPUTY,
    AssignmentRole.DEPUTY: AssignmentRole.ACCOUNTABLE,
}


class AlreadyHolds(DomainError):
    """They hold this role already in that time; choose somebody else, or end it first."""

    code = "already_holds"


class Outdated(DomainError):
    """Somebody changed who answers meanwhile; look again before you change it."""

    code = "outdated"


class Over(DomainError):
    """Its time is over by then; say who answers now on its page, or correct it if it was otherwise."""

    code = "over"


def assign(
    *,
    subject: Subject,
    role: str,
    party: Party,
    since: datetime,
    by: Person,
    now: datetime,
    answering: Person | None = None,
) -> Assignment:
    """Give a party a role from `since` on; refused while somebody else is accountable in that time.

    Nobody is deputy of what they are accountable for: who becomes accountable ends as deputy, and is not made one.
    `answering` is who of a team answers for it: its only member when left out, else nobody yet.
    """
    with open_to(party, subject):
        answering = speaking.answering_of(party, answering)
        holds = _known_of(subject, role).filter(during__overlap=(since, None), **party_columns(party))
        if holds.exists():
            raise AlreadyHolds(field="party")
        known = _not_both(subject, role, party, since, by=by, known=now)
        made = _insert(subject, role, party, (since, None), by=by, known_from=known, answering=answering)
        speaking.say_yes(made, by=by, now=now)
        _tell(made, before=None, after=party, at=since, by=by, now=now)
        announcing.assigned(made, by=by, now=now)
    return made


def replace(
    current: Assignment,
    *,
    party: Party,
    at: datetime,
    by: Person,
    now: datetime,
    answering: Person | None = None,
    announce: bool = True,
) -> Assignment:
    """From `at` on `party` holds the role instead; no instant is without a holder, none has two.

    Whoever loses the role is told, and who gets it, unless whoever calls tells them in words of its own
    (`announce=False`). Outdated when `current` is no longer what is known, Over when it has ended, so that nobody
    undoes a change they have not seen. `answering` as in `assign`, deputies too.
    """
    subject = current.subject
    with open_to(party, subject):
        answering = speaking.answering_of(party, answering)
        seen = _still_known(current)
        if seen.party == party:
            raise AlreadyHolds(field="party")
        if seen.during.upper is not None and seen.during.upper <= max(at, now):
            raise Over
        reaching = _known_of(subject, seen.role).filter(during__overlap=(at, None))
        if seen.role != AssignmentRole.ACCOUNTABLE:
            reaching = reaching.filter(pk=seen.pk)
        rows = list(reaching)
        known = max([now, *(row.known_from for row in rows)])
        for row in rows:
            _cut(row, at, by=by, known=known)
        known = _not_both(subject, seen.role, party, at, by=by, known=known)
        made = _insert(subject, seen.role, party, (at, None), by=by, known_from=known, answering=answering)
        speaking.say_yes(made, by=by, now=now)
        _tell(made, before=seen.party, after=party, at=at, by=by, now=now)
        if announce:
            lost = dict.fromkeys(row.party for row in rows if row.party != party)
            announcing.assigned(made, before=list(lost), by=by, now=now)
    return made


def end(assignment: Assignment, *, at: datetime, by: Person, now: datetime) -> Assignment:
    """The party holds the role until `at` and no longer; returns the shortened row."""
    with locked(assignment.subject):
        seen = _still_known(assignment)
        begins, ends = seen.during.lower, seen.during.upper
        if begins is not None and at <= begins:
            raise Invalid("It must end after it began; if it never was so, correct it instead.", field="at")
        if ends is not None and at >= ends:
            raise Invalid("It ends before that time already.", field="at")
        known = max(now, seen.known_from)
        _supersede(seen, known)
        shortened = _again(seen, (begins, at), by=by, known_from=known)
        _tell(seen, before=seen.party, after=None, at=at, by=by, now=now)
        announcing.ended(seen, by=by, now=now)
    return shortened


def correct(
    assignment: Assignment,
    *,
    party: Party,
    since: datetime,
    by: Person,
    now: datetime,
    until: datetime | None = None,
    answering: Person | None = None,
) -> Assignment:
    """It was otherwise all along: supersede a row by the right party and time. Answers of before now stay as given.

    The past may name people who left, and who of a team answered then whether or not they are in it today. Refused for
    who was accountable and deputy in the same time: one of the two has to be corrected first.
    """
    if until is not None and until <= since:
        raise Invalid("It must end after it began.", field="until")
    if isinstance(party, Person) and answering is not None:
        raise Invalid(speaking.ALONE, field="answering")
    with locked(assignment.subject):
        seen = _still_known(assignment)
        _require_not_both(seen, party, (since, until))
        known = max(now, seen.known_from)
        _supersede(seen, known)
        made = _insert(seen.subject, seen.role, party, (since, until), by=by, known_from=known, answering=answering)
        if seen.party != party:  # who only mends the time of what is theirs says nothing new
            speaking.say_yes(made, by=by, now=now)
        _tell(made, before=seen.party, after=party, at=since, by=by, now=now)
        announcing.corrected(made, before=seen.party, by=by, now=now)
    return made


def retract(assignment: Assignment, *, by: Person, now: datetime) -> None:
    """It never was so: supersede a row by nothing. Answers of before now stay as given."""
    with locked(assignment.subject):
        seen = _still_known(assignment)
        _supersede(seen, max(now, seen.known_from))
        _tell(seen, before=seen.party, after=None, at=seen.during.lower or now, by=by, now=now)
        announcing.retracted(seen, by=by, now=now)


def name_answering(
    assignment: Assignment, person: Person, *, by: Person, now: datetime, at: datetime | None = None
) -> Assignment:
    """From `at` on (None: from now) this member answers for the team that holds a role; before, it stays as it was.

    Who is accountable does not change, so nobody is told of a change of owner.
    """
    with locked(assignment.subject):
        seen = _still_known(assignment)
        if speaking.answering_of(seen.party, person) == seen.answering:
            return seen  # said already
        begins, ends = seen.during.lower, seen.during.upper
        from_ = max(at or now, begins) if begins else at or now
        if ends is not None and from_ >= ends:
            raise Invalid("Its time is over; correct it instead if somebody else answered.", field="person")
        known = max(now, seen.known_from)
        _cut(seen, from_, by=by, known=known)
        return _insert(seen.subject, seen.role, seen.party, (from_, ends), by=by, known_from=known, answering=person)


@contextmanager
def open_to(party: Party, subject: Subject) -> Iterator[None]:
    """As `locked`, with a party that is here and a subject that lives: so they are by now, and stay until the end."""
    with translated():
        require_present(still(party))
        with locked(subject) as seen:
            require_living(seen)
            yield


@contextmanager
def locked(subject: Subject) -> Iterator[Subject]:
    """One transaction in which nobody else changes who answers for the subject; it is as it stands by now."""
    with translated():
        yield still(subject)


def still(row: One) -> One:
    """A party or subject as it is by now, which nobody changes until the transaction ends."""
    return row.__class__._default_manager.select_for_update(no_key=True).get(pk=row.pk)


def _known_of(subject: Subject, role: str) -> Any:
    rows = Assignment.objects.filter(role=role, superseded_at=None, **subject_columns(subject))
    return rows.select_related("person", "team", "answering").order_by("during", "pk")


def _not_both(subject: Subject, role: str, party: Party, at: datetime, *, by: Person, known: datetime) -> datetime:
    """Keep a party from being accountable and deputy at once from `at` on; returns when this is known."""
    if role not in NOT_BOTH:
        return known
    held = _known_of(subject, NOT_BOTH[role])
    rows = list(held.filter(during__overlap=(at, None), **party_columns(party)))
    if rows and role == AssignmentRole.DEPUTY:
        raise AlreadyHolds(f"{party} is accountable for it already; choose another deputy.", field="party")
    known = max([known, *(row.known_from for row in rows)])
    for row in rows:
        _cut(row, at, by=by, known=known)
    return known


def _require_not_both(row: Assignment, party: Party, during: tuple[datetime, datetime | None]) -> None:
    """What is said of the past is not cut to fit: it says itself what else was otherwise."""
    other = NOT_BOTH.get(row.role)
    if other and _known_of(row.subject, other).filter(during__overlap=during, **party_columns(party)).exists():
        was = AssignmentRole(other).label.lower()
        raise AlreadyHolds(f"{party} is on record as {was} in that time; correct that first.", field="party")


def _still_known(assignment: Assignment) -> Assignment:
    known = Assignment.objects.filter(Q(pk=assignment.pk) & Q(superseded_at=None))
    row = known.select_related("person", "team", "answering", "service", "component", "dependency").first()
    if row is None:
        raise Outdated
    return row


def _cut(row: Assignment, at: datetime, *, by: Person, known: datetime) -> None:
    """Supersede a row by its part before `at`, if there is one."""
    _supersede(row, known)
    begins = row.during.lower
    if begins is None or begins < at:
        _again(row, (begins, at), by=by, known_from=known)


def _again(
    row: Assignment, during: tuple[datetime | None, datetime | None], *, by: Person, known_from: datetime
) -> Assignment:
    """The same party in the same role, in another time."""
    return _insert(row.subject, row.role, row.party, during, by=by, known_from=known_from, answering=row.answering)


def _supersede(row: Assignment, known: datetime) -> None:
    row.superseded_at = known
    row.save(update_fields=["superseded_at"])


def _insert(
    subject: Subject,
    role: str,
    party: Party,
    during: tuple[datetime | None, datetime | None],
    *,
    by: Person,
    known_from: datetime,
    answering: Person | None,
) -> Assignment:
    return Assignment.objects.create(
        **subject_columns(subject),
        **party_columns(party),
        role=role,
        answering=answering,
        during=DateTimeTZRange(*during),  # as it comes back from the database
        known_from=known_from,
        made_by=by,
    )


def subject_columns(subject: Subject) -> dict[str, Any]:
    """The column that names the subject, to filter by and to insert."""
    return {column_of(subject): subject}


def party_columns(party: Party) -> dict[str, Any]:
    """The column that names the party."""
    return {"person": party} if isinstance(party, Person) else {"team": party}


def require_present(party: Party) -> None:
    """Refuse somebody who is no longer here."""
    if not party.is_active if isinstance(party, Person) else party.dissolved_at is not None:
        raise Invalid(f"{party} is no longer here; choose somebody else.", field="party")


def require_living(subject: Subject) -> None:
    """Refuse what is retired, and a seam of which an end is."""
    if isinstance(subject, Dependency):
        ends = Component.objects.filter(pk__in=[subject.upstream_id, subject.downstream_id])
        retired: object = ends.filter(retired_at__isnull=False).first()
    else:
        retired = subject if subject.retired_at else None
    if retired:
        raise Invalid(f"{retired} is retired; nobody can be assigned to {'it' if retired == subject else subject}.")


def _tell(
    row: Assignment, *, before: Party | None, after: Party | None, at: datetime, by: Person, now: datetime
) -> None:
    """Let other rooms act in the same transaction when an accountable owner changes."""
    if row.role != AssignmentRole.ACCOUNTABLE:
        return
    registry.tell(
        "owner_changed",
        service_id=row.service_id,
        component_id=row.component_id,
        dependency_id=row.dependency_id,
        before=before,
        after=after,
        at=at,
        by=by,
        now=now,
    )
