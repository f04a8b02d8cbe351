"""Who may do what with sources: everybody who is signed in sees them, editors manage them and read raw bodies.

Reports are for whoever filed them and for editors.
"""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from incidents.alerts import judging
from incidents.alerts.change_models import Change
from incidents.alerts.models import Alert, Delivery, Source
from incidents.alerts.report_models import Report
from incidents.alerts.rule_models import AlertRule, RuleBook
from incidents.alerts.sources import registry
from incidents.alerts.trust_models import SourceSecret, TopicSubscription
from incidents.response import access as response
from incidents.response.models import Incident
from incidents.response.queries import visible
from ownership.models import Component, Person, Service
from ownership.vocabulary import Role


def may_manage(viewer: Person) -> bool:
    """Editors and above manage sources."""
    return viewer.may(Role.EDITOR)


def require_editor(viewer: Person) -> None:
    """Raise PermissionDenied for those who only read."""
    if not may_manage(viewer):
        raise PermissionDenied("Editors manage sources and grouping and read what was sent; ask an admin for that.")


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


def manageable_sns_source(viewer: Person, source_id: int) -> Source:
    """A source that Amazon SNS posts to; 404 for one of another kind."""
    require_editor(viewer)
    return get_object_or_404(Source, pk=source_id, kind=judging.KIND)


def manageable_secret(viewer: Person, source_id: int, secret_id: int) -> SourceSecret:
    """A key or signing secret of this very source, for those who may change it."""
    require_editor(viewer)
    return get_object_or_404(SourceSecret, pk=secret_id, source=source_id)


def confirmable_subscription(viewer: Person, source_id: int, subscription_id: int) -> TopicSubscription:
    """A subscription of this very source, for those who may say yes to it."""
    require_editor(viewer)
    return get_object_or_404(TopicSubscription, pk=subscription_id, source=source_id)


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


def manageable_service(viewer: Person, slug: str) -> Service:
    """A service whose grouping policy this person may change: editors."""
    require_editor(viewer)
    return readable_service(viewer, slug)


def readable_alert(viewer: Person, alert_id: int) -> Alert:
    """An alert of no incident, or of one that this person may see; 404 for any other."""
    return get_object_or_404(Alert.objects.filter(visible.clause_or_none(viewer)), pk=alert_id)


def readable_service(viewer: Person, slug: str) -> Service:
    """A service with its grouping policy: everybody who is signed in; 404 when there is none."""
    return get_object_or_404(Service, slug=slug)


def may_move(viewer: Person) -> bool:
    """Responders and above move alerts from one incident to another."""
    return response.may_respond(viewer)


def incident_to_move_from(viewer: Person, number: int) -> Incident:
    """An incident whose alerts this person may move; 403 for viewers."""
    return response.workable_incident(viewer, number)


def adoptable_incident(viewer: Person, number: int) -> Incident:
    """An incident whose alerts this person may give to a component: editors."""
    require_editor(viewer)
    return response.readable_incident(viewer, number)


def require_rule_editor(viewer: Person) -> None:
    """Raise PermissionDenied for those who only read rules and the severity table."""
    if not may_manage(viewer):
        raise PermissionDenied("Editors write the rules that decide about alerts; ask an admin for that role.")


def readable_rule(viewer: Person, book: str, number: int) -> AlertRule:
    """A rule as it stands, or as it stood when it was deleted; 404 when there never was one."""
    versions = AlertRule.objects.filter(book=book, number=number).exclude(book=RuleBook.BUILT_IN)
    found = versions.select_related("component", "service", "mode", "by").order_by("-version").first()
    if found is None:
        raise Http404("There is no such rule.")
    return found


def readable_rule_version(viewer: Person, book: str, number: int, version: int) -> AlertRule:
    """One version of a rule, also of a deleted one; 404 when there is none."""
    versions = AlertRule.objects.exclude(book=RuleBook.BUILT_IN).select_related("component", "service", "mode", "by")
    return get_object_or_404(versions, book=book, number=number, version=version)


def editable_rule(viewer: Person, book: str, number: int) -> AlertRule:
    """A rule that this person may change: editors."""
    require_rule_editor(viewer)
    return readable_rule(viewer, book, number)


def editable_book(viewer: Person, book: str) -> str:
    """A list that this person may add rules to: editors; 404 for a list that is none."""
    readable_book(viewer, book)
    require_rule_editor(viewer)
    return book


def readable_book(viewer: Person, book: str) -> str:
    """A list of rules that people write: everybody reads both; 404 for another name."""
    if book not in {RuleBook.SUBJECT, RuleBook.LAYER}:
        raise Http404("There is no such list of rules.")
    return book


def followable_incident(viewer: Person, number: int | None) -> Incident | None:
    """The incident that a new rule begins with, for editors; None without a number."""
    require_rule_editor(viewer)
    return None if number is None else response.readable_incident(viewer, number)


def may_record(viewer: Person) -> bool:
    """Responders and above record changes, and say them otherwise."""
    return response.may_respond(viewer)


def require_recorder(viewer: Person) -> None:
    """Raise PermissionDenied for those who only read changes."""
    if not may_record(viewer):
        raise PermissionDenied("Responders record changes; ask an admin for that role.")


def readable_change(viewer: Person, line: UUID) -> Change:
    """A change as it stands, also a withdrawn one; 404 when there is none."""
    whole = Change.objects.select_related("component", "service", "source", "recorded_by")
    return get_object_or_404(whole, line=line, superseded_at=None)


def correctable_change(viewer: Person, line: UUID) -> Change:
    """A change that this person may say otherwise: responders; 404 for a withdrawn one."""
    require_recorder(viewer)
    found = readable_change(viewer, line)
    if found.withdrawn_why:
        raise Http404("This change was withdrawn.")
    return found


def component_asked(viewer: Person, said: str | None) -> Component | None:
    """The component that an address names by id or by name, retired ones by id alone; None without one."""
    if not said or "\x00" in said:
        return None
    if said.isdecimal():
        return Component.objects.filter(pk=said).first() if len(said) < 19 else None
    return Component.objects.filter(name__iexact=said, retired_at=None).first()


def service_asked(viewer: Person, said: str | None) -> Service | None:
    """The service that an address names by its slug; None without one."""
    return Service.objects.filter(slug=said).first() if said and "\x00" not in said else None


def incident_asked(viewer: Person, said: str | None) -> Incident | None:
    """The incident that an address names by its number, where this person may see it; None without one."""
    return visible.to(viewer).filter(pk=said).first() if said and said.isdecimal() and len(said) < 19 else None
