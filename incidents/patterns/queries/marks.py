"""The incidents behind a mark of a chart."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import F, QuerySet

from incidents.patterns.answers.kinds import SEAM
from incidents.patterns.answers.modes import NO_MODE
from incidents.patterns.models import BITS
from incidents.patterns.queries import beside, facts
from incidents.patterns.queries.facts import FOUND, HURT_KNOWN, Scope
from incidents.patterns.selection import Selection
from incidents.patterns.window import month_bounds
from incidents.response.models import FailureMode, Finding, Incident
from incidents.response.vocabulary import FindingRole, FindingState, Green, IncidentType, Layer
from ownership.vocabulary import ComponentKind

OF_INCIDENT = {
    "blame": "p.first_blame",
    "found": "p.primary_layer",
    "type": "p.type",
    "green": "p.monitors_green",
    "suggested": "p.suggested_layer",
}
OF_FINDING = {"layer": "f.layer", "state": "f.state", "role": "f.role"}
ONLY = {
    "open": "p.resolved_at IS NULL",
    "untagged": f"p.resolved_at IS NOT NULL AND {FOUND} = 0",
    "tagged": f"{FOUND} > 0",
    "not_found": "p.primary_layer = ''",
    "noticed_monitors": "p.detected_by IN ('monitor', 'online_eval')",
    "noticed_inside": "p.detected_by IN ('internal_user', 'audit')",
    "noticed_outside": "p.detected_by IN ('user_report', 'vendor')",
    "noticed_unknown": "p.detected_by = ''",
    "impact_unknown": "p.impact_precision = 'unknown'",
}
OWNED = {"yes": "p.owned", "no": "NOT p.owned", "unknown": "p.owned IS NULL"}
WITHOUT_MODE = "f.mode_id IS NULL"
HURT = {"any": "true", "known": HURT_KNOWN, "unknown": f"{HURT_KNOWN} IS NOT TRUE"}
MODE = "f.mode_id IN (SELECT code FROM incidents_failuremode WHERE coalesce(counts_as_id, code) = %(of_mode)s)"
AT_SEAM = "f.dependency_id IS NOT NULL"
KIND = "f.component_id IN (SELECT id FROM ownership_component WHERE kind = %(of_kind)s)"
DAY = "(p.detected_at AT TIME ZONE 'UTC')::date"
DAYS = DAY.join(("SELECT ", " FROM {scope.incidents} p WHERE {scope.where} AND {of}"))
TWO_SERVICES = beside.Written(r"[\w-]{1,130}\.[\w-]{1,130}")  # their slugs, which have no dot
OF_SERVICE = "p.service_id = (SELECT id FROM ownership_service WHERE slug = %({name})s)"
MONTH = "p.detected_at >= %(of_since)s AND p.detected_at < %(of_until)s"


def known() -> dict[str, Collection[str]]:
    """The values that a selection may have, by its name; one query, for the modes."""
    layers = Layer.values
    return {
        **dict.fromkeys(("layer", "beside", "blame", "found", "suggested"), layers),
        "mode": {*FailureMode.objects.values_list("code", flat=True), NO_MODE},
        "state": FindingState.values,
        "role": FindingRole.values,
        "kind": [*ComponentKind.values, SEAM],
        "type": IncidentType.values,
        "green": Green.values,
        "owned": OWNED,
        "same_day": TWO_SERVICES,
        "hurt": HURT,
        "only": ONLY,
        **beside.FORMS,
    }


def selected(asked: Scope, selection: Selection) -> Scope:
    """The incidents in scope behind a mark. What is said of a finding holds of one and the same finding."""
    conditions, params = _equal(selection, OF_INCIDENT)
    if selection.hurt:
        asked = _in_time(asked, selection)
        conditions.append(HURT[selection.hurt])
    elif selection.month:
        conditions.append(MONTH)
        params["of_since"], params["of_until"] = month_bounds(selection.month)
    if selection.owned:
        conditions.append(OWNED[selection.owned])
    if selection.only:
        conditions.append(ONLY[selection.only])
    if selection.beside:
        conditions.append(f"{FOUND} & %(of_beside)s > 0")
        params["of_beside"] = BITS[Layer(selection.beside)]
    if selection.same_day:
        params["of_first"], params["of_second"] = selection.same_day.split(".")
        conditions.append(_same_day(asked))
    further, of_further = _beside(asked, selection)
    conditions += further
    found, of_findings = _equal(selection, OF_FINDING)
    if selection.mode:
        found.append(WITHOUT_MODE if selection.mode == NO_MODE else MODE)
        of_findings["of_mode"] = selection.mode
    if selection.kind:
        found.append(AT_SEAM if selection.kind == SEAM else KIND)
        of_findings["of_kind"] = selection.kind
    if found:
        of_one = " AND ".join(found)
        conditions.append(f"EXISTS (SELECT FROM {asked.findings} f WHERE f.incident_id = p.incident_id AND {of_one})")
    return asked.narrowed(" AND ".join(conditions or ["true"]), **params, **of_further, **of_findings)


def _same_day(asked: Scope) -> str:
    """An incident of either service on a day on which each had one in scope."""
    one, other = (OF_SERVICE.format(name=name) for name in ("of_first", "of_second"))
    days = " INTERSECT ".join(DAYS.format(scope=asked, of=of) for of in (one, other))
    return f"({one} OR {other}) AND {DAY} IN ({days})"


def _in_time(asked: Scope, selection: Selection) -> Scope:
    """Those that went on in the window, or in the selected month as far as the window reaches."""
    if selection.month is None:
        return asked.hurting()
    since, until = month_bounds(selection.month)
    return asked.hurting(max(since, asked.params["since"]), min(until, asked.params["until"]))


def behind(asked: Scope, selection: Selection) -> QuerySet[Incident]:
    """These incidents with their services."""
    return Incident.objects.filter(pk__in=facts.Numbers(selected(asked, selection))).select_related("service")


def found_in(incident_ids: Collection[int]) -> dict[int, list[Finding]]:
    """The current findings of each incident, primary first; one query."""
    found: dict[int, list[Finding]] = {number: [] for number in incident_ids}
    rows = Finding.objects.filter(incident__in=incident_ids, superseded_at__isnull=True).order_by(
        F("primary").desc(), "layer", "pk"
    )
    for finding in rows.select_related("mode"):
        found[finding.incident_id].append(finding)
    return found


def _equal(selection: Selection, columns: dict[str, str]) -> tuple[list[str], dict[str, Any]]:
    """A condition and a parameter for each of these that was asked for."""
    asked = {name: getattr(selection, name) for name in columns if getattr(selection, name)}
    return [f"{columns[name]} = %(of_{name})s" for name in asked], {f"of_{k}": value for k, value in asked.items()}


def _beside(asked: Scope, selection: Selection) -> tuple[list[str], dict[str, Any]]:
    """A condition on what lies beside the facts, with a parameter, for each that was asked for."""
    chosen = {name: getattr(selection, name) for name in beside.CONDITIONS if getattr(selection, name)}
    params = {f"of_{name}": value for name, value in chosen.items()}
    return [beside.CONDITIONS[name] for name in chosen], {**params, "of_instant": asked.instant}
