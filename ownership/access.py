"""Who may do what with the catalogue and with people: one named getter each, fetch and refusal together.

Everybody who is signed in reads everything. Editors change services, components, owners and teams; admins people.
"""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from ownership import handing_over
from ownership.assigning import Party, Subject
from ownership.models import (
    Alias,
    ApiToken,
    Assignment,
    Claim,
    Component,
    Dependency,
    Handover,
    Membership,
    Part,
    Person,
    Service,
    ServiceLink,
    Team,
)
from ownership.queries import handovers
from ownership.vocabulary import Role

M = TypeVar("M", bound=Model)


class SignedInRequest(HttpRequest):
    """A request behind the sign-in."""

    user: Person
    htmx: HtmxDetails


def may_edit(viewer: Person) -> bool:
    """Editors and above change the catalogue."""
    return viewer.may(Role.EDITOR)


def may_manage_people(viewer: Person) -> bool:
    """Admins change people."""
    return viewer.may(Role.ADMIN)


def require_editor(viewer: Person) -> None:
    """Raise PermissionDenied for those who only read."""
    if not may_edit(viewer):
        raise PermissionDenied("Editors change services, components, owners and teams; ask an admin for that role.")


def require_admin(viewer: Person) -> None:
    """Raise PermissionDenied for everybody but admins."""
    if not may_manage_people(viewer):
        raise PermissionDenied("Admins invite people and change their roles; ask one of them.")


def readable_service(viewer: Person, slug: str) -> Service:
    """A service, retired ones too; 404 when there is none."""
    return get_object_or_404(Service, slug=slug)


def editable_service(viewer: Person, slug: str) -> Service:
    """A living service that this person may change; 403 for those who only read."""
    require_editor(viewer)
    return get_object_or_404(Service, slug=slug, retired_at=None)


def editable_part(viewer: Person, service: Service, part_id: int) -> Part:
    """A part of a service that this person may change."""
    return _of(viewer, Part.objects.select_related("service"), pk=part_id, service=service)


def editable_link(viewer: Person, service: Service, link_id: int) -> ServiceLink:
    """A link of a service that this person may change."""
    return _of(viewer, ServiceLink.objects.all(), pk=link_id, service=service)


def editable_assignment(viewer: Person, assignment_id: int, **of: object) -> Assignment:
    """An assignment, superseded ones too, that this person may end or replace; `of` narrows, as `service=…`."""
    rows = Assignment.objects.select_related("service", "component", "dependency", "person", "team")
    return _of(viewer, rows, pk=assignment_id, **of)


def speaks_for(viewer: Person, party: Party) -> bool:
    """This person is the party, or in the team that is."""
    if isinstance(party, Team):
        return Membership.objects.filter(team=party, person=viewer).exists()
    return party == viewer


def require_may_hand_over(viewer: Person, subject: Subject) -> None:
    """Raise PermissionDenied for everybody but editors and whoever is accountable now."""
    if may_edit(viewer):
        return
    current = handing_over.accountable_row(subject, at=timezone.now())
    if current is None or not speaks_for(viewer, current.party):
        raise PermissionDenied("Whoever answers for it hands it over, or an editor; ask one of them.")


def transferable_service(viewer: Person, slug: str) -> Service:
    """A living service that this person may propose to hand over."""
    service = get_object_or_404(Service, slug=slug, retired_at=None)
    require_may_hand_over(viewer, service)
    return service


def readable_handover(viewer: Person, handover_id: int) -> Handover:
    """A hand-over, decided ones too; 404 when there is none."""
    return get_object_or_404(handovers.whole(), pk=handover_id)


def may_decide(viewer: Person, handover: Handover) -> bool:
    """Who is asked accepts or declines, each member of a team that is, and admins."""
    return may_manage_people(viewer) or speaks_for(viewer, handover.to)


def decidable_handover(viewer: Person, handover_id: int) -> Handover:
    """A hand-over that this person may accept or decline."""
    handover = readable_handover(viewer, handover_id)
    if not may_decide(viewer, handover):
        raise PermissionDenied(f"Only {handover.to} can answer this, or an admin.")
    return handover


def may_withdraw(viewer: Person, handover: Handover) -> bool:
    """Who proposed it takes it back, and editors."""
    return may_edit(viewer) or handover.proposed_by_id == viewer.pk


def withdrawable_handover(viewer: Person, handover_id: int) -> Handover:
    """A hand-over that this person may withdraw."""
    handover = readable_handover(viewer, handover_id)
    if not may_withdraw(viewer, handover):
        raise PermissionDenied(f"{handover.proposed_by} proposed this and can withdraw it, or an editor.")
    return handover


def readable_component(viewer: Person, component_id: int) -> Component:
    """A component, retired ones too; 404 when there is none."""
    return get_object_or_404(Component.objects.select_related("custodian"), pk=component_id)


def editable_component(viewer: Person, component_id: int) -> Component:
    """A living component that this person may change."""
    return _of(viewer, Component.objects.select_related("custodian"), pk=component_id, retired_at=None)


def editable_alias(viewer: Person, alias_id: int, **of: object) -> Alias:
    """An alias that this person may remove; `of` narrows, as `component=…`."""
    return _of(viewer, Alias.objects.select_related("component"), pk=alias_id, **of)


def editable_seam(viewer: Person, seam_id: int, **of: object) -> Dependency:
    """A seam that this person may change; `of` narrows, as `upstream=…`."""
    return _of(viewer, Dependency.objects.select_related("upstream", "downstream"), pk=seam_id, **of)


def decidable_claim(viewer: Person, claim_id: int) -> Claim:
    """A claim of an imported file that this person may accept or ignore."""
    return _of(viewer, Claim.objects.all(), pk=claim_id)


def readable_team(viewer: Person, slug: str) -> Team:
    """A team; 404 when there is none."""
    return get_object_or_404(Team, slug=slug)


def editable_team(viewer: Person, slug: str) -> Team:
    """A team that this person may change."""
    return _of(viewer, Team.objects.all(), slug=slug)


def editable_membership(viewer: Person, team: Team, person_id: int) -> Membership:
    """A membership that this person may end."""
    return _of(viewer, Membership.objects.select_related("person"), team=team, person=person_id)


def readable_person(viewer: Person, person_id: int) -> Person:
    """A person, inactive ones too; 404 when there is none."""
    return get_object_or_404(Person, pk=person_id)


def manageable_person(viewer: Person, person_id: int) -> Person:
    """A person whose details and access this admin may change."""
    require_admin(viewer)
    return get_object_or_404(Person, pk=person_id)


def own_token(viewer: Person, token_id: int) -> ApiToken:
    """A token of one's own; another's is as good as none."""
    return get_object_or_404(ApiToken, pk=token_id, person=viewer)


def _of(viewer: Person, rows: QuerySet[M], **which: object) -> M:
    require_editor(viewer)
    return get_object_or_404(rows, **which)
