"""What the postmortems wing hangs into the house."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_migrate

from incidents.postmortems import acting, asking, ending, panels, templates
from incidents.postmortems.queries import pointing, rail, searching
from incidents.response import blaming, findings, withdrawing
from ownership import reassigning
from web import errors, references, registry

PUBLISHED = "This postmortem is published, and what is published stays as it is."
RULES = {
    "section_frozen_once_published": errors.Rule("published_frozen", PUBLISHED),
    "section_revision_append_only": errors.Rule("append_only", "Saved revisions stay; save a new one."),
    "section_revision_once": errors.Rule("stale_revision", "Somebody saved this section meanwhile; reload it."),
    "section_kind_known": errors.Rule("kind_unknown", "Choose one of the kinds of section.", "kind", 422),
    "section_layer_by_kind": errors.Rule("layer_missing", "An answer names its layer; a text has none.", "layer", 422),
    "presence_once": errors.Rule("already_here", "You have this draft open already."),
    "section_once": errors.Rule("section_exists", "This postmortem has that section already."),
    "incidents_postmortem_incident_id_key": errors.Rule(
        "already_started", "This incident has a postmortem already; write in that one.", "incident"
    ),
    "postmortem_published_pair": errors.Rule("published_incomplete", "Publishing needs its time and its person."),
    "postmortem_frozen_once_published": errors.Rule("published_frozen", PUBLISHED),
    "postmortem_sent_pair": errors.Rule("sent_incomplete", "Sending to review needs its time and its person."),
    "postmortem_due_once_sent": errors.Rule("not_in_review", "Only what is in review has a day for it."),
    "postmortem_closed_once_published": errors.Rule("not_published", "Only what is published can be closed."),
    "reviewer_once": errors.Rule("already_asked", "Somebody asked this person meanwhile; reload the page."),
    "reviewer_not_author": errors.Rule("own_review", "Nobody reviews their own postmortem.", "reviewers", 422),
    "reviewer_frozen_once_published": errors.Rule("published_frozen", PUBLISHED),
    "reviewer_answer_pair": errors.Rule("answer_incomplete", "An answer needs its time.", "answer"),
    "reviewer_says_what_to_change": errors.Rule("comment_missing", "Say what should change.", "comment", 422),
    "amendment_reason_given": errors.Rule("reason_missing", "Say why it is amended.", "reason", 422),
    "amendment_once_published": errors.Rule("not_published", "Only what is published is amended; change the draft."),
    "amendment_append_only": errors.Rule("append_only", "An amendment stays; amend it once more."),
    "section_revision_amends": errors.Rule("published_frozen", PUBLISHED),
    "comment_says_something": errors.Rule("comment_empty", "Write something first.", "text", 422),
    "comment_resolved_whole": errors.Rule("comment_resolved_incomplete", "A whole thread is resolved, by somebody."),
    "comment_answers_first": errors.Rule("comment_elsewhere", "Answer a comment of the same place.", "answers_to", 422),
    "comment_kept": errors.Rule("comment_kept", "A comment is said anew or taken back; nothing else of it changes."),
    "comment_version_append_only": errors.Rule("append_only", "What a comment said stays; say it anew."),
    "comment_version_once": errors.Rule("comment_changed", "Somebody changed this comment meanwhile; reload it."),
    "quiet_hint_once": errors.Rule("hint_quiet", "Somebody waved this hint away already."),
    "template_version_once": errors.Rule(
        "version_exists", "A version of a template never changes; add the next one.", "version"
    ),
    "template_version_frozen": errors.Rule(
        "version_frozen", "A version of a template never changes; save the next one.", "version"
    ),
    "template_maker_by_code": errors.Rule("template_maker", "Templates of an organisation name who made them.", "code"),
    "template_suits_known": errors.Rule("suits_unknown", "Choose one of the sorts of incident.", "suits", 422),
    "template_standing_one_default": errors.Rule(
        "default_taken", "Somebody made another template the default meanwhile; reload the page.", "code"
    ),
    "template_standing_default_offered": errors.Rule(
        "default_stays", "This template is the default; make another one the default first.", "code"
    ),
    **{
        f"{part}_frozen_once_published": errors.Rule("published_frozen", PUBLISHED)
        for part in ("action", "held", "layer_tag", "no_action_reason", "ruling_out", "stage_latency")
    },
    "finding_known_after_publishing": errors.Rule(
        "published_meanwhile", "Its postmortem was published meanwhile; record it again, as found since then."
    ),
    "action_one_owner": errors.Rule("one_owner", "Name one person or one team, not both.", "owner", 422),
    "action_kind_known": errors.Rule("kind_unknown", "Choose one of the kinds of action.", "kind", 422),
    "action_priority_known": errors.Rule("priority_unknown", "Choose high, normal or low.", "priority", 422),
    "action_verified_by_another": errors.Rule(
        "verified_by_another", "Somebody other than its doer and its owner says whether it holds."
    ),
    "action_ticket_http": errors.Rule("ticket_address", "Use an address that begins with https://.", "url", 422),
    "held_one_answer": errors.Rule("answered_meanwhile", "Somebody answered this meanwhile; reload the page."),
    "action_done_pair": errors.Rule("done_incomplete", "A done action needs its time and its person."),
    "declined_proposal_once": errors.Rule("not_proposed", "Somebody declined this meanwhile; reload the page."),
    "declined_proposal_reason_given": errors.Rule("reason_missing", "Say why this is no finding.", "reason", 422),
    "no_action_reason_once": errors.Rule(
        "reason_given", "Somebody gave a reason for this finding meanwhile; reload the page.", "reason"
    ),
    "layer_tag_once": errors.Rule("layer_tagged", "Somebody tagged this layer meanwhile; reload the page.", "layer"),
    "ruling_out_once": errors.Rule("stance_given", "Somebody said so meanwhile; reload the page.", "layer"),
    "stage_one_current_version": errors.Rule(
        "stage_changed", "Somebody changed this row meanwhile; reload the page and look again."
    ),
    "stage_is_one_thing": errors.Rule(
        "stage_unclear", "A stage is the whole answer, a component, a seam, or a name: one of them.", "stage", 422
    ),
    "stage_percentiles_rise": errors.Rule(
        "percentiles_fall",
        "p50 is at most p95, and p95 at most p99; one of these numbers is in the wrong place.",
        "p95_ms",
        422,
    ),
    "stage_window_in_order": errors.Rule("window_inverted", "The window ends before it begins.", "measured_until", 422),
    "stage_budget_above_nothing": errors.Rule("budget_of_nothing", "A budget is above 0 ms.", "budget_ms", 422),
    "example_of_report_once": errors.Rule("report_used", "This report has an example already; correct that one."),
    "example_one_current_version": errors.Rule("example_changed", "Somebody changed this example meanwhile; reload."),
    "example_version_once": errors.Rule("example_changed", "Somebody changed this example meanwhile; reload."),
    "example_superseded_only": errors.Rule("append_only", "An example is superseded, never overwritten."),
    "example_layer_is_modes": errors.Rule("layer_missing", "The mode belongs to another layer.", "mode", 422),
    "no_action_reason_given": errors.Rule("reason_missing", "Say why nothing will be done about it.", "reason", 422),
}


def connect() -> None:
    """Register rules, places and the loader of the templates; called once, when Django is ready."""
    errors.register(RULES)
    post_migrate.connect(_load_templates, dispatch_uid="postmortem templates")
    registry.add_nav(
        registry.NavItem(
            label="Postmortems",
            url_name="postmortems:list",
            icon="postmortem",
            order=20,
            prefixes=("/postmortems/", "/examples/", "/guardrails/", "/modes/"),
            count=rail.waiting,
        )
    )
    registry.add_nav(
        registry.NavItem(
            label="Actions",
            url_name="postmortems:workboard",
            icon="checklist",
            order=22,
            prefixes=("/actions/",),
            count=rail.waiting,
        )
    )
    registry.add_guard("close", ending.of_closing)
    registry.listen(withdrawing.NARROWED, panels.take_back_notices)
    registry.listen(findings.STAND, asking.lay_out_found)
    registry.listen(blaming.BLAMED, asking.lay_out_blamed)
    references.add(references.Kind("example", "Failing example", "note", 50, pointing.resolved, pointing.offered))
    registry.add_searcher(registry.Searcher("postmortems", "Postmortems", 40, searching.postmortems))
    registry.add_panels("incident", panels.on_incidents)
    registry.add_panels("incident", panels.controls_on_incidents)
    registry.add_panels("incident", panels.examples_on_incidents)
    registry.add_panels("handover", panels.on_handovers)
    registry.add_collector(
        reassigning.PLACE, registry.Collector("action", "Open action", panels.actions_to_give, acting.give)
    )


def _load_templates(sender: Any, **kwargs: Any) -> None:
    if sender.name == "incidents":
        templates.load()
        asking.lay_out_bare()
