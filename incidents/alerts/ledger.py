"""The alerts table as the digest reads and writes it: one statement for any number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from incidents.alerts.episodes import Episode
from incidents.alerts.sources.reading import Reading

Problem = tuple[int, str]  # source id, problem key

_LOAD = """
SELECT alert.id, alert.source_id, alert.problem_key, alert.started_at, alert.received_at, alert.last_received_at,
       alert.resolved_at, alert.firings, alert.incident_id, alert.is_test, alert.name, alert.title, alert.flapping,
       alert.component_id IS NOT NULL, alert.resolved_at < wanted.since
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS wanted(source_id, problem_key, since)
JOIN incidents_alert AS alert
  ON alert.source_id = wanted.source_id AND alert.problem_key = wanted.problem_key
WHERE alert.resolved_at IS NULL OR alert.resolved_at >= wanted.since OR alert.id = (
    SELECT latest.id FROM incidents_alert AS latest
    WHERE latest.source_id = wanted.source_id AND latest.problem_key = wanted.problem_key
    ORDER BY latest.started_at DESC LIMIT 1
)
"""

# What a reading shows is replaced only where a newer one came (`title` is not null).
_UPDATE = """
UPDATE incidents_alert AS alert SET
    started_at = new.started_at, last_event_at = new.last_event_at, resolved_at = new.resolved_at,
    last_received_at = new.last_received_at, received_at = new.received_at, processed_at = new.processed_at,
    times_seen = new.times_seen, firings = new.firings, incident_id = COALESCE(new.incident_id, alert.incident_id),
    component_id = COALESCE(new.component_id, alert.component_id),
    service_id = COALESCE(new.service_id, alert.service_id), why = COALESCE(new.why, alert.why),
    name = COALESCE(new.name, alert.name), title = COALESCE(new.title, alert.title),
    summary = COALESCE(new.summary, alert.summary), severity = COALESCE(new.severity, alert.severity),
    severity_raw = COALESCE(new.severity_raw, alert.severity_raw),
    labels = COALESCE(new.labels, alert.labels), links = COALESCE(new.links, alert.links),
    rule_id = COALESCE(new.rule_id, alert.rule_id), layer = COALESCE(new.layer, alert.layer),
    suggestion = COALESCE(new.suggestion, alert.suggestion)
FROM jsonb_populate_recordset(NULL::incidents_alert, %s::jsonb) AS new
WHERE alert.id = new.id
"""

# What a late resolve cut off (its `id` is that of the row it was cut from) shows what that row shows.
# One digests at a time and has just read them, so a conflict is the index's last word against some other writer.
_INSERT = """
INSERT INTO incidents_alert (
    source_id, problem_key, name, title, summary, severity, severity_raw, labels, links, started_at, last_event_at,
    resolved_at, received_at, last_received_at, processed_at, times_seen, firings, component_id, service_id,
    incident_id, why, is_test, lately, flapping, rule_id, layer, suggestion
)
SELECT new.source_id, new.problem_key, COALESCE(new.name, whole.name), COALESCE(new.title, whole.title),
    COALESCE(new.summary, whole.summary), COALESCE(new.severity, whole.severity),
    COALESCE(new.severity_raw, whole.severity_raw), COALESCE(new.labels, whole.labels),
    COALESCE(new.links, whole.links), new.started_at, new.last_event_at, new.resolved_at, new.received_at,
    new.last_received_at, new.processed_at, new.times_seen, new.firings, COALESCE(new.component_id, whole.component_id),
    COALESCE(new.service_id, whole.service_id), new.incident_id, COALESCE(new.why, whole.why, ''), new.is_test, 1,
    false, COALESCE(new.rule_id, whole.rule_id), COALESCE(new.layer, whole.layer, ''),
    COALESCE(new.suggestion, whole.suggestion, '{}')
FROM jsonb_populate_recordset(NULL::incidents_alert, %s::jsonb) AS new
LEFT JOIN incidents_alert AS whole ON whole.id = new.id
ON CONFLICT (source_id, problem_key) WHERE resolved_at IS NULL DO UPDATE SET
    times_seen = incidents_alert.times_seen + EXCLUDED.times_seen,
    last_event_at = GREATEST(incidents_alert.last_event_at, EXCLUDED.last_event_at),
    last_received_at = GREATEST(incidents_alert.last_received_at, EXCLUDED.last_received_at),
    processed_at = EXCLUDED.processed_at
