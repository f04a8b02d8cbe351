"""Whether fixes held: each verification of an action, and the next incident of the same service, layer and mode."""

from __future__ import annotations

from dataclasses import replace

from django.urls import reverse

from incidents.patterns.answers.fixes import Fix
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope
from incidents.patterns.window import Window

# An action that was opened again is watched until then: what came back before still says that it did not hold. What is
# joined to the facts of a scope has been asked about; what came back is asked about by the same clause.
VERIFIED = """
SELECT a.id, a.title, p.incident_id, s.name, h.name, h.layer, e.at, again.incident_id, again.detected_at,
    least(undone.at, CASE WHEN s.retired_at > e.at THEN s.retired_at END, %(reached)s), undone.at IS NOT NULL
FROM incidents_actionevent e JOIN incidents_action a ON a.id = e.action_id
    JOIN incidents_finding f ON f.line = a.finding_line
    JOIN {findings} p ON p.finding_id = f.id
    JOIN incidents_failuremode m ON m.code = p.mode_id
    JOIN incidents_failuremode h ON h.code = coalesce(m.counts_as_id, m.code)
    JOIN ownership_service s ON s.id = p.service_id
    LEFT JOIN LATERAL (
        SELECT min(later.at) AS at FROM incidents_actionevent later
        WHERE later.action_id = a.id AND later.kind IN ('undone', 'sent_back', 'reopened', 'declined')
            AND later.at > e.at AND later.at <= %(reached)s
    ) undone ON true
    LEFT JOIN LATERAL (
        SELECT q.incident_id, q.detected_at FROM {findings} q
        WHERE q.counted AND q.service_id = p.service_id AND q.layer = p.layer AND q.incident_id <> p.incident_id
            AND q.mode_id IN (SELECT code FROM incidents_failuremode WHERE coalesce(counts_as_id, code) = h.code)
            AND q.detected_at > e.at AND q.detected_at <= least(undone.at, %(reached)s)
            AND (NOT q.private OR q.incident_id = ANY(%(own)s))
        ORDER BY q.detected_at, q.incident_id LIMIT 1
    ) again ON true
WHERE e.kind = 'verified' AND e.at >= %(first)s AND e.at < %(last)s AND e.at <= %(reached)s AND {where}
ORDER BY e.at, e.id
"""
ALL = """
SELECT count(*) FROM incidents_actionevent e JOIN incidents_action a ON a.id = e.action_id
    JOIN incidents_postmortem m ON m.id = a.postmortem_id JOIN {incidents} p ON p.incident_id = m.incident_id
WHERE e.kind = 'verified' AND e.at >= %(first)s AND e.at < %(last)s AND e.at <= %(reached)s AND {where}
"""


def fixes(asked: Scope, window: Window) -> tuple[list[Fix], int]:
    """Each verification within the window, of actions against incidents of any time that its filters let through; and
    how many more there were whose finding names no mode or no service. Two queries."""
    asked = replace(asked, where=asked.anytime)
    when = {"first": window.since, "last": window.until, "reached": window.as_of}
    found = [
        Fix(title, service, mode, layer, verified, again, again_at, until, _address(incident, action), opened)
        for action, title, incident, service, mode, layer, verified, again, again_at, until, opened in facts.rows(
            asked, VERIFIED, **when
        )
    ]
    return found, facts.rows(asked, ALL, **when)[0][0] - len(found)


def _address(incident: int, action: int) -> str:
    return f"{reverse('postmortems:postmortem', args=[incident])}#action-{action}"
