"""Addresses of the ownership room."""

from __future__ import annotations

from django.urls import path

from ownership.views import claims, components, handovers, people, service_parts, services, teams

app_name = "ownership"

urlpatterns = [
    path("services/", services.listed, name="services"),
    path("services/new/", services.new, name="new_service"),
    path("services/<slug:slug>/", services.service, name="service"),
    path("services/<slug:slug>/edit/", services.edit, name="edit_service"),
    path("services/<slug:slug>/answers/", service_parts.answers, name="answers"),
    path("services/<slug:slug>/answers/<int:assignment_id>/end/", service_parts.end_assignment, name="end_assignment"),
    path("services/<slug:slug>/parts/", service_parts.parts, name="parts"),
    path("services/<slug:slug>/parts/<int:part_id>/move/", service_parts.move_part, name="move_part"),
    path("services/<slug:slug>/parts/<int:part_id>/remove/", service_parts.remove_part, name="remove_part"),
    path("services/<slug:slug>/aliases/", service_parts.aliases, name="part_aliases"),
    path("services/<slug:slug>/aliases/<int:alias_id>/remove/", service_parts.remove_alias, name="remove_part_alias"),
    path("services/<slug:slug>/links/", service_parts.links, name="links"),
    path("services/<slug:slug>/links/<int:link_id>/remove/", service_parts.remove_link, name="remove_link"),
    path("services/<slug:slug>/hand-over/", handovers.hand_over, name="hand_over"),
    path("hand-overs/<int:handover_id>/", handovers.handover, name="handover"),
    path("hand-overs/<int:handover_id>/accept/", handovers.accept, name="accept_handover"),
    path("hand-overs/<int:handover_id>/decline/", handovers.decline, name="decline_handover"),
    path("hand-overs/<int:handover_id>/withdraw/", handovers.withdraw, name="withdraw_handover"),
    path("components/", components.listed, name="components"),
    path("components/new/", components.new, name="new_component"),
    path("components/<int:component_id>/", components.component, name="component"),
    path("components/<int:component_id>/edit/", components.edit, name="edit_component"),
    path("components/<int:component_id>/aliases/", components.aliases, name="aliases"),
    path("components/<int:component_id>/aliases/<int:alias_id>/remove/", components.remove_alias, name="remove_alias"),
    path("components/<int:component_id>/seams/", components.seams, name="seams"),
    path("components/<int:component_id>/seams/<int:seam_id>/remove/", components.remove_seam, name="remove_seam"),
    path("claims/", claims.listed, name="claims"),
    path("claims/<int:claim_id>/accept/", claims.accept, name="accept_claim"),
    path("claims/<int:claim_id>/ignore/", claims.ignore, name="ignore_claim"),
    path("teams/", teams.listed, name="teams"),
    path("teams/<slug:slug>/", teams.team, name="team"),
    path("teams/<slug:slug>/members/", teams.members, name="members"),
    path("teams/<slug:slug>/members/<int:person_id>/remove/", teams.remove_member, name="remove_member"),
    path("people/", people.listed, name="people"),
    path("people/me/", people.me, name="me"),
    path("people/me/tokens/", people.my_tokens, name="my_tokens"),
    path("people/me/tokens/<int:token_id>/revoke/", people.revoke_token, name="revoke_token"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/link/", people.new_link, name="new_link"),
    path("people/<int:person_id>/deactivate/", people.deactivate, name="deactivate"),
    path("people/<int:person_id>/reactivate/", people.reactivate, name="reactivate"),
    path("join/<str:secret>/", people.join, name="join"),
]
