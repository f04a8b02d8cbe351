"""From an alert's labels to the component and service they mean, with the reason in words.

Order: exact alias (label → component), what a rule says of it, component name, service name. A component that is part
of no service stands for the service that needs it over seams. What resolves to nothing says so: there is no silent
default.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.db.models.functions import Lower

from ownership.models import Alias, Component, Part, Service
from ownership.queries import reaching
from ownership.queries.reaching import Reach, importance

COMPONENT_LABEL = "component"
SERVICE_LABEL = "service"


@dataclass(frozen=True)
class Subject:
    """What an alert is about. `affected` are further services that the component belongs to."""

    component: Component | None
    service: Service | None
    affected: tuple[Service, ...]
    why: str
    by_rule: bool = False  # a rule said so, not an alias or a name


@dataclass(frozen=True)
class Ruled:
    """What a rule of the caller's says that an alert is about: a component or a service by id; `why` names the rule."""

    component_id: int | None
    service_id: int | None
    why: str


@dataclass(frozen=True)
class _Book:
    """All that one batch of labels may mean."""

    aliases: Mapping[tuple[str, str], Component]
    components: Mapping[str, Component]
    services: Mapping[str, Service]
    ruled_components: Mapping[int, Component]
    ruled_services: Mapping[int, Service]
    parts: Mapping[int, Sequence[Part]]
    reaches: Mapping[int, Sequence[Reach]]  # of those that are part of no service


def subjects_of(labels: Sequence[Mapping[str, str]], ruled: Sequence[Ruled | None] | None = None) -> list[Subject]:
    """What each set of labels is about, in the order given; at most nine queries for any number.

    `ruled` aligns with `labels`; what a rule names and is retired by now counts as not said.
    """
    said = ruled if ruled is not None else [None] * len(labels)
    book = _look_up(labels, [one for one in said if one is not None])
    return [_subject(one, rule, book) for one, rule in zip(labels, said, strict=True)]


def _look_up(labels: Sequence[Mapping[str, str]], ruled: Sequence[Ruled]) -> _Book:
    pairs = {(system, value.lower()) for one in labels for system, value in one.items()}
    names = {one[COMPONENT_LABEL].lower() for one in labels if one.get(COMPONENT_LABEL)}
    service_names = {one[SERVICE_LABEL].lower() for one in labels if one.get(SERVICE_LABEL)}
    aliases = _aliases(pairs)
    living = Component.objects.annotate(lower=Lower("name")).filter(retired_at=None)
    wanted = living.filter(Q(lower__in=names) | Q(pk__in={one.component_id for one in ruled if one.component_id}))
    components = {component.pk: component for component in wanted}
    by_name = {component.name.lower(): component for component in components.values()}
    services, ruled_services = _services(service_names, {one.service_id for one in ruled if one.service_id})
    ids = {component.pk for component in (*aliases.values(), *components.values())}
    parts: dict[int, list[Part]] = defaultdict(list)
    for part in Part.objects.filter(component__in=ids, service__retired_at=None).select_related("service"):
        parts[part.component_id].append(part)
    for members in parts.values():
        members.sort(key=importance)
    alone = ids - parts.keys()
    reaches = reaching.services_of(alone) if alone else {}
    return _Book(aliases, by_name, services, components, ruled_services, parts, reaches)


def _services(names: set[str], ids: set[int]) -> tuple[dict[str, Service], dict[int, Service]]:
    """Living services by slug and name, and by id; a name wins over a slug. Two queries."""
    living = Service.objects.filter(retired_at=None)
    found = {service.pk: service for service in living.filter(Q(slug__in=names) | Q(pk__in=ids))}
    by_name = {service.slug: service for service in found.values() if service.slug in names}
    by_name |= {
        service.name.lower(): service for service in living.annotate(lower=Lower("name")).filter(lower__in=names)
    }
    return by_name, found


def _aliases(pairs: set[tuple[str, str]]) -> dict[tuple[str, str], Component]:
    """Only pairs that match as pairs; the join on two arrays keeps it one query."""
    if not pairs:
        return {}
    systems, keys = zip(*pairs, strict=True)
    rows = Alias.objects.raw(
        """
        SELECT alias.* FROM ownership_alias AS alias
        JOIN unnest(%s::text[], %s::text[]) AS wanted(system, key)
          ON alias.system = wanted.system AND lower(alias.key) = wanted.key
        JOIN ownership_component AS component ON component.id = alias.component_id
        WHERE component.retired_at IS NULL
        """,
        [list(systems), list(keys)],
    ).prefetch_related("component")
    return {(alias.system, alias.key.lower()): alias.component for alias in rows}


def _subject(labels: Mapping[str, str], rule: Ruled | None, book: _Book) -> Subject:
    named = book.services.get(labels.get(SERVICE_LABEL, "").lower())
    for system in sorted(labels):
        component = book.aliases.get((system, labels[system].lower()))
        if component is not None:
            return _of_component(component, named, f"label {system}={labels[system]} (alias) → {component}", book)
    if rule is not None:
        component = book.ruled_components.get(rule.component_id or 0)
        if component is not None:
            return replace(_of_component(component, named, f"{rule.why} → {component}", book), by_rule=True)
        service = book.ruled_services.get(rule.service_id or 0)
        if service is not None:
            return Subject(None, service, (), f"{rule.why} → {service}", by_rule=True)
    component = book.components.get(labels.get(COMPONENT_LABEL, "").lower())
    if component is not None:
        return _of_component(component, named, f"label {COMPONENT_LABEL}={labels[COMPONENT_LABEL]}", book)
    if named is not None:
        return Subject(None, named, (), f"label {SERVICE_LABEL}={labels[SERVICE_LABEL]} → {named}")
    seen = ", ".join(f"{key}={value}" for key, value in sorted(labels.items())) or "none"
    return Subject(None, None, (), f"no alias, component or service fits its labels ({seen})")


def _of_component(component: Component, named: Service | None, why: str, book: _Book) -> Subject:
    services = [part.service for part in book.parts.get(component.pk, ())]
    if str(component) not in why:
        why = f"{why} → {component}"
    if not services and named is None:
        return _over_seams(component, why, book)
    if not services:
        return Subject(component, named, (), f"{why} → {named}")
    chosen = named if named in services else services[0]
    others = tuple(service for service in services if service != chosen)
    reason = ""
    if others:
        reason = " (named by its service label)" if chosen == named else " (critical role first, then highest tier)"
    return Subject(component, chosen, others, f"{why} → {chosen}{reason}")


def _over_seams(component: Component, why: str, book: _Book) -> Subject:
    """The service that needs it most directly, for one that is part of none."""
    reaches = book.reaches.get(component.pk, ())
    if not reaches:
        return Subject(component, None, (), f"{why}, which is part of no service and needed by none")
    first, others = reaches[0], tuple(reach.service for reach in reaches[1:])
    return Subject(component, first.service, others, f"{why}; {first.why(component)}")
