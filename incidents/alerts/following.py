"""Which incident an alert joins whatever its key says: where a person moved its problem, or where that flaps.

And the policy of its service, which adds labels to its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import connection

from incidents.alerts.ledger import Problem
from incidents.response import grouping, opening
from incidents.response.models import GroupingPolicy
from incidents.response.queries import policies

# A person's move holds as long as the incident is open, and ends with its resolve, be it reopened later or not.
# What came along with a merge is moved as long as that is not undone.
_MOVED = """
SELECT latest.source_id, latest.problem_key, latest.went_to_id FROM (
    SELECT DISTINCT ON (move.source_id, move.problem_key) move.*
    FROM unnest(%s::bigint[], %s::text[]) AS wanted(source_id, problem_key)
    JOIN incidents_alertmove AS move
      ON move.source_id = wanted.source_id AND move.problem_key = wanted.problem_key
    LEFT JOIN incidents_incidentmerge AS merge ON merge.id = move.merge_id
    WHERE merge.ended_at IS NULL
    ORDER BY move.source_id, move.problem_key, move.id DESC
) AS latest
JOIN incidents_incident AS incident ON incident.id = latest.went_to_id
WHERE incident.resolved_at IS NULL AND NOT EXISTS (
    SELECT FROM incidents_timelinerow AS row
    WHERE row.incident_id = incident.id AND row.kind = 'resolved' AND row.recorded_at >= latest.at
)
"""

# The open incident in which the problem flapped last, unless that is too long ago or the incident too old.
_FLAPS = """
SELECT DISTINCT ON (wanted.place) wanted.place, alert.incident_id
FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[])
    AS wanted(place, source_id, problem_key, at, received_at)
JOIN incidents_alert AS alert
  ON alert.source_id = wanted.source_id AND alert.problem_key = wanted.problem_key AND alert.flapping
JOIN incidents_incident AS incident ON incident.id = alert.incident_id AND incident.resolved_at IS NULL
LEFT JOIN incidents_groupingpolicy AS policy ON policy.id = incident.policy_id
WHERE alert.started_at <= wanted.at
  AND wanted.at <= alert.started_at + make_interval(mins => COALESCE(policy.calm_minutes, %s))
  AND GREATEST(wanted.at, wanted.received_at)
      <= incident.opened_at + make_interval(mins => COALESCE(policy.longest_minutes, %s))
ORDER BY wanted.place, alert.started_at DESC
"""
MOVED = "somebody moved this problem to it, and it follows as long as the incident is open"
FLAPS = "the problem comes and goes, and goes on where it was flapping"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Asked:
    """Whose place is looked for: the problem, and what its alert is labelled with."""

    problem: Problem
    labels: Mapping[str, str]
    is_test: bool
    seen: bool  # its problem was seen before this batch


def prepared(asked: Sequence[Asked], signals: Sequence[opening.Signal]) -> list[opening.Signal]:
    """The signals with their policies, the keys that those make, and what they follow; three statements."""
    held = policies.in_force({(_service(signal), signal.received_at) for signal in signals})
    follows = _follows(asked, signals)
    return [
        signal if one.is_test else _under(held[_service(signal), signal.received_at], signal, one, follows.get(place))
        for place, (one, signal) in enumerate(zip(asked, signals, strict=True))
    ]


def labelled(key: str, grouped_by: str, labels: Mapping[str, str], rules: grouping.Rules) -> tuple[str, str]:
    """The key with the labels of a policy, and in words what it stands for."""
    said = ", ".join(f"{name}={labels[name]}" if labels.get(name) else f"no {name}" for name in rules.labels)
    return grouping.key(key, labels, rules), f"{grouped_by} with {said}" if said else grouped_by


def _under(
    policy: GroupingPolicy | None, signal: opening.Signal, one: Asked, follows: opening.Follow | None
) -> opening.Signal:
    if policy is None and follows is None:
        return signal
    key, grouped_by = labelled(signal.key, signal.grouped_by, one.labels, policies.rules_of(policy))
    return replace(signal, key=key, grouped_by=grouped_by, policy=policy, follows=follows)


def _service(signal: opening.Signal) -> int | None:
    return signal.service.pk if signal.service else None


def _follows(asked: Sequence[Asked], signals: Sequence[opening.Signal]) -> dict[int, opening.Follow]:
    """By place in `asked`; a person's move counts more than flapping."""
    real = [place for place, one in enumerate(asked) if one.seen and not one.is_test]
    if not real:
        return {}
    problems = [asked[place].problem for place in real]
    sources, keys = [source for source, _ in problems], [key for _, key in problems]
    ats, receipts = [signals[place].at for place in real], [signals[place].received_at for place in real]
    rules = policies.rules_of(None)
    with connection.cursor() as cursor:
        cursor.execute(_FLAPS, [real, sources, keys, ats, receipts, rules.calm // MINUTE, rules.longest // MINUTE])
        found = {place: opening.Follow(incident, FLAPS) for place, incident in cursor.fetchall()}
        cursor.execute(_MOVED, [sources, keys])
        moved: dict[Problem, int] = {(source, key): incident for source, key, incident in cursor.fetchall()}
    for place, problem in zip(real, problems, strict=True):
        if problem in moved:
            found[place] = opening.Follow(moved[problem], MOVED)
    return found
