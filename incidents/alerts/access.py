"""Who may do what with sources: everybody who is signed in sees them, editors manage them and read raw bodies.

Reports are for whoever filed them and for editors.
"""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from incidents.alerts.models import Delivery, Source
from incidents.alerts.report_models import Report
from incidents.alerts.sources import registry
from incidents.response import access as response
from incidents.response.models import Incident
from ownership.models import Person
from ownership.vocabulary import Role


def may_manage(viewer: Person) -> bool:
    """Editors and above manage sources."""
    return viewer.may(Role.EDITOR)


def require_editor(viewer: Person) -> None:
    """Raise PermissionDenied for those who only read."""
    if not may_manage(viewer):
        raise PermissionDenied("Editors manage sources and read what they sent; ask an admin for that role.")


def readable_source(viewer: Person, source_id: int) -> Source:
    """A source; 404 when there is none."""
    return get_object_or_404(Source.objects.select_related("created_by"), pk=source_id)


def manageable_source(viewer: Person, source_id: int) -> Source:
    """A source that this person may change; 403 for those who only read, and for Seamline's own."""
    found = tended_source(viewer, source_id)
    require_foreign(found)
    return found


def tended_source(viewer: Person, source_id: int) -> Source:
    """A source, also Seamline's own, whose rejected deliveries and silence this person looks after: editors."""
    require_editor(viewer)
    return readable_source(viewer, source_id)


def require_foreign(source: Source) -> None:
    """Raise PermissionDenied for Seamline's own source, which has no key, no sender and no switch."""
    if source.built_in:
        raise PermissionDenied("This source is Seamline's own; it holds what people report here.")


def mappable_source(viewer: Person, source_id: int) -> Source:
    """A source whose mapping this person may change: editors; 404 where its kind takes none."""
    found = manageable_source(viewer, source_id)
    if not registry.takes_mapping(found.kind):
        raise Http404("This kind of source takes no mapping.")
    return found


def readable_report(viewer: Person, report_id: UUID) -> Report:
    """A report with users' words: who filed it, and editors; 404 for everybody else."""
    people = Report.objects.select_related("delivery", "filed_by", "service", "dismissed_by")
    found = get_object_or_404(people, pk=report_id)
    if not may_manage(viewer) and found.filed_by_id != viewer.pk:
        raise Http404("There is no such report of yours.")
    return found


def dismissable_report(viewer: Person, report_id: UUID) -> Report:
    """A report that this person may call no problem: editors."""
    require_editor(viewer)
    return readable_report(viewer, report_id)


def readable_delivery(viewer: Person, source_id: int, delivery_id: UUID) -> Delivery:
    """A delivery with its raw body, which may hold users' text: editors only."""
    require_editor(viewer)
    return get_object_or_404(Delivery.objects.select_related("source"), pk=delivery_id, source=source_id)


def adoptable_incident(viewer: Person, number: int) -> Incident:
    """An incident whose alerts this person may give to a component: editors."""
    require_editor(viewer)
    return response.readable_incident(viewer, number)
