"""Saying that nobody needs to answer for something, on purpose and with the reason, and thinking otherwise later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, QuerySet

from ownership import assigning
from ownership.assigning import Party
from ownership.models import Assignment, Person, Waiver
from ownership.models.assignments import SUBJECTS, Subject
from ownership.queries import owners
from ownership.vocabulary import AssignmentRole
from web.errors import DomainError, Invalid


class SomebodyAnswers(DomainError):
    """Somebody answers for this already; end that first if nobody needs to."""

    code = "somebody_answers"


class EndedAlready(DomainError):
    """It is no longer marked as deliberately unowned."""

    code = "ended_already"


def waive(subject: Subject, *, reason: str, by: Person, now: datetime) -> Waiver:
    """Nobody needs to answer for the subject from now on; SomebodyAnswers while one who is here does, or soon will."""
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid("Say why nobody needs to answer for it.", field="reason")
    with assigning.locked(subject) as seen:
        assigning.require_living(seen)
        held = _held(now).filter(owners.PRESENT, **assigning.subject_columns(subject)).order_by("during")
        found = held.select_related("person", "team").first()
        if found is not None:
            begins = found.during.lower
            from_ = f" from {begins:%Y-%m-%d %H:%M} UTC on" if begins and begins > now else ""
            raise SomebodyAnswers(f"{found.party} answers for it{from_}; end that first if nobody needs to.")
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
    held = _held(now).filter(**about)
    Waiver.objects.filter(Exists(held), **about, ended_at=None).update(ended_at=now, ended_by=by)


def owner_back(party: Party, *, by: Person, now: datetime) -> None:
    """Somebody is here again: what is unowned on purpose ends where they are accountable, now or from a time ahead."""
    theirs = _held(now).filter(**assigning.party_columns(party))
    for subject in SUBJECTS:
        again = theirs.filter(**{f"{subject}__isnull": False}).values(subject)
        Waiver.objects.filter(**{f"{subject}__in": again}, ended_at=None).update(ended_at=now, ended_by=by)


def _held(now: datetime) -> QuerySet[Assignment]:
    """By what is known now, who is accountable for what, now or from a time ahead."""
    ahead = DateTimeTZRange(now, None)
    return Assignment.objects.filter(role=AssignmentRole.ACCOUNTABLE, superseded_at=None, during__overlap=ahead)
