"""Splitting an incident: some of its alerts, and by choice its notes as quotations, become one of their own.

Merging the new one back into the first is the way back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from incidents.alerts import moving
from incidents.response import lifecycle, linking, participating, standing, timeline
from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import told
from incidents.response.vocabulary import LinkKind, TimelineKind
from ownership.models import Person
from web.errors import Invalid, translated


def split(
    incident: Incident,
    *,
    title: str = "",
    alerts: Collection[int] = (),
    notes: Collection[int] = (),
    by: Person,
    now: datetime,
) -> Incident:
    """A new incident of these alerts and notes, linked with the first; alerts move, notes stay and are quoted."""
    if not alerts and not notes:
        raise Invalid("Choose what goes: alerts, notes or both.", field="alert")
    if not alerts and not title.strip():
        raise Invalid("Give the new incident a title.", field="title")
    standing.require(incident)
    with translated():
        quoted = _notes(incident, notes)
        if alerts:
            made = moving.move(incident, alerts=alerts, to=None, title=title.strip(), by=by, now=now)
        else:
            made = lifecycle.declare(
                title=title.strip(), service=incident.service, by=by, now=now, private=incident.private
            )
            if incident.private:
                participating.bring_all(incident, made, by=by, now=now)
        timeline.add_all(_quotation(made, row, by=by, now=now) for row in quoted)
        linking.link(made, kind=LinkKind.SPLIT_FROM, other=incident, by=by, now=now)
    return made


def _notes(incident: Incident, notes: Collection[int]) -> list[TimelineRow]:
    asked = TimelineRow.objects.filter(incident=incident, kind=TimelineKind.NOTE, pk__in=notes)
    found = list(told.current(asked).order_by("at", "pk"))
    if len(found) < len(set(notes)):
        raise Invalid(
            "Not all of these are notes of this incident as they stand now; somebody changed one, or took it back.",
            field="note",
        )
    return found


def _quotation(made: Incident, row: TimelineRow, *, by: Person, now: datetime) -> TimelineRow:
    """The note's words at their time; who wrote them stands in the row that it refers to."""
    data = {"incident": row.incident_id, "row": row.pk, "by": row.by_id}
    return timeline.row(made, TimelineKind.QUOTED, at=row.at, now=now, by=by, text=row.text, data=data)
