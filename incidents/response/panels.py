"""What the pages of a service and of a hand-over show of its open incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from incidents.response.models import Incident
from incidents.response.queries import debts
from ownership.models import Person
from web.registry import Panel

TEMPLATE = "incidents/service_panel.html"
DEBTS = "incidents/handover_panel.html"
SHOWN = 5


def on_services(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """A panel for every service: its open incidents, the latest SHOWN of them by name; one query for any number."""
    still_open: dict[int, list[Incident]] = defaultdict(list)
    incidents = Incident.objects.filter(service__in=service_ids, resolved_at__isnull=True)
    for incident in incidents.only("title", "severity", "service_id", "detected_at").order_by("-detected_at", "-pk"):
        if incident.service_id is not None:
            still_open[incident.service_id].append(incident)
    return {
        service_id: Panel(
            TEMPLATE,
            {"shown": still_open[service_id][:SHOWN], "more": max(0, len(still_open[service_id]) - SHOWN)},
        )
        for service_id in service_ids
    }


def on_handovers(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each service that has open incidents; one query."""
    return {service: Panel(DEBTS, {"open": found}) for service, found in debts.open_incidents(service_ids).items()}
