"""Rows of a file of past incidents, and the act of bringing them in."""

from __future__ import annotations

import json
from typing import Any

from incidents.history import importing
from incidents.history.models import HistoryRow
from incidents.history.reading import mapping
from incidents.history.report import Report
from incidents.response.models import Incident
from tests import factories as make

NOW = make.NOON
MAPPING = """
collection: old tool
format: jsonl
identity: [id]
fields:
  title: title
  impact: impact
  type: type
  severity: severity
  detected_by: noticed
  first_blame: blamed
  source_url: url
  component: component
  slice: slice
  share_from: share
  share_until: most
  monitors_green: green
  impact_from: began
  detected_at: seen
  mitigated_at: well
  resolved_at: over
service: {from: service, unknown: create}
affected: [also]
findings:
  - {each: causes, layer: layer, mode: mode, role: role, evidence: why, primary: first, state: state}
actions:
  - {each: todo, title: what, kind: kind, owner: who, due_on: due, done_on: done}
"""
FULL: dict[str, Any] = {
    "id": 7,
    "title": "Answers cite the wrong article",
    "impact": "EN tickets got wrong links",
    "type": "quality",
    "severity": "sev2",
    "noticed": "user_report",
    "blamed": "model",
    "url": "https://old.example.org/7",
    "slice": "EN tickets",
    "share": "12.5 %",
    "green": "yes",
    "began": "2026-03-01T08:00Z",
    "seen": "2026-03-01T09:00Z",
    "well": "2026-03-01T10:00Z",
    "over": "2026-03-01T11:00Z",
    "service": "Support answers",
    "also": ["Search"],
    "causes": [
        {
            "layer": "data",
            "mode": "data.schema_drift",
            "why": "the diff of the table",
            "first": True,
            "state": "reviewed",
        },
        {"layer": "org"},
    ],
    "todo": [{"what": "Watch the schema", "kind": "monitor", "who": "ada@example.org", "done": "2026-04-01"}],
}


def bring(*rows: dict[str, Any], told: str = MAPPING, **asked: Any) -> Report:
    asked.setdefault("by", make.person(role="admin"))
    asked.setdefault("now", NOW)
    text = "\n".join(json.dumps(row) for row in rows)
    return importing.run(text.encode(), mapping.load(told), file="past.jsonl", **asked)


def plain(number: int = 1, **more: Any) -> dict[str, Any]:
    row = {"id": number, "title": f"Slow answers {number}", "seen": "2026-03-01T09:00Z", "over": "2026-03-01T11:00Z"}
    return row | more


def the_incident(key: object = 7) -> Incident:
    return HistoryRow.objects.get(collection="old tool", key=str(key)).incident
