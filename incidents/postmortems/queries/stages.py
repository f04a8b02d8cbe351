"""Which stages a service's budget names, for a table of latencies that nobody has filled yet."""

from __future__ import annotations

from dataclasses import dataclass

from incidents.response.models import Incident
from ownership.models import Component, Dependency, Part, Service
from ownership.queries import latencies


@dataclass(frozen=True)
class Stage:
    """A stage by its key (`service:3`, `component:5`, `seam:7`) and name, and its budget where one is known."""

    key: str
    name: str
    budget_ms: int | None


def named(incident: Incident) -> list[Stage]:
    """The whole answer, then the seams on a request's path in their order; nothing without a service. Three queries."""
    service = incident.service
    if service is None:
        return []
    found = latencies.of(service)
    seams = [
        Stage(
            f"seam:{hop.band.seam.id}",
            f"{hop.caller} → {hop.callee}",
            None if hop.share_ms is None else max(1, round(hop.share_ms)),
        )
        for hop in found.hops
    ]
    return [Stage(f"service:{service.pk}", "Whole answer", service.latency_budget_ms), *seams]


def choices(incident: Incident) -> list[tuple[str, str]]:
    """The service's own parts, for a row that somebody adds; one query."""
    service = incident.service
    if service is None:
        return []
    parts = Part.objects.filter(service=service).select_related("component").order_by("position", "pk")
    return [(f"component:{part.component_id}", service.label_of(part.component.name)) for part in parts]


def subjects(keys: set[str]) -> dict[str, Service | Component | Dependency]:
    """What these keys mean, as far as it is there; three queries at most."""
    found: dict[str, Service | Component | Dependency] = {}
    numbers: dict[str, list[int]] = {"service": [], "component": [], "seam": []}
    for key in keys:
        kind, _, number = key.partition(":")
        if kind in numbers and number.isdecimal() and len(number) < 18:
            numbers[kind].append(int(number))
    found |= {f"service:{pk}": one for pk, one in Service.objects.in_bulk(numbers["service"]).items()}
    found |= {f"component:{pk}": one for pk, one in Component.objects.in_bulk(numbers["component"]).items()}
    seams = Dependency.objects.select_related("upstream", "downstream").in_bulk(numbers["seam"])
    return found | {f"seam:{pk}": one for pk, one in seams.items()}
