"""What the pages of incidents, services and components show of changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils import timezone

from incidents.alerts import access
from incidents.alerts.queries import changes, upstream
from incidents.response import access as response
from incidents.response.models import Incident
from ownership.models import Person, Service
from web.registry import Panel

ON_INCIDENT = "alerts/changes_before.html"
LATEST = "alerts/changes_panel.html"
SHOWN = 5


def on_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, Panel]:
    """What changed before each incident, the nearest SHOWN; the reads of `upstream.of` for each."""
    incidents = Incident.objects.select_related("service", "component").filter(pk__in=incident_ids)
    may_respond = response.may_respond(viewer)
    return {
        one.pk: Panel(
            ON_INCIDENT,
            {"main": True, "incident": one, "upstream": upstream.of(one, limit=SHOWN), "may_respond": may_respond},
        )
        for one in incidents
    }


def on_components(viewer: Person, component_ids: Collection[int]) -> Mapping[int, Panel]:
    """The last changes of each component; one query."""
    found = changes.last_of_components(component_ids)
    return {number: _latest(viewer, rows, component=number) for number, rows in found.items()}


def on_services(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """The last changes of each service with its parts and its owner; three queries for each, and one."""
    now = timezone.now()
    slugs = dict(Service.objects.filter(pk__in=service_ids).values_list("pk", "slug"))
    return {
        number: _latest(viewer, changes.last_of_service(number, now=now), service=slug)
        for number, slug in slugs.items()
    }


def _latest(viewer: Person, rows: list[changes.Entry], **of: int | str) -> Panel:
    context = {
        "rows": rows[: changes.OF_PANEL],
        "more": len(rows) > changes.OF_PANEL,
        "may_record": access.may_record(viewer),
        **of,
    }
    return Panel(LATEST, context)
