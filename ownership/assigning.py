"""Who holds which role, from when to when. Nothing is overwritten: a row is superseded by what is known better.

The service, component or seam is locked first, so that two writers wait for each other instead of meeting in a
deadlock; the exclusion constraint has the last word.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from ownership.models import Assignment, Component, Dependency, Person, Service, Team
from ownership.vocabulary import AssignmentRole
from web import registry
from web.errors import DomainError, Invalid, translated

Party = Person | Team
Subject = Service | Component | Dependency


class AlreadyHolds(DomainError):
    """They hold this role already in that time; choose somebody else, or end it first."""

    code = "already_holds"


class Outdated(DomainError):
    """Somebody changed who answers meanwhile; look again before you change it."""

    code = "outdated"


def assign(*, subject: Subject, role: str, party: Party, since: datetime, by: Person, now: datetime) -> Assignment:
    """Give a party a role from `since` on; refused while somebody else is accountable in that time."""
    require_present(party)
    require_living(subject)
    with locked(subject):
        holds = _known_of(subject, role).filter(during__overlap=(since, None), **party_columns(party))
        if holds.exists():
            raise AlreadyHolds(field="party")
        made = _insert(subject, role, party, (since, None), by=by, known_from=now)
        _tell(made, before=None, after=party, at=since, by=by, now=now)
    return made


def replace(current: Assignment, *, party: Party, at: datetime, by: Person, now: datetime) -> Assignment:
    """From `at` on `party` holds the role instead; no instant is without a holder, none has two.

    Outdated when `current` is no longer what is known, so that nobody undoes a change they have not seen.
    """
    require_present(party)
    subject = subject_of(current)
    with locked(subject):
        seen = _still_known(current)
        if seen.party == party:
            raise AlreadyHolds(field="party")
        reaching = _known_of(subject, seen.role).filter(during__overlap=(at, None))
        if seen.role != AssignmentRole.ACCOUNTABLE:
            reaching = reaching.filter(pk=seen.pk)
        rows = list(reaching)
        known = max([now, *(row.known_from for row in rows)])
        for row in rows:
            _cut(row, at, by=by, known=known)
        made = _insert(subject, seen.role, party, (at, None), by=by, known_from=known)
        _tell(made, before=seen.party, after=party, at=at, by=by, now=now)
    return made


def end(assignment: Assignment, *, at: datetime, by: Person, now: datetime) -> Assignment:
    """The party holds the role until `at` and no longer; returns the shortened row."""
    with locked(subject_of(assignment)):
        seen = _still_known(assignment)
        begins, ends = seen.during.lower, seen.during.upper
        if begins is not None and at <= begins:
            raise Invalid("It must end after it began; if it never was so, correct it instead.", field="at")
        if ends is not None and at >= ends:
            raise Invalid("It ends before that time already.", field="at")
        known = max(now, seen.known_from)
        _supersede(seen, known)
        shortened = _insert(subject_of(seen), seen.role, seen.party, (begins, at), by=by, known_from=known)
        _tell(seen, before=seen.party, after=None, at=at, by=by, now=now)
    return shortened


def correct(
    assignment: Assignment, *, party: Party, since: datetime, by: Person, now: datetime, until: datetime | None = None
) -> Assignment:
    """It was otherwise all along: supersede a row by the right party and time. Answers of before now stay as given."""
    if until is not None and until <= since:
        raise Invalid("It must end after it began.", field="until")
    with locked(subject_of(assignment)):
        seen = _still_known(assignment)
        known = max(now, seen.known_from)
        _supersede(seen, known)
        made = _insert(subject_of(seen), seen.role, party, (since, until), by=by, known_from=known)
        _tell(made, before=seen.party, after=party, at=since, by=by, now=now)
    return made


def subject_of(assignment: Assignment) -> Subject:
    """The service, component or seam that an assignment is about."""
    subject = assignment.service or assignment.component or assignment.dependency
    return cast("Subject", subject)  # assignment_one_subject holds it


@contextmanager
def locked(subject: Subject) -> Iterator[None]:
    """One transaction in which nobody else changes who answers for the subject."""
    with translated():
        type(subject)._default_manager.select_for_update(no_key=True).get(pk=subject.pk)
        yield


def _known_of(subject: Subject, role: str) -> Any:
    return Assignment.objects.filter(role=role, superseded_at=None, **subject_columns(subject)).order_by("during", "pk")


def _still_known(assignment: Assignment) -> Assignment:
    known = Assignment.objects.filter(Q(pk=assignment.pk) & Q(superseded_at=None))
    row = known.select_related("person", "team", "service", "component", "dependency").first()
    if row is None:
        raise Outdated
    return row


def _cut(row: Assignment, at: datetime, *, by: Person, known: datetime) -> None:
    """Supersede a row by its part before `at`, if there is one."""
    _supersede(row, known)
    begins = row.during.lower
    if begins is None or begins < at:
        _insert(subject_of(row), row.role, row.party, (begins, at), by=by, known_from=known)


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
) -> Assignment:
    return Assignment.objects.create(
        **subject_columns(subject),
        **party_columns(party),
        role=role,
        during=DateTimeTZRange(*during),  # as it comes back from the database
        known_from=known_from,
        made_by=by,
    )


def subject_columns(subject: Subject) -> dict[str, Any]:
    """The column that names the subject, to filter by and to insert."""
    if isinstance(subject, Service):
        return {"service": subject}
    return {"component": subject} if isinstance(subject, Component) else {"dependency": subject}


def party_columns(party: Party) -> dict[str, Any]:
    """The column that names the party."""
    return {"person": party} if isinstance(party, Person) else {"team": party}


def require_present(party: Party) -> None:
    """Refuse somebody who is no longer here."""
    if isinstance(party, Person) and not party.is_active:
        raise Invalid(f"{party} is no longer here; choose somebody else.", field="party")


def require_living(subject: Subject) -> None:
    """Refuse what is retired."""
    if not isinstance(subject, Dependency) and subject.retired_at:
        raise Invalid(f"{subject} is retired; nobody can be assigned to it.")


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
