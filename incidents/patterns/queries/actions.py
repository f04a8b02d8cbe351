"""What became of the actions of reviews, as known at the instant asked for."""

from __future__ import annotations

from datetime import datetime

from incidents.patterns.answers.follow_through import Lasted
from incidents.patterns.answers.promises import Kept
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope
from incidents.postmortems.models.actions import WEEKS

# How an action stands now is on it; how it stood follows from what happened to it. One that nothing happened to here,
# because it was imported as it is, stood so from the times it carries.
NOW = "SELECT a.done_at, a.verified_at, a.declined_at"
THEN = """
SELECT CASE WHEN last.kind IN ('done', 'verified') THEN (
            SELECT max(e.at) FROM incidents_actionevent e
            WHERE e.action_id = a.id AND e.kind = 'done' AND e.at <= last.at
        ) WHEN last.kind IS NULL AND untold.it THEN CASE WHEN a.done_at <= %(clock)s THEN a.done_at END END AS done_at,
    CASE WHEN last.kind = 'verified' THEN last.at
        WHEN last.kind IS NULL AND untold.it AND a.verified_at <= %(clock)s THEN a.verified_at END AS verified_at,
    CASE WHEN last.kind = 'declined' THEN last.at
        WHEN last.kind IS NULL AND untold.it AND a.declined_at <= %(clock)s THEN a.declined_at END AS declined_at
FROM (SELECT NOT EXISTS (
    SELECT FROM incidents_actionevent e WHERE e.action_id = a.id AND e.kind IN {settling}
)) untold (it)
LEFT JOIN LATERAL (
    SELECT e.kind, e.at FROM incidents_actionevent e
    WHERE e.action_id = a.id AND e.at <= %(clock)s AND e.kind IN {settling}
    ORDER BY e.at DESC, e.id DESC LIMIT 1
) last ON true
""".replace("{settling}", "('done', 'undone', 'verified', 'sent_back', 'declined', 'reopened')")
DAYS = " ".join(f"WHEN '{priority}' THEN {weeks * 7}" for priority, weeks in WEEKS.items())  # that each promises
ACTIONS = """
WITH action AS (
    SELECT a.priority, a.created_at, a.due_on, stood.*, (a.created_at AT TIME ZONE 'UTC')::date
            + CASE a.priority {weeks} END AS promised_on,
        (stood.done_at AT TIME ZONE 'UTC')::date AS done_on, (stood.declined_at AT TIME ZONE 'UTC')::date AS declined_on
    FROM {incidents} p JOIN incidents_postmortem review ON review.incident_id = p.incident_id
    JOIN incidents_action a ON a.postmortem_id = review.id
    CROSS JOIN LATERAL ({stood}) stood
    WHERE {where} AND a.created_at <= %(clock)s
)"""
# To the day: done within the first day is 1; what is not done has waited the whole days so far, declined or not.
LASTED = """
SELECT CASE WHEN verified_at IS NOT NULL THEN 'verified' WHEN done_at IS NOT NULL THEN 'done'
        WHEN declined_at IS NOT NULL THEN 'declined' ELSE 'open' END,
    CASE WHEN done_at < created_at THEN NULL
        WHEN done_at IS NOT NULL THEN greatest(1, ceil(extract(epoch FROM done_at - created_at) / 86400))::int
        ELSE floor(extract(epoch FROM %(clock)s - created_at) / 86400)::int END, count(*)
FROM action GROUP BY 1, 2
"""
# Due is what was due before today and not declined by then.
KEPT = """
SELECT priority, count(*),
    count(*) FILTER (WHERE due_on < today.it AND (declined_on > due_on) IS NOT FALSE),
    count(*) FILTER (WHERE due_on < today.it AND done_on <= due_on),
    count(*) FILTER (WHERE due_on < today.it AND done_on IS NULL AND declined_on IS NULL),
    count(*) FILTER (WHERE promised_on < today.it AND (declined_on > promised_on) IS NOT FALSE),
    count(*) FILTER (WHERE promised_on < today.it AND done_on <= promised_on),
    count(*) FILTER (WHERE promised_on < today.it AND done_on IS NULL AND declined_on IS NULL),
    count(done_at), count(*) FILTER (WHERE done_at IS NOT NULL AND verified_at IS NOT NULL)
FROM action CROSS JOIN (SELECT (%(clock)s AT TIME ZONE 'UTC')::date) today (it) GROUP BY 1
"""


def lasted(asked: Scope, *, clock: datetime) -> list[Lasted]:
    """Actions written down by `clock` of the incidents in scope, by how they stand and for how many days; one query."""
    return [Lasted(*row) for row in facts.rows(asked, _told(asked, LASTED), clock=clock)]


def kept(asked: Scope, *, clock: datetime) -> list[Kept]:
    """The same by priority: how many were due, promised, done, and of these kept or verified; one query."""
    return [Kept(*row) for row in facts.rows(asked, _told(asked, KEPT), clock=clock)]


def _told(asked: Scope, select: str) -> str:
    return ACTIONS.replace("{weeks}", DAYS).replace("{stood}", THEN if "known_at" in asked.params else NOW) + select
