"""Taking part in an incident: people join and leave, are brought in and taken out, and hold a role one at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from incidents.response import timeline, withdrawing
from incidents.response.models import Incident, Participation
from incidents.response.queries import people
from incidents.response.vocabulary import IncidentRole, TimelineKind
from ownership import notifying
from ownership.models import Person
from ownership.vocabulary import NoticeKind
from web.errors import DomainError, Invalid, translated


class NotTakingPart(DomainError):
    """This person takes no part in the incident."""

    code = "not_taking_part"


def begin(incident: Incident, person: Person, *, now: datetime) -> None:
    """Whoever acts on an incident takes part in it, which needs no row of its own; one statement, twice is once.

    Runs inside the caller's transaction.
    """
    Participation.objects.bulk_create(
        [Participation(incident=incident, person=person, since=now, by=person)], ignore_conflicts=True
    )


def begin_all(numbers: Collection[int], person: Person, *, now: datetime) -> None:
    """The same for many incidents at once; one statement."""
    rows = [Participation(incident_id=number, person=person, since=now, by=person) for number in numbers]
    Participation.objects.bulk_create(rows, ignore_conflicts=True)


def bring_all(here: Incident, there: Incident, *, by: Person, now: datetime) -> list[int]:
    """Who takes part here, declared it or has the ball takes part there from now on; returns whom this brought.

    Two statements, no row, no notice. Runs inside the caller's transaction.
    """
    numbers = {one.pk: set[int]() for one in (here, there)}
    rows = Participation.objects.filter(incident__in=numbers, ended_at=None)
    for number, person in rows.values_list("incident", "person"):
        numbers[number].add(person)
    numbers[here.pk] |= {one for one in (here.declared_by_id, here.ball_id) if one is not None}
    brought = sorted(numbers[here.pk] - numbers[there.pk])
    Participation.objects.bulk_create(
        [Participation(incident=there, person_id=person, since=now, by=by) for person in brought],
        ignore_conflicts=True,
    )
    return brought


def join(incident: Incident, *, by: Person, now: datetime) -> None:
    """Take part. Twice is once."""
    bring_in(incident, by, by=by, now=now)


def bring_in(incident: Incident, person: Person, *, by: Person, now: datetime) -> None:
    """Let somebody take part, and so see it while it is private; they are told. Twice is once."""
    with _locked(incident) as current:
        if _is_in(current, person):
            return
        _enter(current, person, by=by, now=now)
        text = "joined" if person == by else f"brought in {person}"
        _tell(current, text, person=person, by=by, now=now)
        _notify(current, person, f"{by} brought you in", by=by, now=now)


def let_in(incident: Incident, person: Person, *, by: Person, now: datetime) -> None:
    """Somebody was given work on it: they take part from now on. Locks nothing; runs in the caller's transaction."""
    Participation.objects.bulk_create(
        [Participation(incident=incident, person=person, since=now, by=by)], ignore_conflicts=True
    )
    _tell(incident, f"brought in {person}", person=person, by=by, now=now)


def leave(incident: Incident, *, by: Person, now: datetime) -> None:
    """Take no part any more; what one held is free again."""
    take_out(incident, by, by=by, now=now)


def take_out(incident: Incident, person: Person, *, by: Person, now: datetime) -> None:
    """End all that somebody does in it; a private incident is then closed to them, unless it is their own."""
    with _locked(incident) as current:
        held = [row.get_role_display() for row in _now(current, person).exclude(role=IncidentRole.PARTICIPANT)]
        if not _now(current, person).update(ended_at=now, ended_by=by):
            raise NotTakingPart
        text = "left" if person == by else f"took out {person}"
        also = f", who was {_listed(held)}" if held and person != by else f" and was {_listed(held)}" if held else ""
        _tell(current, text + also, person=person, by=by, now=now)
        if current.private:
            withdrawing.narrowed([current.pk])


def give_role(incident: Incident, role: str, *, to: Person | None, by: Person, now: datetime) -> None:
    """Somebody holds a role from now on, instead of whoever held it; None leaves it free.

    They take part and are told.
    """
    if role not in IncidentRole.values or role == IncidentRole.PARTICIPANT:
        raise Invalid("Choose one of the roles.", field="role")
    if to is not None and not to.is_active:
        raise Invalid(f"{to} is no longer here.", field="person")
    named = IncidentRole(role).label.lower()
    with _locked(incident) as current:
        held = people.current(current).filter(role=role).first()
        if (held.person if held else None) == to:
            return
        if held is not None:
            Participation.objects.filter(pk=held.pk).update(ended_at=now, ended_by=by)
        if to is not None:
            if not _is_in(current, to):
                _enter(current, to, by=by, now=now)
            Participation.objects.create(incident=current, person=to, role=role, since=now, by=by)
            _notify(current, to, f"{by} made you {named}", by=by, now=now)
        text = f"{named}: {to or 'nobody'}" + (f" instead of {held.person}" if held else "")
        _tell(current, text, person=to or (held.person if held else by), role=role, by=by, now=now)


def _enter(incident: Incident, person: Person, *, by: Person, now: datetime) -> None:
    if not person.is_active:
        raise Invalid(f"{person} is no longer here.", field="person")
    Participation.objects.create(incident=incident, person=person, since=now, by=by)


def _is_in(incident: Incident, person: Person) -> bool:
    return _now(incident, person).filter(role=IncidentRole.PARTICIPANT).exists()


def _now(incident: Incident, person: Person) -> QuerySet[Participation]:
    return Participation.objects.filter(incident=incident, person=person, ended_at=None)


def _tell(incident: Incident, text: str, *, person: Person, by: Person, now: datetime, role: str = "") -> None:
    data = {"person": person.pk, **({"role": role} if role else {})}
    timeline.add(incident, TimelineKind.PEOPLE, at=now, now=now, by=by, text=text, data=data)


def _notify(incident: Incident, person: Person, said: str, *, by: Person, now: datetime) -> None:
    path = reverse("incidents:incident", args=[incident.pk])
    text = f"{said}: {incident}"
    notifying.tell([person], kind=NoticeKind.GIVEN, text=text, path=path, now=now, besides=by)


def _listed(names: list[str]) -> str:
    return " and ".join(name.lower() for name in names)


@contextmanager
def _locked(incident: Incident) -> Iterator[Incident]:
    """The incident's row, locked, so that two who give the same role come one after the other."""
    with translated():
        yield Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=incident.pk)
