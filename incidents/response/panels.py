"""What the pages of a service and of a hand-over show of its open incidents."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.urls import reverse
from django.utils import timezone

from incidents.response.queries import debts
from ownership.models import Person, Team
from web.registry import Item, Panel

TEMPLATE = "incidents/service_panel.html"
DEBTS = "incidents/handover_panel.html"
RECURRING = "incidents/handover_modes.html"
SHOWN = 5


def on_services(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """A panel for every service: its open incidents, the worst of them by name; one query for any number."""
    found = debts.open_incidents(viewer, service_ids)
    return {service_id: Panel(TEMPLATE, {"open": found.get(service_id)}) for service_id in service_ids}


def on_handovers(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each service that has open incidents; one query."""
    found = debts.open_incidents(viewer, service_ids)
    return {service: Panel(DEBTS, {"open": one}) for service, one in found.items()}


def on_component_handovers(viewer: Person, component_ids: Collection[int]) -> Mapping[int, Panel]:
    """The same for a component's own incidents; one query."""
    found = debts.open_incidents(viewer, component_ids, of="component")
    return {component: Panel(DEBTS, {"open": one}) for component, one in found.items()}


def recurring_on_component_handovers(viewer: Person, component_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each component in which the same failure mode was found again; two queries."""
    found = debts.recurring_modes(viewer, component_ids, at=timezone.now(), of="component")
    return {component: Panel(RECURRING, {"modes": modes[:SHOWN]}) for component, modes in found.items()}


def recurring_on_handovers(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each service where the same failure mode came back; two queries."""
    found = debts.recurring_modes(viewer, service_ids, at=timezone.now())
    return {service: Panel(RECURRING, {"modes": modes[:SHOWN]}) for service, modes in found.items()}


def balls_to_pass(viewer: Person, *, party: Person | Team | None, limit: int) -> list[Item]:
    """Open incidents of somebody who is no longer here, for the list of what wants a new owner."""
    if isinstance(party, Team):
        return []
    return [
        Item(one.pk, str(one), reverse("incidents:incident", args=[one.pk]), one.ball, since=one.detected_at)
        for one in debts.without_ball(viewer, person=party, limit=limit)
    ]
