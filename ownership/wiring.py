"""What the ownership room hangs into the house."""

from __future__ import annotations

from ownership import addresses, handing_over, reassigning, waiving
from ownership.models import Person, Team
from ownership.queries import beginnings, notices, searching, vacancies
from web import errors, logs, registry

OPEN = "A hand-over of this is proposed already; withdraw that one first."
WAIVED = "It is marked as deliberately unowned already."

RULES = {
    "person_email_once": errors.Rule("email_taken", "Somebody with this e-mail address is already here.", "email"),
    "team_name_once_among_living": errors.Rule("name_taken", "A team with this name exists already.", "name"),
    "ownership_team_slug_key": errors.Rule(
        "name_taken", "A team with almost this name was added just now; try again.", "name"
    ),
    "membership_once": errors.Rule("already_member", "This person is already in the team.", "person"),
    "component_name_once_among_living": errors.Rule(
        "name_taken", "A component with this name exists already; add that one, or choose another name.", "name"
    ),
    "service_name_once_among_living": errors.Rule(
        "name_taken", "A service with this name exists already; choose another name.", "name"
    ),
    "ownership_service_slug_key": errors.Rule(
        "name_taken", "A service with almost this name was added just now; try again.", "name"
    ),
    "alias_once": errors.Rule("alias_taken", "Another component already goes by this alias.", "key"),
    "part_once": errors.Rule("already_part", "This component is already part of the service.", "component"),
    "dependency_once": errors.Rule("seam_exists", "This seam is already recorded.", "downstream"),
    "dependency_between_two": errors.Rule(
        "same_component", "A seam joins two different components.", "downstream", 422
    ),
    "assignment_one_accountable_service": errors.Rule(
        "already_owned", "Somebody else is accountable for this service in that time; end or hand over first."
    ),
    "assignment_one_accountable_component": errors.Rule(
        "already_owned", "Somebody else is accountable for this component in that time; end or hand over first."
    ),
    "assignment_one_accountable_dependency": errors.Rule(
        "already_owned", "Somebody else is accountable for this seam in that time; end or hand over first."
    ),
    "person_role_known": errors.Rule("unknown_role", "Choose one of the roles.", "role", 422),
    "api_token_scope_known": errors.Rule("unknown_scope", "Choose one of the scopes.", "scope", 422),
    "component_kind_known": errors.Rule("unknown_kind", "Choose one of the kinds.", "kind", 422),
    "component_has_name": errors.Rule("name_missing", "Fill in the name.", "name", 422),
    "service_tier_known": errors.Rule("unknown_tier", "Choose one of the tiers.", "tier", 422),
    "component_lifecycle_known": errors.Rule(
        "unknown_lifecycle", "Choose how far the component is in its life.", "lifecycle", 422
    ),
    "service_archetype_known": errors.Rule("unknown_archetype", "Choose one of the archetypes.", "archetype", 422),
    "service_objective_is_share": errors.Rule(
        "not_a_share",
        "Give the share that must be good in percent, above 0 and below 100, such as 99.5.",
        "objective",
        422,
    ),
    "service_budget_at_percentile": errors.Rule(
        "budget_incomplete",
        "Give the latency budget in milliseconds and the percentile that it is meant at, such as 2000 ms at 95.",
        "latency_budget_ms",
        422,
    ),
    "dependency_share_is_percent": errors.Rule(
        "not_a_share",
        "Give the share of the latency budget in percent, above 0 and up to 100.",
        "latency_share",
        422,
    ),
    "part_role_known": errors.Rule("unknown_role", "Choose what the component is to the service.", "role", 422),
    "dependency_kind_known": errors.Rule("unknown_kind", "Choose how one component needs the other.", "kind", 422),
    "assignment_role_known": errors.Rule("unknown_role", "Choose one of the roles.", "role", 422),
    "assignment_one_subject": errors.Rule(
        "one_subject", "Name one service, component or seam to answer for.", "service", 422
    ),
    "assignment_known_in_order": errors.Rule(
        "outdated", "Somebody changed who answers meanwhile; look again before you change it."
    ),
    "assignment_one_party": errors.Rule("one_party", "Name one person or one team, not both.", "person", 422),
    "assignment_answering_for_team": errors.Rule(
        "person_answers_alone", "Only a team names one person who answers for it.", "answering", 422
    ),
    "waiver_one_open_service": errors.Rule("waived_already", WAIVED),
    "waiver_one_open_component": errors.Rule("waived_already", WAIVED),
    "waiver_one_open_dependency": errors.Rule("waived_already", WAIVED),
    "waiver_one_subject": errors.Rule(
        "one_subject", "Name one service, component or seam that nobody needs to answer for.", "service", 422
    ),
    "waiver_has_reason": errors.Rule("reason_missing", "Say why nobody needs to answer for it.", "reason", 422),
    "handover_one_open_service": errors.Rule("handover_open", OPEN),
    "handover_one_open_component": errors.Rule("handover_open", OPEN),
    "handover_one_open_dependency": errors.Rule("handover_open", OPEN),
    "handover_one_subject": errors.Rule(
        "one_subject", "Name one service, component or seam to hand over.", "service", 422
    ),
    "handover_one_party": errors.Rule("one_party", "Name one person or one team, not both.", "to", 422),
    "handover_state_known": errors.Rule("unknown_state", "Choose one of the states of a hand-over.", "state", 422),
    "handover_decided": errors.Rule(
        "decision_incomplete", "A hand-over that is decided needs its time and who decided it."
    ),
    "handover_accepted_has_time": errors.Rule(
        "time_missing", "An accepted hand-over needs the time from which it counts.", "effective_at", 422
    ),
    "handover_declined_has_reason": errors.Rule("reason_missing", "Say why you decline.", "reason", 422),
    "handover_expires_later": errors.Rule(
        "times_out_of_order", "A hand-over must expire after it is proposed.", "expires_at", 422
    ),
    "owner_alias_once": errors.Rule("already_means", "Somebody said already whom this text means.", "owner"),
    "owner_alias_one_party": errors.Rule("one_party", "Name one person or one team, not both.", "party", 422),
    "manner_quiet_pair": errors.Rule(
        "hours_incomplete", "Give two different times between which it is quiet, or none.", "quiet_until", 422
    ),
    "manner_some_day_speaks": errors.Rule(
        "never_told", "Leave at least one day on which messages may come.", "whole_days", 422
    ),
    "assignment_lasts": errors.Rule("empty_time", "The time must end after it begins.", "since", 422),
}


