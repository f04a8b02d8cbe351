"""What the response wing hangs into the house."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_migrate
from django.urls import reverse

from incidents.response import access, broadcasting, handing_off, modes, panels, withdrawing
from incidents.response.queries import board, pointing, searching
from ownership import reassigning
from web import errors, logs, markdown, references, registry

RULES = {
    "incident_ack_pair": errors.Rule("ack_incomplete", "An acknowledgement needs its time and its person."),
    "incident_mitigated_before_resolved": errors.Rule(
        "times_out_of_order",
        "It was mitigated before it was resolved, or at once; correct one of the two times.",
        "mitigated_at",
        422,
    ),
    "incident_impact_before_mitigated": errors.Rule(
        "times_out_of_order",
        "The impact cannot start after it was mitigated; correct one of the two times.",
        "impact_from",
        422,
    ),
    "incident_resolved_before_closed": errors.Rule(
        "times_out_of_order",
        "It was resolved before it was closed; correct it, or reopen the incident.",
        "resolved_at",
        422,
    ),
    "impact_facts_one_current": errors.Rule(
        "facts_changed", "Somebody said something else meanwhile; look at it and say yours again."
    ),
    "impact_facts_share_fits": errors.Rule(
        "share_out_of_range", "A share is from 0 to 100 %, and its end is not below its beginning.", "share_from", 422
    ),
    "impact_facts_tries_fit": errors.Rule(
        "tries_incomplete", "Give both how often it was tried and how often it happened again.", "tries", 422
    ),
    "impact_facts_count_fits": errors.Rule("count_negative", "A count is 0 or more.", "bad_count", 422),
    "incident_first_blame_frozen": errors.Rule(
        "first_blame_frozen", "First blame is frozen once set; what was found goes into the findings.", "first_blame"
    ),
    "incident_impact_before_resolved": errors.Rule(
        "times_out_of_order",
        "The impact cannot start after the incident was resolved; correct one of the two times.",
        "impact_from",
        422,
    ),
    "incident_impact_precision": errors.Rule(
        "impact_incomplete",
        "Give the start of the impact as precisely as it is known: a time for exact, minute, hour and day; an earlier "
        "and a later time for between; none for unknown.",
        "impact_from",
        422,
    ),
    "incident_one_joinable": errors.Rule("already_open", "An open incident for this group exists already."),
    "incident_merged_elsewhere": errors.Rule("merge_ring", "An incident is not merged into itself.", "into", 422),
    "merge_one_at_a_time": errors.Rule("merged", "It is merged already; look at it again.", "into"),
    "merge_ended_only": errors.Rule("append_only", "A merge is undone, never changed; it stays on record."),
    "link_once": errors.Rule("already_linked", "The two are linked so already.", "other"),
    "link_ended_only": errors.Rule("append_only", "A link is taken away, never changed; it stays on record."),
    "participation_one_holder": errors.Rule("role_taken", "Somebody else holds this role by now; look again.", "role"),
    "participation_once": errors.Rule("already_in", "This person takes part already.", "person"),
    "participation_ended_only": errors.Rule("append_only", "Who took part stays on record; end it instead."),
    "timeline_version_once": errors.Rule("row_changed", "Somebody changed this meanwhile; look at what it says now."),
    "timeline_revision_fits": errors.Rule("row_changed", "This was taken back meanwhile, or cannot be changed."),
    "pin_once": errors.Rule("already_pinned", "This is pinned already."),
    "timeline_append_only": errors.Rule("append_only", "The timeline is append-only; add a row that corrects."),
    "grouping_one_current": errors.Rule(
        "policy_changed", "Somebody saved another version meanwhile; look at it first."
    ),
    "grouping_version_once": errors.Rule(
        "policy_changed", "Somebody saved another version meanwhile; look at it first."
    ),
    "grouping_quiet_fits": errors.Rule("too_long", "The quiet delay is at most a day.", "quiet_seconds", 422),
    "grouping_flap_times_fit": errors.Rule(
        "too_long", "Flapping is counted, and waited for, over a minute to a day.", "flap_minutes", 422
    ),
    "board_view_name_once": errors.Rule("name_taken", "You have a view of that name already; choose another.", "name"),
    "board_view_has_name": errors.Rule("invalid", "Give the view a name.", "name", 422),
    "escalation_wait_of_tier": errors.Rule("wait_changed", "Somebody saved another time meanwhile; look at it first."),
    "escalation_wait_of_service": errors.Rule(
        "wait_changed", "Somebody saved another time for this service meanwhile; look at it first."
    ),
    "finding_one_primary": errors.Rule("primary_taken", "Another finding is the primary one.", "primary"),
    "finding_one_current_version": errors.Rule(
        "finding_changed", "Somebody changed this finding meanwhile; reload and look again."
    ),
    "finding_reviewed_has_evidence": errors.Rule(
        "evidence_missing", "A reviewed finding needs evidence: what shows it?", "evidence", 422
    ),
    "finding_reviewed_has_mode": errors.Rule("mode_missing", "A reviewed finding needs a failure mode.", "mode", 422),
    "finding_layer_is_modes": errors.Rule("layer_mismatch", "This failure mode belongs to another layer.", "mode", 422),
    "verdict_one_current": errors.Rule("judged_meanwhile", "Somebody judged this suggestion meanwhile; look again."),
    "verdict_superseded_only": errors.Rule(
        "append_only", "A verdict is superseded, never changed; it stays on record."
    ),
    "mode_change_append_only": errors.Rule("append_only", "What was done to a mode stays on record."),
    "mode_name_once_among_own": errors.Rule("name_taken", "You have a mode of that name in this layer.", "name"),
    "mode_merged_within_layer": errors.Rule("other_layer", "A mode is merged within its layer.", "into", 422),
    "finding_one_place": errors.Rule("one_place", "Name a component or a seam, not both.", "component", 422),
}


def connect() -> None:
    """Register rules, places and the loader of the vocabulary; called once, when Django is ready."""
    errors.register(RULES)
    markdown.add_reference(r"(?<![\w-])INC-(\d{1,18})\b", lambda found: reverse("incidents:incident", args=[found[1]]))
    logs.hide_in_paths("/acknowledge/")
    post_migrate.connect(_load_modes, dispatch_uid="failure modes")
    registry.add_nav(
        registry.NavItem(
            label="Board",
            url_name="incidents:board",
            icon="board",
            order=10,
            prefixes=("/incidents/", "/board/"),
            count=board.open_count,
        )
    )
    registry.add_events(*broadcasting.EVENTS.values())
    registry.add_panels("handover", panels.on_handovers)
    registry.add_panels("handover", panels.recurring_on_handovers)
    registry.add_panels("handover_component", panels.on_component_handovers)
    registry.add_panels("handover_component", panels.recurring_on_component_handovers)
    registry.add_collector(
        reassigning.PLACE,
        registry.Collector("incident", "Open incident", panels.balls_to_pass, handing_off.pass_balls),
    )
    registry.add_panels("service", panels.on_services)
    registry.listen(withdrawing.NARROWED, withdrawing.notices)
    registry.listen(withdrawing.NARROWED, broadcasting.withhold)
    registry.add_jump(searching.named)
    references.add(references.Kind("row", "Timeline row", "clock", 30, pointing.rows, pointing.offered_rows))
    references.add(references.Kind("file", "File", "download", 40, pointing.files, pointing.offered_files))
    registry.add_searcher(registry.Searcher("incidents", "Incidents", 10, searching.incidents))
    registry.add_searcher(registry.Searcher("timelines", "Timelines", 50, searching.timelines))
    registry.add_searcher(registry.Searcher("findings", "Findings", 60, searching.evidence))
    registry.add_top_action(
        registry.TopAction(label="Declare incident", url_name="incidents:declare", allowed=access.may_respond)
    )


def _load_modes(sender: Any, **kwargs: Any) -> None:
    if sender.name == "incidents":
        modes.load()
