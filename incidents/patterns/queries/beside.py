"""Incidents by what lies beside the facts, as known at the instant asked for.

Each condition holds of an incident `p` that a scope of `facts` lets through, which has asked who looks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

RULE = """EXISTS (SELECT FROM incidents_suggestionverdict v WHERE v.incident_id = p.incident_id
    AND v.book || ':' || v.rule = %(of_rule)s AND v.at <= %(of_instant)s::timestamptz
    AND (v.superseded_at IS NULL OR v.superseded_at > %(of_instant)s::timestamptz))"""
# What a row of latencies is about: the whole service, a component, a seam, or what goes by a name of its own.
STAGE_KEY = """CASE WHEN s.service_id IS NOT NULL THEN 'service:' || s.service_id
    WHEN s.component_id IS NOT NULL THEN 'component:' || s.component_id
    WHEN s.dependency_id IS NOT NULL THEN 'seam:' || s.dependency_id ELSE 'name:' || lower(s.name) END"""
STAGE = """EXISTS (SELECT FROM incidents_postmortem review
    JOIN incidents_stagelatency s ON s.postmortem_id = review.id
    WHERE review.incident_id = p.incident_id AND {key} = %(of_stage)s
    AND s.known_from <= %(of_instant)s::timestamptz
    AND (s.superseded_at IS NULL OR s.superseded_at > %(of_instant)s::timestamptz))""".replace("{key}", STAGE_KEY)
CONDITIONS = {"rule": RULE, "stage": STAGE}


class Written(Collection[str]):
    """All texts of one form, as the values that a selection may have: one that nothing has leads to nothing."""

    def __init__(self, form: str) -> None:
        self.form = re.compile(form)

    def __contains__(self, text: object) -> bool:
        """Whether it has the form."""
        return isinstance(text, str) and self.form.fullmatch(text) is not None

    def __iter__(self) -> Iterator[str]:
        """They are not to be listed."""
        return iter(())

    def __len__(self) -> int:
        """More than anybody lists."""
        return 1_000_000


FORMS = {
    "rule": Written(r"\w{1,8}:[\w.-]{1,80}"),
    "stage": Written(r"(service|component|seam):\d{1,18}|name:[^\x00]{1,240}"),
}
