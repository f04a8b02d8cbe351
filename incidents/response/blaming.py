"""First blame: what is suspected before anybody knows. Asked once, answered by a layer or "not known yet", frozen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from incidents.response import timeline
from incidents.response.locking import locked
from incidents.response.models import Incident, TimelineRow
from incidents.response.vocabulary import BLAME_NOT_KNOWN, Layer, TimelineKind
from ownership.models import Person
from web import registry
from web.errors import DomainError

BLAMED = "first_blamed"  # what listeners of the registry are told by: `numbers` of incidents, and the `layer`


class FirstBlameFrozen(DomainError):
    """First blame is frozen once set; what was found goes into the findings."""

    code = "first_blame_frozen"


def blame(incident: Incident, *, layer: str, by: Person, now: datetime) -> Incident:
    """Answer later: a Layer, which is frozen from then on, or BLAME_NOT_KNOWN."""
    with locked(incident) as current:
        answer(current, layer, by=by, now=now)
    return current


def answer(current: Incident, said: str, *, by: Person, now: datetime) -> None:
    """The answer that came with another act on this locked row; empty when nobody was asked.

    "Not known yet" is kept as the first answer and leaves room for a layer; after one it changes nothing.
    """
    if said == BLAME_NOT_KNOWN:
        if not current.blamed:
            current.blame_unknown_at, current.blame_unknown_by = now, by
            current.save(update_fields=["blame_unknown_at", "blame_unknown_by", "changed_at"])
            _tell(current, "Not known yet", said, by=by, now=now)
        return
    require_unblamed(current, said)
    if said and not current.first_blame:
        current.first_blame, current.first_blamed_at, current.first_blamed_by = said, now, by
        current.save(update_fields=["first_blame", "first_blamed_at", "first_blamed_by", "changed_at"])
        _tell(current, Layer(said).label, said, by=by, now=now)
        registry.tell(BLAMED, numbers=[current.pk], layer=said)


def answer_all(taken: Collection[Incident], said: str, *, by: Person, now: datetime) -> list[TimelineRow]:
    """The same answer of many locked rows, where it is a first one; returns what the timeline says. One statement."""
    asked = [one for one in taken if not (one.blamed if said == BLAME_NOT_KNOWN else one.first_blame)]
    if not said or not asked:
        return []
    answered = {"first_blame": said, "first_blamed_at": now, "first_blamed_by": by}
    if said == BLAME_NOT_KNOWN:
        answered = {"blame_unknown_at": now, "blame_unknown_by": by}
    numbers = [one.pk for one in asked]
    Incident.objects.filter(pk__in=numbers).update(**answered, changed_at=now)
    if said != BLAME_NOT_KNOWN:
        registry.tell(BLAMED, numbers=numbers, layer=said)
    text = "Not known yet" if said == BLAME_NOT_KNOWN else str(Layer(said).label)
    kind, data = TimelineKind.FIRST_BLAME, {"layer": said}
    return [timeline.row(one, kind, at=now, now=now, by=by, text=text, data=data) for one in asked]


def require_unblamed(current: Incident, said: str) -> None:
    """Raise FirstBlameFrozen for another layer than the one that was blamed."""
    if said and said != BLAME_NOT_KNOWN and current.first_blame and said != current.first_blame:
        raise FirstBlameFrozen


def _tell(current: Incident, text: str, said: str, *, by: Person, now: datetime) -> None:
    timeline.add(current, TimelineKind.FIRST_BLAME, at=now, now=now, by=by, text=text, data={"layer": said})
