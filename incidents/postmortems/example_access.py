"""Who may do what with failing examples, and with what is said of guardrails' rules."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from incidents.alerts import access as alerts
from incidents.alerts.change_models import Change, ChangeKind
from incidents.alerts.queries import changes, reports
from incidents.alerts.queries.reports import Filed
from incidents.postmortems.access import require_writer
from incidents.postmortems.models import FailingExample
from incidents.response.models import Incident
from incidents.response.queries import visible
from ownership.models import Component, Person
from ownership.vocabulary import ComponentKind
from web.errors import Invalid


def readable_example(viewer: Person, line: UUID) -> FailingExample:
    """The present version of an example of an incident that this person may see, also one that was taken back."""
    shown = FailingExample.objects.filter(visible.clause(viewer, of="incident"), superseded_at=None)
    with_ = ("incident__service", "mode", "component", "by", "created_by", "report")
    return get_object_or_404(shown.select_related(*with_), line=line)


def editable_example(viewer: Person, line: UUID) -> FailingExample:
    """An example that this person may correct or take back: responders; 404 once it was taken back."""
    found = erasable_example(viewer, line)
    if found.withdrawn_why:
        raise Http404("This example was taken back.")
    return found


def erasable_example(viewer: Person, line: UUID) -> FailingExample:
    """An example whose earlier words this person may erase, also one that was taken back: responders.

    A key that slipped through must not wait for an admin; who erased what stays on record.
    """
    found = readable_example(viewer, line)
    require_writer(viewer)
    return found


def usable_report(viewer: Person, incident: Incident, said: str | None) -> Filed | None:
    """A report of this incident whose words this person may read, by its id; None without one, 404 for another's."""
    if not said:
        return None
    try:
        found = alerts.readable_report(viewer, UUID(said))
    except ValueError as error:
        raise Http404("There is no such report.") from error
    filed = reports.one(viewer, found, may_read=True)
    if filed.incident is None or filed.incident.pk != incident.pk:
        raise Http404("There is no such report of this incident.")
    return filed


def readable_guardrail(viewer: Person, component_id: int) -> Component:
    """A component of the kind guardrail; everybody sees the catalogue."""
    rows = Component.objects.filter(kind=ComponentKind.GUARDRAIL).select_related("custodian")
    return get_object_or_404(rows, pk=component_id)


def rule_change(viewer: Person, component_id: int, line: UUID) -> Change:
    """A rule change of this guardrail whose cause this person may name: responders; 404 for any other change."""
    guardrail = readable_guardrail(viewer, component_id)
    require_writer(viewer)
    return get_object_or_404(changes.standing(), component=guardrail, kind=ChangeKind.GUARDRAIL, line=line)


def named_incident(viewer: Person, said: str | None) -> Incident:
    """An incident that this person may see, by INC-481 or 481; Invalid otherwise, as for one that there is not."""
    number = (said or "").strip().upper().removeprefix("INC-")
    found = visible.to(viewer).filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
    if found is None:
        raise Invalid("There is no incident with this number.", field="incident")
    return found
