"""Who may do what with the catalogue and with people: one named getter each, fetch and refusal together.

Everybody who is signed in reads everything. Editors change services, components, owners and teams; admins people.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from ownership import handing_over
from ownership.assigning import Party
from ownership.models import (
    Alias,
    ApiToken,
    Assignment,
    CatalogueUpload,
    Channel,
    Claim,
    Component,
    ComponentLink,
    Dependency,
    Handover,
    Membership,
    OwnerAlias,
    Part,
    Person,
    Service,
    ServiceLink,
    Team,
    Waiver,
)
from ownership.models.assignments import Subject
from ownership.queries import channels, handovers, owners, people, uploads, waivers
from ownership.queries.owners import Holding
from ownership.speaking import speaks_for
from ownership.vocabulary import Role

M = TypeVar("M", bound=Model)
ASSIGNMENT = (*owners.WHOLE, "made_by")
SEAM = ("upstream__custodian", "downstream__custodian")


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


def retirable_service(viewer: Person, slug: str) -> Service:
    """A service that this person may retire or bring back."""
    return _of(viewer, Service.objects.all(), slug=slug)


def editable_part(viewer: Person, service: Service, part_id: int) -> Part:
    """A part of a service that this person may change."""
    return _of(viewer, Part.objects.select_related("service"), pk=part_id, service=service)


def editable_link(viewer: Person, service: Service, link_id: int) -> ServiceLink:
    """A link of a service that this person may change."""
    return _of(viewer, ServiceLink.objects.all(), pk=link_id, service=service)


def readable_assignment(viewer: Person, assignment_id: int) -> Assignment:
    """An assignment, superseded ones too; 404 when there is none."""
    return get_object_or_404(Assignment.objects.select_related(*ASSIGNMENT), pk=assignment_id)


def editable_assignment(viewer: Person, assignment_id: int, **of: object) -> Assignment:
    """An assignment, superseded ones too, that this person may end, replace or correct; `of` as `service=…`."""
    return _of(viewer, Assignment.objects.select_related(*ASSIGNMENT), pk=assignment_id, **of)


def nameable_assignment(viewer: Person, assignment_id: int) -> Assignment:
    """An assignment of a team, of which this person may say who answers: an editor, or a member of the team."""
    found = readable_assignment(viewer, assignment_id)
    if not may_edit(viewer) and not (found.team is not None and speaks_for(viewer, found.team)):
        raise PermissionDenied("The team says who of it answers, or an editor; ask one of them.")
    return found


def readable_subject(viewer: Person, kind: str, key: str | int) -> Subject:
    """A service by its slug, a component or a seam by its id; retired ones too."""
    if kind == "service":
        return readable_service(viewer, str(key))
    return readable_component(viewer, int(key)) if kind == "component" else readable_seam(viewer, int(key))


def editable_subject(viewer: Person, kind: str, key: str | int) -> Subject:
    """As `readable_subject`, living and for those who may change it."""
    if kind == "service":
        return editable_service(viewer, str(key))
    return editable_component(viewer, int(key)) if kind == "component" else editable_seam(viewer, int(key))


def transferable_subject(viewer: Person, kind: str, key: str | int) -> Subject:
    """As `readable_subject`, living and for those who may propose to hand it over."""
    subject = readable_subject(viewer, kind, key)
    if getattr(subject, "retired_at", None) is not None:
        raise Http404
    require_may_hand_over(viewer, subject)
    return subject


def may_confirm(viewer: Person, held: Assignment | Holding, *, speaks: bool | None = None) -> bool:
    """Who is accountable confirms that they are: the person, for a team any member.

    `speaks` is `speaks_for` their party, where that is known already.
    """
    return speaks_for(viewer, held.party) if speaks is None else speaks


def confirmable_assignment(viewer: Person, assignment_id: int) -> Assignment:
    """An assignment that this person may confirm."""
    found = get_object_or_404(Assignment.objects.select_related(*owners.WHOLE), pk=assignment_id)
    if not may_confirm(viewer, found):
        raise PermissionDenied(f"Only {found.party} can say that it is still theirs.")
    return found


def require_may_hand_over(viewer: Person, subject: Subject) -> None:
    """Raise PermissionDenied for everybody but editors and whoever is accountable now."""
    if may_edit(viewer):
        return
    current = handing_over.accountable_row(subject, at=timezone.now())
    if current is None or not speaks_for(viewer, current.party):
        raise PermissionDenied("Whoever answers for it hands it over, or an editor; ask one of them.")


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


def retirable_component(viewer: Person, component_id: int) -> Component:
    """A component that this person may retire or bring back."""
    return _of(viewer, Component.objects.select_related("custodian"), pk=component_id)


def editable_component_link(viewer: Person, component: Component, link_id: int) -> ComponentLink:
    """A link of a component that this person may change."""
    return _of(viewer, ComponentLink.objects.all(), pk=link_id, component=component)


def editable_alias(viewer: Person, alias_id: int, **of: object) -> Alias:
    """An alias that this person may remove; `of` narrows, as `component=…`."""
    return _of(viewer, Alias.objects.select_related("component"), pk=alias_id, **of)


def readable_seam(viewer: Person, seam_id: int) -> Dependency:
    """A seam with both its ends and who looks after them; 404 when there is none."""
    return get_object_or_404(Dependency.objects.select_related(*SEAM), pk=seam_id)


def editable_seam(viewer: Person, seam_id: int, **of: object) -> Dependency:
    """A seam that this person may change; `of` narrows, as `upstream=…`."""
    return _of(viewer, Dependency.objects.select_related(*SEAM), pk=seam_id, **of)


def waivable_subject(viewer: Person, kind: str, subject_id: int) -> Subject:
    """A living service, component or seam, by kind and id, that this person may mark as deliberately unowned."""
    if kind == "service":
        return _of(viewer, Service.objects.all(), pk=subject_id, retired_at=None)
    if kind == "component":
        return editable_component(viewer, subject_id)
    return editable_seam(viewer, subject_id)


def endable_waiver(viewer: Person, waiver_id: int) -> Waiver:
    """A waiver, ended ones too, that this person may end."""
    return _of(viewer, waivers.whole(), pk=waiver_id)


def decidable_claim(viewer: Person, claim_id: int) -> Claim:
    """A claim of an imported file that this person may accept or ignore."""
    return _of(viewer, Claim.objects.all(), pk=claim_id)


def party_named(key: str) -> Party | None:
    """The person or team that an address names as `person:3`, gone ones too; 404 for what is neither, None for ''."""
    found = people.party_named(key)
    if key and found is None:
        raise Http404
    return found


def decidable_claims(viewer: Person, claim_ids: Collection[int]) -> list[Claim]:
    """Those of some claims that are there, in order, when this person may accept or ignore claims."""
    require_editor(viewer)
    return list(Claim.objects.filter(pk__in=claim_ids).order_by("subject_name", "pk"))


def forgettable_meaning(viewer: Person, alias_id: int) -> OwnerAlias:
    """What somebody said an owner means, which this person may take back."""
    return _of(viewer, OwnerAlias.objects.select_related("person", "team"), pk=alias_id)


def own_upload(viewer: Person, upload_id: int) -> CatalogueUpload:
    """An upload that this person may look at, import or throw away: one's own; admins see everybody's."""
    return _of(viewer, uploads.of(viewer, at=timezone.now()), pk=upload_id)


def readable_team(viewer: Person, slug: str) -> Team:
    """A team; 404 when there is none."""
    return get_object_or_404(Team, slug=slug)


def editable_team(viewer: Person, slug: str) -> Team:
    """A team that this person may change."""
    return _of(viewer, Team.objects.all(), slug=slug)


def editable_membership(viewer: Person, team: Team, person_id: int) -> Membership:
    """A membership that this person may end."""
    return _of(viewer, Membership.objects.select_related("person"), team=team, person=person_id)


def may_set_channels(viewer: Person, owner: Person | Team) -> bool:
    """One's own; of a team its members, and editors."""
    if isinstance(owner, Team):
        return owner.dissolved_at is None and (may_edit(viewer) or speaks_for(viewer, owner))
    return owner == viewer


def team_with_channels(viewer: Person, slug: str) -> Team:
    """A living team whose channels and quiet hours this person may change."""
    found = get_object_or_404(Team, slug=slug, dissolved_at=None)
    if not may_set_channels(viewer, found):
        raise PermissionDenied(f"Members of {found} say how it is told, or an editor; ask one of them.")
    return found


def own_channel(viewer: Person, channel_id: int) -> Channel:
    """A channel of one's own, or of a team whose channels one may change; another person's is as good as none."""
    found = get_object_or_404(channels.whole(), pk=channel_id)
    if found.team is not None:
        team_with_channels(viewer, found.team.slug)
    elif found.person_id != viewer.pk:
        raise Http404
    return found


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
