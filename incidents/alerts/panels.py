"""What the page of an incident shows of its alerts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils import timezone

from incidents.alerts import access
from incidents.alerts.queries import members, signals, similar
from incidents.alerts.queries import reports as reported
from incidents.response.models import Incident
from incidents.response.queries import policies
from ownership.models import Person, Service
from web.registry import Panel

TEMPLATE = "alerts/panel.html"
QUALITY = "alerts/quality_panel.html"
SIMILAR = "alerts/similar_panel.html"

GROUPING = "alerts/grouping_panel.html"


def on_services(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """How the alerts of each service become incidents, with the way to the page; two queries for any number."""
    now = timezone.now()
    slugs = dict(Service.objects.filter(pk__in=service_ids).values_list("pk", "slug"))
    held = policies.in_force({(service_id, now) for service_id in service_ids})
    return {
        service_id: Panel(GROUPING, {"slug": slugs[service_id], "words": policies.words(held[service_id, now])})
        for service_id in service_ids
        if service_id in slugs
    }


def on_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each incident that has alerts, with what people reported; seven queries at most for any number."""
    found = members.of_incidents(incident_ids)
    incidents = Incident.objects.select_related("service", "policy__service").in_bulk(found) if found else {}
    reports = reported.of_incidents([number for number, alerts in found.items() if alerts.has_reports])
    return {
        number: Panel(
            TEMPLATE,
            {
                "main": True,
                "number": number,
                "members": alerts,
                "may_adopt": _is_unowned(incidents[number]) and alerts.is_real and access.may_manage(viewer),
                "may_manage": access.may_manage(viewer),
                "may_move": incidents[number].resolved_at is None and access.may_move(viewer),
                "service": incidents[number].service,
                "grouped_by": policies.words(incidents[number].policy) if incidents[number].grouping_key else "",
                "reports": reports.get(number, []),
                "viewer": viewer,
            },
        )
        for number, alerts in found.items()
    }


def on_board_rows(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, str]:
    """How many alerts each incident has; one query for any number, whatever their number."""
    return members.counts(incident_ids)


def similar_on_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, Panel]:
    """The earlier incidents like each that has any; the reads of `similar.to` for each."""
    incidents = Incident.objects.select_related("service", "component").filter(pk__in=incident_ids)
    found = ((one, similar.to(one, viewer)) for one in incidents)
    return {
        one.pk: Panel(SIMILAR, {"slot": "alike", "similar": alike, "service": one.service_id})
        for one, alike in found
        if alike
    }


def _is_unowned(incident: Incident) -> bool:
    return incident.service_id is None and incident.resolved_at is None


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
