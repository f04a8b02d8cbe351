"""Alerts and changes as evidence: which are offered, and what a reference to one leads to."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, Q
from django.urls import reverse

from incidents.alerts.change_models import Change
from incidents.alerts.models import Alert
from incidents.alerts.queries import changes, upstream
from incidents.response.models import Incident
from incidents.response.queries import merged, visible
from ownership.models import Person
from web.references import Offer, Target

FIRST, LATEST, CHANGES = 5, 10, 10


def alerts(viewer: Person, number: int, ids: Collection[str]) -> dict[str, Target]:
    """Alerts by their ids; one that was moved says where to, one whose incident the viewer does not see is left out."""
    wanted = [int(one) for one in ids if one.isdecimal()]
    own = {number, *merged.family(number)}
    shown = Alert.objects.filter(Q(incident__in=own) | visible.clause_or_none(viewer), pk__in=wanted)
    return {str(one.pk): _alert(one, own) for one in shown.select_related("source")}


def offered_alerts(viewer: Person, number: int) -> list[Offer]:
    """The first alerts of an incident that the caller was let to see and its latest, in the order they began."""
    mine = Alert.objects.filter(incident=number, is_test=False, times_seen__gt=0).select_related("source")
    first = list(mine.order_by("started_at", "pk")[:FIRST])
    rest = mine.exclude(pk__in=[one.pk for one in first]).order_by(F("started_at").desc(), "-pk")[:LATEST]
    return [
        Offer(str(one.pk), one.title, _note(one)) for one in sorted((*first, *rest), key=lambda one: one.started_at)
    ]


def suggesting(incident: Incident) -> list[Alert]:
    """The first alerts that said what the incident's suggestion says; one query."""
    said = incident.suggestion
    mine = Alert.objects.filter(
        incident=incident, layer=incident.suggested_layer, suggestion__book=said.get("book"),
        suggestion__rule=said.get("rule"),
    )  # fmt: skip
    return list(mine.order_by("started_at", "pk")[:FIRST])


def changed(viewer: Person, number: int, ids: Collection[str]) -> dict[str, Target]:
    """Changes by their lines, as they stand now; everybody who is signed in reads changes."""
    lines = {line for one in ids if (line := _uuid(one)) is not None}
    rows = Change.objects.filter(line__in=lines, superseded_at=None).select_related("component", "service")
    return {str(one.line): _change(one) for one in rows}


def offered_changes(viewer: Person, number: int) -> list[Offer]:
    """The changes that somebody suspects, then the nearest before the incident."""
    incident = Incident.objects.filter(visible.clause(viewer), pk=number).select_related("service", "component").first()
    if incident is None:
        return []
    offers = {
        str(one.line): Offer(str(one.line), changes.words(one), "suspected") for one in upstream.suspected(incident.pk)
    }
    for near in upstream.of(incident, limit=CHANGES).rows:
        if near.change is not None:
            line = str(near.change.line)
            offers.setdefault(line, Offer(line, changes.words(near.change), near.why))
    return list(offers.values())


def _alert(one: Alert, own: Collection[int]) -> Target:
    page = reverse("incidents:incident", args=[one.incident_id]) if one.incident_id else ""
    moved = "" if one.incident_id in own else f"moved to INC-{one.incident_id}" if one.incident_id else "taken out"
    return Target(f"{one.title} ({one.source.name})", f"{page}#alert-{one.pk}" if page else "", moved)


def _note(one: Alert) -> str:
    suggests = f", suggests {one.layer}" if one.layer else ""
    return f"{one.source.name}, began {one.started_at:%d %b %H:%M} UTC{suggests}"


def _change(one: Change) -> Target:
    said = changes.words(one)
    return Target(said, one.get_absolute_url(), "withdrawn: it never was" if one.withdrawn_why else "")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
