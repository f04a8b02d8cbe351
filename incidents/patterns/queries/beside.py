"""Incidents by what lies beside the facts, as known at the instant asked for.

Each condition holds of an incident `p` that a scope of `facts` lets through, which has asked who looks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from incidents.patterns.answers.handoffs import MOST

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
# How often the ball of an incident was passed on, and whether it once went straight back to who had just given it.
PASSES = """SELECT count(*) AS times, bool_or(step.to_id = step.given_by) AS back FROM (
        SELECT h.to_id, lag(h.held_by_id) OVER (ORDER BY h.at, h.id) AS given_by FROM incidents_handoff h
        WHERE h.incident_id = p.incident_id AND h.held_by_id IS NOT NULL AND h.at <= %(of_instant)s::timestamptz
    ) step"""
HANDED = "(SELECT least(passed.times, {most})::text FROM ({passes}) passed) = %(of_handed)s"
RETURNED = "(SELECT coalesce(passed.back, false) FROM ({passes}) passed) = (%(of_returned)s = 'yes')"
CONDITIONS = {
    "rule": RULE,
    "stage": STAGE,
    "handed": HANDED.replace("{most}", str(MOST)).replace("{passes}", PASSES),
    "returned": RETURNED.replace("{passes}", PASSES),
}


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


FORMS: dict[str, Collection[str]] = {
    "rule": Written(r"\w{1,8}:[\w.-]{1,80}"),
    "handed": [str(times) for times in range(MOST + 1)],
    "returned": ["yes", "no"],
    "stage": Written(r"(service|component|seam):\d{1,18}|name:[^\x00]{1,240}"),
}
