"""Earlier incidents like this one: candidates by index, a bounded number of them, compared in memory.

Candidates are the latest of the same service, of the same component, with an alert of the same problem, and with a
finding of the same mode. However many incidents there are, so many are looked at and no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import QuerySet

from incidents.alerts.models import Alert
from incidents.alerts.queries import likeness
from incidents.alerts.queries.likeness import Traits
from incidents.response.models import FailureMode, Finding, Incident
from incidents.response.queries import modes as vocabulary
from incidents.response.queries import visible
from ownership.models import Person

SHOWN = 5
OF_SERVICE, OF_COMPONENT, OF_MODE, OF_PROBLEM = 80, 40, 40, 10
ALERTS = 30  # of mine, and as many of each candidate at most
_OF_PROBLEMS = """
SELECT DISTINCT other.incident_id
FROM unnest(%s::bigint[], %s::text[]) AS mine(source_id, problem_key)
CROSS JOIN LATERAL (
    SELECT incident_id FROM incidents_alert
    WHERE source_id = mine.source_id AND problem_key = mine.problem_key AND incident_id IS NOT NULL
    ORDER BY started_at DESC LIMIT %s
) AS other
"""
_ALERTS_OF = """
SELECT one.id, alert.source_id, alert.problem_key, alert.name
FROM unnest(%s::bigint[]) AS one(id)
CROSS JOIN LATERAL (
    SELECT source_id, problem_key, name FROM incidents_alert
    WHERE incident_id = one.id ORDER BY started_at DESC LIMIT %s
) AS alert
"""
Keys = Mapping[tuple[int, str], str]


@dataclass(frozen=True)
class Similar:
    """An earlier incident, why it is alike, what was found then and how long it took."""

    incident: Incident
    reasons: Sequence[str]
    found: Sequence[Finding]

    @property
    def took(self) -> timedelta | None:
        """From being noticed to being resolved; None while it is open."""
        resolved = self.incident.resolved_at
        return resolved - self.incident.detected_at if resolved else None


def to(incident: Incident, viewer: Person) -> list[Similar]:
    """At most SHOWN earlier incidents that this person may see, the most alike first; nine queries at most."""
    keys = _own_keys(incident)
    found = _findings([incident.pk])[incident.pk]
    suggested = incident.suggestion.get("mode") or ""
    candidates = _candidates(incident, viewer, keys, {*(one.mode_id or "" for one in found), suggested} - {""})
    if not candidates:
        return []
    numbers = [one.pk for one in candidates]
    alerts = _keys_of(numbers) if keys else {}
    findings = _findings(numbers)
    counted = vocabulary.heads({one.suggestion.get("mode") or "" for one in (incident, *candidates)} - {""})
    mine = _traits(incident, keys, found, counted)
    alike = []
    for one in candidates:
        said = likeness.compare(mine, _traits(one, alerts.get(one.pk, {}), findings[one.pk], counted))
        if said.is_enough:
            alike.append((said.points, one.detected_at, Similar(one, said.reasons, findings[one.pk])))
    alike.sort(key=lambda ranked: ranked[:2], reverse=True)
    return [similar for _, _, similar in alike[:SHOWN]]


def _candidates(incident: Incident, viewer: Person, keys: Keys, modes: Collection[str]) -> list[Incident]:
    """Those worth a comparison, each asked for by an index; two queries."""
    earlier = visible.standing(viewer).filter(detected_at__lt=incident.detected_at).exclude(pk=incident.pk)
    lists: list[QuerySet[Incident]] = []
    if incident.service_id:
        lists.append(earlier.filter(service=incident.service_id).order_by("-detected_at")[:OF_SERVICE])
    if incident.component_id:
        lists.append(earlier.filter(component=incident.component_id).order_by("-detected_at")[:OF_COMPONENT])
    if modes:
        named = (
            Finding.objects.filter(mode__in=vocabulary.same_as(modes), superseded_at=None)
            .order_by("-pk")
            .values("incident")
        )
        lists.append(earlier.filter(pk__in=named[:OF_MODE]).order_by("-detected_at")[:OF_MODE])
    if keys and (numbers := _with_problems(keys)):
        lists.append(earlier.filter(pk__in=numbers).order_by("-detected_at")[:OF_SERVICE])
    if not lists:
        return []
    first, *others = [one.values("pk") for one in lists]
    numbers = [row["pk"] for row in (first.union(*others) if others else first)]
    return list(Incident.objects.filter(pk__in=numbers).select_related("service", "component"))


def _own_keys(incident: Incident) -> Keys:
    own = Alert.objects.filter(incident=incident, is_test=False, dismissed_at=None).order_by("-started_at")[:ALERTS]
    return {(one.source_id, one.problem_key): one.name for one in own.only("source_id", "problem_key", "name")}


def _with_problems(keys: Keys) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_OF_PROBLEMS, [*map(list, zip(*keys, strict=True)), OF_PROBLEM])
        return [number for (number,) in cursor.fetchall()]


def _keys_of(numbers: Collection[int]) -> dict[int, dict[tuple[int, str], str]]:
    found: dict[int, dict[tuple[int, str], str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_ALERTS_OF, [list(numbers), ALERTS])
        for number, source, key, name in cursor.fetchall():
            found[number][source, key] = name
    return found


def _findings(numbers: Collection[int]) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {number: [] for number in numbers}
    rows = Finding.objects.filter(incident__in=numbers, superseded_at=None).select_related("mode__counts_as")
    for finding in rows.order_by("-primary", "pk"):
        found[finding.incident_id].append(finding)
    return found


def _traits(incident: Incident, keys: Keys, findings: Sequence[Finding], counted: Mapping[str, FailureMode]) -> Traits:
    suggested = counted.get(incident.suggestion.get("mode") or "")
    return Traits(
        title=incident.title,
        service=incident.service_id,
        component=incident.component_id,
        component_name=str(incident.component) if incident.component else "",
        keys=keys,
        found={mode.code: mode.name for one in findings if one.mode and (mode := one.mode.counted)},
        suggested={suggested.code: suggested.name} if suggested else {},
        layers={one.layer for one in findings} | ({incident.suggested_layer} - {""}),
    )