"""

_STILL_OPEN = """
SELECT told.incident_id, told.name, (
    SELECT count(*) FROM (
        SELECT FROM incidents_alert AS alert
        WHERE alert.incident_id = told.incident_id AND alert.name = told.name AND alert.resolved_at IS NULL
        LIMIT told.most
    ) AS counted
)
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS told(incident_id, name, most)
"""


@dataclass(frozen=True)
class Placed:
    """What the digest decided about an episode that opened: its subject, its incident, and why."""

    component_id: int | None
    service_id: int | None
    incident_id: int
    why: str
    rule_id: int | None = None
    suggestion: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    """What is known of a batch's problems: their episodes that it may touch, and which were ever seen before."""

    episodes: Mapping[Problem, Sequence[Episode]]
    seen: Collection[Problem]  # what was never seen was never moved, and has not flapped
    of_components: Collection[Problem]  # those whose alerts are about a component


def load(since: Mapping[Problem, datetime]) -> Stored:
    """Each problem's episodes that are open or ended at or after the given instant."""
    found: dict[Problem, list[Episode]] = defaultdict(list)
    seen: set[Problem] = set()
    of_components: set[Problem] = set()
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [[source for source, _ in since], [key for _, key in since], list(since.values())])
        for row in cursor.fetchall():
            problem = row[1], row[2]
            seen.add(problem)
            if row[13]:
                of_components.add(problem)
            if row[14]:
                continue  # over before this batch
            found[problem].append(
                Episode(
                    id=row[0],
                    started_at=row[3],
                    received_at=row[4],
                    last_received_at=row[5],
                    resolved_at=row[6],
                    firings={datetime.fromisoformat(at): count for at, count in orjson.loads(row[7])},
                    incident_id=row[8],
                    is_test=row[9],
                    stored_name=row[10],
                    stored_title=row[11],
                    flapping=row[12],
                )
            )
    return Stored(found, seen, of_components)


def save(episodes: Sequence[tuple[Problem, Episode]], placed: Mapping[int, Placed], *, now: datetime) -> None:
    """Write all changed episodes; `placed` is keyed by `id()` of the episode object. Two statements at most."""
    changed = [(problem, episode) for problem, episode in episodes if episode.changed]
    # Updates first: a cut ends the stored row before its later part is inserted as the open one.
    _execute(_UPDATE, [_row(problem, old, placed, now) for problem, old in changed if old.id is not None])
    _execute(_INSERT, [_row(problem, new, placed, now) for problem, new in changed if new.id is None])


def still_open(most: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], int]:
    """How many alerts of each name are open in each incident, counted no further than asked for."""
    with connection.cursor() as cursor:
        incidents, names = [incident for incident, _ in most], [name for _, name in most]
        cursor.execute(_STILL_OPEN, [incidents, names, list(most.values())])
        return {(incident_id, name): count for incident_id, name, count in cursor.fetchall()}


def _row(problem: Problem, episode: Episode, placed: Mapping[int, Placed], now: datetime) -> dict[str, Any]:
    source = episode.cut_from or episode
    place = placed.get(id(source))
    return {
        "id": source.id,
        "source_id": problem[0],
        "problem_key": problem[1],
        **_shown(episode.shown),
        "started_at": episode.started_at,
        "last_event_at": episode.last_event_at,
        "resolved_at": episode.resolved_at,
        "received_at": episode.received_at,
        "last_received_at": episode.last_received_at,
        "processed_at": now,
        "times_seen": episode.times_seen,
        "firings": sorted(episode.firings.items()),
        "component_id": place.component_id if place else None,
        "service_id": place.service_id if place else None,
        "incident_id": _incident_of(episode, place) if place or episode.id is None else None,  # a person may move it
        "why": place.why if place else None,
        "rule_id": place.rule_id if place else None,
        "layer": place.suggestion.get("layer", "") if place else None,
        "suggestion": dict(place.suggestion) if place else None,
        "is_test": episode.is_test,
    }


def _incident_of(episode: Episode, place: Placed | None) -> int | None:
    """What was cut off stays where it was, unless it was not seen firing yet: then it waits for that."""
    if episode.cut_from is not None and not episode.times_seen:
        return None
    return place.incident_id if place else (episode.cut_from or episode).incident_id


def _shown(reading: Reading | None) -> dict[str, Any]:
    if reading is None:
        return {}
    return {
        "name": reading.name,
        "title": reading.title,
        "summary": reading.summary,
        "severity": reading.severity.value,
        "severity_raw": reading.severity_raw,
        "labels": dict(reading.labels),
        "links": [{"label": link.label, "url": link.url} for link in reading.links],
    }


def _execute(statement: str, rows: Iterable[dict[str, Any]]) -> None:
    rows = list(rows)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [orjson.dumps(rows).decode()])
