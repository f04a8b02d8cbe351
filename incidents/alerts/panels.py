"""What the page of an incident shows of its alerts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils import timezone

from incidents.alerts import access
from incidents.alerts.queries import members, signals
from incidents.alerts.queries import reports as reported
from incidents.response.models import Incident
from ownership.models import Person, Service
from web.registry import Panel

TEMPLATE = "alerts/panel.html"
QUALITY = "alerts/quality_panel.html"


def on_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each incident that has alerts, with what people reported; six queries at most for any number."""
    found = members.of_incidents(incident_ids)
    reports = reported.of_incidents([number for number, alerts in found.items() if alerts.reports])
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
                "reports": reports.get(number, []),
                "viewer": viewer,
            },
        )
        for number, alerts in found.items()
    }


def quality_on_services(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """A panel for every service: what was said last about the quality of its answers; two queries for any number."""
    found, now = signals.of_services(service_ids), timezone.now()
    slugs = dict(Service.objects.filter(pk__in=service_ids).values_list("pk", "slug"))
    return {
        service_id: Panel(
            QUALITY,
            {
                "signals": found.get(service_id, []),
                "is_watched": signals.is_fresh(found.get(service_id, []), now=now),
                "days": signals.FRESH.days,
                "slug": slugs.get(service_id, ""),
            },
        )
        for service_id in service_ids
    }
