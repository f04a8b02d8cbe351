"""Saying that nobody needs to answer for something, on purpose and with the reason, and thinking otherwise later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists

from ownership import assigning, handing_over
from ownership.assigning import Party
from ownership.models import Assignment, Person, Waiver
from ownership.models.assignments import Subject
from ownership.vocabulary import AssignmentRole
from web.errors import DomainError, Invalid


class SomebodyAnswers(DomainError):
    """Somebody answers for this already; end that first if nobody needs to."""

    code = "somebody_answers"


class EndedAlready(DomainError):
    """It is no longer marked as deliberately unowned."""

    code = "ended_already"


def waive(subject: Subject, *, reason: str, by: Person, now: datetime) -> Waiver:
    """Nobody needs to answer for the subject from now on; SomebodyAnswers while one who is here does."""
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid("Say why nobody needs to answer for it.", field="reason")
    assigning.require_living(subject)
    with assigning.locked(subject):
        current = handing_over.accountable_row(subject, at=now)
        if current is not None and current.party.is_here(now):
            raise SomebodyAnswers(f"{current.party} answers for it; end that first if nobody needs to.")
        return Waiver.objects.create(**assigning.subject_columns(subject), reason=reason, made_by=by, made_at=now)


def end(waiver: Waiver, *, by: Person, now: datetime) -> Waiver:
    """Somebody has to answer for it again."""
    with assigning.locked(waiver.subject):
        seen = Waiver.objects.get(pk=waiver.pk)
        if seen.ended_at is not None:
            raise EndedAlready
        seen.ended_at, seen.ended_by = now, by
        seen.save(update_fields=["ended_at", "ended_by"])
    return seen


def owner_found(
    *,
    service_id: int | None,
    component_id: int | None,
    dependency_id: int | None,
    after: Party | None,
    by: Person,
    now: datetime,
    **_: Any,
) -> None:
    """Hear that somebody is accountable, now or from a time ahead: what was unowned on purpose no longer is."""
    if after is None:
        return
    about = {"service": service_id, "component": component_id, "dependency": dependency_id}
    held = Assignment.objects.filter(
        **about, role=AssignmentRole.ACCOUNTABLE, superseded_at=None, during__overlap=DateTimeTZRange(now, None)
    )
    Waiver.objects.filter(Exists(held), **about, ended_at=None).update(ended_at=now, ended_by=by)
