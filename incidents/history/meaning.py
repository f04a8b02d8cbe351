"""What a record means here: its words, its service, its component and the owners of its actions, found by name."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from django.db.models import F

from incidents.history.reading.extracting import Words
from incidents.history.reading.mapping import FACTS, TEXTS, TIMES, Mapping
from incidents.history.reading.records import Problem, Record
from incidents.postmortems.models import ActionKind
from incidents.response.models import FailureMode
from incidents.response.vocabulary import (
    Confidence,
    DetectedBy,
    FindingRole,
    FindingState,
    Green,
    IncidentType,
    Layer,
    Precision,
    Severity,
)
from ownership import slugs
from ownership.models import Component, Person, Service, Team

# What is written of a row, in plain JSON: texts by the names of the mapping's fields (a service by its slug, a
# component by its name, times in ISO, "" for nothing), `impact_precision`, and the lists below.
Wrote = dict[str, Any]
NEW_SERVICE = 120  # letters that the name of a service may have


@dataclass
class Known:
    """What rows may name, by what they call it (lower case). `new` services, slug → name, are still to be made."""

    words: Words
    services: dict[str, str]
    components: dict[str, str]
    parties: dict[str, str]
    taken: set[str]
    new: dict[str, str] = field(default_factory=dict)


def known() -> Known:
    """Everything that a row may name; five queries. What is retired is still named by the past."""
    rows = Service.objects.order_by(F("retired_at").asc(nulls_last=True), "pk").values_list("name", "slug")
    services = {slug: slug for _, slug in rows} | {name.casefold(): slug for name, slug in rows}  # the living ones last
    living = Component.objects.filter(retired_at=None).values_list("name", flat=True)
    people = Person.objects.filter(is_active=True).values_list("email", flat=True)
    teams = list(Team.objects.filter(dissolved_at=None).values_list("slug", "name"))
    return Known(
        words=_words(),
        services=services,
        components={name.casefold(): name for name in living},
        parties={email.casefold(): email for email in people}
        | {name.casefold(): slug for slug, name in teams}
        | {slug: slug for slug, _ in teams},
        taken=set(services.values()) | slugs.RESERVED,
    )


def _words() -> Words:
    modes = FailureMode.objects.filter(retired_at=None, merged_into=None)
    return Words(
        severity=Severity.values,
        type=IncidentType.values,
        detected_by=DetectedBy.values,
        layer=Layer.values,
        role=FindingRole.values,
        confidence=Confidence.values,
        mode=set(modes.values_list("code", flat=True)),
        kind=ActionKind.values,
        green=Green.values,
        state=FindingState.values,
    )


def understood(record: Record, mapping: Mapping, names: Known) -> tuple[Wrote | None, list[Problem]]:
    """What is to be written of a record, None when it has an error; and what was noticed."""
    problems: list[Problem] = []

    def notice(code: str, message: str, at: str, severity: Literal["error", "warning"] = "warning") -> None:
        problems.append(Problem(record.file, record.line, code, message, at, severity))

    service, *affected = (
        _service(name, mapping.new_services, names, notice) for name in (record.service, *record.affected)
    )
    component = names.components.get(str(record.fields.get("component", "")).casefold(), "")
    if record.fields.get("component") and not component:
        told = f"No component is called {record.fields['component'][:80]!r}; the incident comes in without it."
        notice("component_unknown", told, "component")
    if any(one.severity == "error" for one in problems):
        return None, problems
    wrote: Wrote = {name: record.fields.get(name, "") for name in (*TEXTS, *FACTS)}
    wrote |= {name: record.times[name].isoformat() if name in record.times else "" for name in TIMES}
    wrote |= {
        "service": service,
        "component": component,
        "severity": wrote["severity"] or Severity.PENDING.value,
        "share_until": wrote["share_until"] or wrote["share_from"],
        "monitors_green": wrote["monitors_green"] or Green.UNKNOWN.value,
        "impact_precision": mapping.precision if wrote["impact_from"] else Precision.UNKNOWN.value,
        "affected": [one for one in dict.fromkeys(affected) if one and one != service],
        "findings": [_placed(asdict(one), names, notice) for one in record.findings],
        "actions": [_owned(asdict(one), names, notice) for one in record.actions],
        "doubts": [asdict(one) for one in record.doubts],
    }
    return wrote, problems


def digest(wrote: Wrote) -> str:
    """Tells whether two readings of a row are the same."""
    return hashlib.sha256(json.dumps(wrote, sort_keys=True).encode()).hexdigest()


def has_facts(wrote: Wrote) -> bool:
    """Whether a row says how far it went."""
    return any(wrote[name] for name in FACTS if name != "monitors_green") or wrote["monitors_green"] != Green.UNKNOWN


def _service(name: str, new: str, names: Known, notice: Any) -> str:
    found = names.services.get(name.casefold(), "")
    if not name or found:
        return found
    if new == "refuse":
        told = f"No service is called {name[:80]!r}. Register it, map the name by `values`, or say"
        notice("service_unknown", f"{told} `unknown: create` or `unknown: leave_open`.", "service", "error")
    elif new == "create" and len(name) > NEW_SERVICE:
        notice("too_long", f"The name of a service has {NEW_SERVICE} letters at most.", "service", "error")
    elif new == "create":
        return _named(name, names)
    else:
        notice("service_left_open", f"No service is called {name[:80]!r}; that stays open.", "service")
    return ""


def _named(name: str, names: Known) -> str:
    slug = slugs.free_among(name, names.taken, Service)
    names.taken.add(slug)
    names.services[name.casefold()] = slug
    names.new[slug] = name
    return slug


def _placed(said: dict[str, Any], names: Known, notice: Any) -> dict[str, Any]:
    named = said["component"]
    said["component"] = names.components.get(named.casefold(), "")
    if named and not said["component"]:
        notice(
            "component_unknown", f"No component is called {named[:80]!r}; the finding names none.", "findings.component"
        )
    return said


def _owned(said: dict[str, Any], names: Known, notice: Any) -> dict[str, Any]:
    named = said["owner"]
    said["owner"] = names.parties.get(named.casefold(), "")
    if named and not said["owner"]:
        told = f"Nobody has the e-mail address or the team's name {named[:80]!r}; the action has no owner yet."
        notice("owner_unknown", told, "actions.owner")
    return said
