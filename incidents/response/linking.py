"""Linking incidents that have to do with each other, and taking a link away; both ends' timelines say so."""

from __future__ import annotations

from datetime import datetime

from incidents.response import timeline
from incidents.response.models import Incident, IncidentLink
from incidents.response.vocabulary import LinkKind, TimelineKind
from ownership.models import Person
from web.errors import DomainError, Invalid, translated


class NotLinked(DomainError):
    """This link was taken away already."""

    code = "not_linked"


def link(one: Incident, *, kind: str, other: Incident, by: Person, now: datetime) -> IncidentLink:
    """`one` relates to, was caused by or duplicates `other`. A second one of the kind between them is refused."""
    if kind not in LinkKind.values:
        raise Invalid("Choose what they have to do with each other.", field="kind")
    if one.pk == other.pk:
        raise Invalid("An incident is not linked to itself.", field="other")
    with translated():
        made = IncidentLink.objects.create(one=one, other=other, kind=kind, by=by, at=now)
        _tell(made, one, other, verb="", by=by, now=now)
    return made


def unlink(found: IncidentLink, *, by: Person, now: datetime) -> None:
    """Take a link away; that it was there stays on record."""
    with translated():
        if not IncidentLink.objects.filter(pk=found.pk, ended_at=None).update(ended_at=now, ended_by=by):
            raise NotLinked
        _tell(found, found.one, found.other, verb="no longer: ", by=by, now=now)


def _tell(made: IncidentLink, one: Incident, other: Incident, *, verb: str, by: Person, now: datetime) -> None:
    kind = LinkKind(made.kind)
    timeline.add_all(
        timeline.row(
            place,
            TimelineKind.LINKED,
            at=now,
            now=now,
            by=by,
            text=f"{verb}{words.lower()} {there.ref}",
            data={"incident": there.pk, "link": made.pk, "kind": made.kind},
        )
        for place, there, words in ((one, other, kind.label), (other, one, kind.back))
    )
