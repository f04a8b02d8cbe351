"""The end state that must not depend on who died when: everything but row numbers and times of processing."""

from __future__ import annotations

from typing import Any

import psycopg

# Row numbers skip what a rolled-back transaction drew; the incidents' own order is what is compared.
_NUMBERED = "WITH numbered AS (SELECT *, row_number() OVER (ORDER BY id) AS number FROM incidents_incident) "
_PARTS = {
    "deliveries": "SELECT id, state, reason, attempts FROM incidents_delivery ORDER BY id",
    "incidents": """
        SELECT to_jsonb(numbered) - 'id' - 'changed_at' FROM numbered ORDER BY number""",
    "alerts": """
        SELECT to_jsonb(alert) - 'id' - 'incident_id' - 'processed_at', numbered.number
        FROM incidents_alert AS alert LEFT JOIN numbered ON numbered.id = alert.incident_id
        ORDER BY alert.source_id, alert.problem_key, alert.started_at, alert.resolved_at""",
    "timeline": """
        SELECT numbered.number, to_jsonb(row) - 'id' - 'incident_id' - 'recorded_at'
        FROM incidents_timelinerow AS row JOIN numbered ON numbered.id = row.incident_id ORDER BY 1, row.id""",
    "affected": """
        SELECT numbered.number, row.service_id, row.why
        FROM incidents_affectedservice AS row JOIN numbered ON numbered.id = row.incident_id ORDER BY 1, 2""",
    "versions": """
        SELECT numbered.number, to_jsonb(row) - 'id' - 'incident_id' - 'known_from' - 'superseded_at'
        FROM incidents_incidentversion AS row JOIN numbered ON numbered.id = row.incident_id ORDER BY 1, row.id""",
}

State = dict[str, list[tuple[Any, ...]]]


def read(connection: psycopg.Connection[tuple[Any, ...]]) -> State:
    """The end state of one database."""
    return {name: connection.execute(_NUMBERED + query).fetchall() for name, query in _PARTS.items()}


def difference(state: State, clean: State) -> str:
    """What differs, in a few lines; empty when nothing does."""
    lines = []
    for name, rows in clean.items():
        found = state[name]
        lines += [f"{name}: {len(found)} rows, not {len(rows)}"] if len(found) != len(rows) else []
        missing = [row for row in rows if row not in found]
        further = [row for row in found if row not in rows]
        lines += [f"{name} lacks {row}" for row in missing[:3]] + [f"{name} has {row}" for row in further[:3]]
        if not lines and found != rows:
            lines.append(f"{name}: another order")
    return "\n".join(lines)


def without_sums(state: State) -> State:
    """Without how many alerts of a sort one row of the timeline speaks for, which depends on how they were batched."""
    timeline = {
        (number, row["kind"], row["data"].get("name", ""), row["why"], _said(row)) for number, row in state["timeline"]
    }
    return {**state, "timeline": sorted(timeline)}


def _said(row: dict[str, Any]) -> str:
    return "" if row["kind"] in {"alert_firing", "alert_resolved"} else f"{row['at']} {row['text']}"
