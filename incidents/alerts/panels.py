"""What the page of an incident shows of its alerts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from incidents.alerts import access
from incidents.alerts.queries import members
from incidents.response.models import Incident
from ownership.models import Person
from web.registry import Panel

TEMPLATE = "alerts/panel.html"


def on_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each incident that has alerts; three queries for any number."""
    found = members.of_incidents(incident_ids)
    unowned = set(
        Incident.objects.filter(pk__in=found, service=None, resolved_at=None).values_list("pk", flat=True)
        if found and access.may_manage(viewer)
        else ()
    )
    return {
        number: Panel(
            TEMPLATE,
            {
                "main": True,
                "number": number,
                "members": alerts,
                "may_adopt": number in unowned and alerts.real > 0,
                "may_manage": access.may_manage(viewer),
            },
        )
        for number, alerts in found.items()
    }
