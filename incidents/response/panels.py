"""What other rooms' pages show of incidents."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from incidents.response.queries import debts
from ownership.models import Person
from web.registry import Panel

DEBTS = "incidents/handover_panel.html"


def on_handovers(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each service that has open incidents; one query."""
    return {service: Panel(DEBTS, {"open": found}) for service, found in debts.open_incidents(service_ids).items()}