def connect() -> None:
    """Register error rules and places; called once, when Django is ready."""
    errors.register(RULES)
    logs.hide_in_paths("/join/")
    registry.add_steps(beginnings.steps)
    registry.listen("owner_changed", handing_over.overtaken)
    registry.listen("owner_changed", waiving.owner_found)
    registry.listen("person_left", handing_over.unanswerable)
    registry.listen("team_dissolved", handing_over.unanswerable)
    registry.add_collector(
        reassigning.PLACE,
        registry.Collector("component", "Component to look after", _looked_after, reassigning.look_after),
    )
    registry.add_nav(
        registry.NavItem(
            label="Ownership",
            url_name="ownership:services",
            icon="ownership",
            order=40,
            prefixes=(
                "/services/",
                "/components/",
                "/seams/",
                "/assignments/",
                "/teams/",
                "/people/",
                "/ownership/",
                "/hand-overs/",
                "/coverage/",
                "/confirmations/",
                "/reassign/",
                "/claims/",
                "/catalogue/",
                "/webhooks/",
                "/channels/",
            ),
            count=notices.waiting_count,
        )
    )
    registry.add_searcher(registry.Searcher("services", "Services", 20, searching.services))
    registry.add_searcher(registry.Searcher("components", "Components", 30, searching.components))
    registry.count_on_own_page(notices.unseen_count)


def _looked_after(viewer: Person, *, party: Person | Team | None, limit: int) -> list[registry.Item]:
    """Components whose team was dissolved, for the list of what wants a new owner."""
    return [
        registry.Item(component.pk, component.name, addresses.page_about(component), component.custodian)
        for component in vacancies.looked_after(party=party, limit=limit)
    ]
