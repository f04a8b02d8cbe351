"""How imported incidents stand now, in the shape of what was written of them: what differs, people changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from incidents.history.meaning import Wrote
from incidents.history.models import HistoryRow
from incidents.history.reading.mapping import FACTS, TIMES
from incidents.postmortems.models import Action, Postmortem
from incidents.response.models import AffectedService, Finding, ImpactFacts, Incident
from incidents.response.vocabulary import Green

PUBLISHED = "its postmortem is published"


def rows_of(collection: str, keys: Sequence[str]) -> dict[str, HistoryRow]:
    """The rows of a collection that were imported before, by their keys, with their incidents; one query."""
    rows = HistoryRow.objects.filter(collection=collection, key__in=keys)
    return {one.key: one for one in rows.select_related("incident__service", "incident__component")}


def here(rows: Sequence[HistoryRow], after: Mapping[int, Wrote]) -> dict[int, Wrote]:
    """What stands of each incident, by its number; five queries for any number. `after`: what the file says now."""
    numbers = [row.incident_id for row in rows]
    affected: dict[int, list[str]] = defaultdict(list)
    for number, slug in AffectedService.objects.filter(incident__in=numbers).values_list("incident", "service__slug"):
        affected[number].append(slug)
    facts = {one.incident_id: one for one in ImpactFacts.objects.filter(incident__in=numbers, superseded_at=None)}
    findings: dict[int, list[Finding]] = defaultdict(list)
    for finding in Finding.objects.filter(incident__in=numbers, superseded_at=None).order_by("pk"):
        findings[finding.incident_id].append(finding)
    actions: dict[int, list[Action]] = defaultdict(list)
    brought = [number for row in rows for number in row.actions]
    for action in Action.objects.filter(pk__in=brought).select_related("postmortem", "owner", "owner_team"):
        if action.postmortem:  # what a review decided is in no file
            actions[action.postmortem.incident_id].append(action)
    reviewed = Postmortem.objects.filter(incident__in=numbers, published_at__isnull=False)
    published = set(reviewed.values_list("incident", flat=True))
    found = {}
    for row in rows:
        number, wrote = row.incident_id, row.wrote
        found[number] = {
            **_fields(row.incident, after[number]),
            **_facts(facts.get(number)),
            "affected": _same_set(affected[number], wrote["affected"], after[number]["affected"]),
            "findings": _findings(row, findings[number]),
            "actions": [PUBLISHED] if number in published else _actions(row, actions[number]),
        }
    return found


def _fields(incident: Incident, after: Wrote) -> Wrote:
    said: Wrote = {
        name: getattr(incident, name) for name in ("title", "type", "severity", "impact", "detected_by", "first_blame")
    }
    said |= {name: at.isoformat() if (at := getattr(incident, name)) else "" for name in TIMES}
    said["service"] = incident.service.slug if incident.service else ""
    said["component"] = incident.component.name if incident.component else ""
    said["impact_precision"] = incident.impact_precision
    if incident.severity_set_by_id is not None and incident.severity != after["severity"]:
        said["severity"] = f"{incident.severity}, set by a person"
    if incident.times_checked_at is not None and any(said[name] != after[name] for name in TIMES):
        said["impact_precision"] = f"{incident.impact_precision}, checked by a person"
    return said


def _facts(standing: ImpactFacts | None) -> Wrote:
    if standing is None:
        return dict.fromkeys(FACTS, "") | {"monitors_green": Green.UNKNOWN.value}
    said = {name: getattr(standing, name) for name in FACTS}
    numbers = {
        name: "" if said[name] is None else f"{said[name].normalize():f}" for name in ("share_from", "share_until")
    }
    return said | numbers | {"bad_count": "" if standing.bad_count is None else str(standing.bad_count)}


def _same_set(now: list[str], before: list[str], after: list[str]) -> list[str]:
    """In the order in which it was written, or is to be, where it holds the same."""
    return next((one for one in (before, after) if set(one) == set(now)), sorted(now))


def _findings(row: HistoryRow, standing: list[Finding]) -> list[Any]:
    """What was brought, while all of it stands; else what stands instead."""
    if set(row.findings) <= {one.pk for one in standing}:
        return list(row.wrote["findings"])
    return [{"layer": one.layer, "mode": one.mode_id or "", "changed": "by a person"} for one in standing] or [
        "withdrawn"
    ]


def _actions(row: HistoryRow, standing: list[Action]) -> list[Any]:
    """The same of actions; what people took further stays."""
    by_title = {one.title: one for one in standing}
    told = []
    for said in row.wrote["actions"]:
        action = by_title.get(said["title"])
        told.append(said if action is not None and _untouched(action, said) else f"{said['title']}: changed here since")
    return told


def _untouched(action: Action, said: Mapping[str, Any]) -> bool:
    party = action.party
    name = "" if party is None else getattr(party, "email", None) or getattr(party, "slug", "")
    done = action.done_at.astimezone(UTC).date().isoformat() if action.done_at else ""
    due = action.due_on.isoformat() if action.due_on else ""
    settled = action.verified_at or action.declined_at
    return not settled and (action.kind, name, due, done) == (
        said["kind"],
        said["owner"],
        said["due_on"],
        said["done_on"],
    )
