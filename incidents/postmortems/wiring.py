"""What the postmortems wing hangs into the house."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_migrate

from incidents.postmortems import acting, ending, panels, templates
from incidents.postmortems.queries import searching, shelf
from incidents.response import withdrawing
from ownership import reassigning
from web import errors, registry

PUBLISHED = "This postmortem is published, and what is published stays as it is."
RULES = {
    "section_frozen_once_published": errors.Rule("published_frozen", PUBLISHED),
    "section_revision_append_only": errors.Rule("append_only", "Saved revisions stay; save a new one."),
    "section_revision_once": errors.Rule("stale_revision", "Somebody saved this section meanwhile; reload it."),
    "section_once": errors.Rule("section_exists", "This postmortem has that section already."),
    "incidents_postmortem_incident_id_key": errors.Rule(
        "already_started", "This incident has a postmortem already; write in that one.", "incident"
    ),
    "postmortem_published_pair": errors.Rule("published_incomplete", "Publishing needs its time and its person."),
    "template_version_once": errors.Rule(
        "version_exists", "A version of a template never changes; add the next one.", "version"
    ),
    "action_one_owner": errors.Rule("one_owner", "Name one person or one team, not both.", "owner", 422),
    "action_kind_known": errors.Rule("kind_unknown", "Choose one of the kinds of action.", "kind", 422),
    "action_done_pair": errors.Rule("done_incomplete", "A done action needs its time and its person."),
    "no_action_reason_once": errors.Rule(
        "reason_given", "Somebody gave a reason for this finding meanwhile; reload the page.", "reason"
    ),
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
            prefixes=("/postmortems/",),
            count=shelf.own_drafts,
        )
    )
    registry.add_guard("close", ending.of_closing)
    registry.listen(withdrawing.NARROWED, panels.take_back_notices)
    registry.add_searcher(registry.Searcher("postmortems", "Postmortems", 40, searching.postmortems))
    registry.add_panels("incident", panels.on_incidents)
    registry.add_panels("incident", panels.controls_on_incidents)
    registry.add_panels("handover", panels.on_handovers)
    registry.add_collector(
        reassigning.PLACE, registry.Collector("action", "Open action", panels.actions_to_give, acting.give)
    )


def _load_templates(sender: Any, **kwargs: Any) -> None:
    if sender.name == "incidents":
        templates.load()
