"""What the patterns wing hangs into the house."""

from __future__ import annotations

from incidents.patterns import panels
from web import errors, registry

FROZEN = "What a review has frozen stays as it is."
RULES = {
    "pattern_review_frozen": errors.Rule("review_frozen", FROZEN),
    "pattern_snapshot_frozen": errors.Rule("review_frozen", FROZEN),
    "pattern_review_person_frozen": errors.Rule("review_frozen", FROZEN),
    "decision_frozen_once_closed": errors.Rule("review_closed", "This review is closed; its decisions stay."),
    "pattern_review_closed_pair": errors.Rule("review_closed", "A closed review says when it was closed and by whom."),
    "pattern_review_person_once": errors.Rule("named_twice", "Name each person once.", "people", 422),
    "action_decided_in_one_place": errors.Rule(
        "decided_twice", "An action is decided in one postmortem or in one review."
    ),
    "pattern_review_has_title": errors.Rule("title_missing", "Give the review a title.", "title", 422),
}


def connect() -> None:
    """Register rules, the place in the rail and the ways that lead here; called once, when Django is ready."""
    errors.register(RULES)
    registry.add_nav(
        registry.NavItem(
            label="Patterns", url_name="patterns:overview", icon="patterns", order=30, prefixes=("/patterns/",)
        )
    )
    registry.add_panels("service", panels.on_services)
    registry.add_panels("team", panels.on_teams)
