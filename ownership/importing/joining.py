"""Joins placed components: parts of services, seams between them, and the aliases by which alerts name them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db.models import Max, Q

from ownership.importing import merging
from ownership.importing.merging import Catalogue
from ownership.importing.placing import BATCH, Placed
from ownership.importing.records import Entity, Problem, Ref, Relation
from ownership.models import Alias, Component, Dependency, Part, Service
from ownership.vocabulary import ComponentKind, DependencyKind

_MUST_BE_THERE = frozenset({"parent", "domain", "subdomainOf", "subcomponentOf"})
_LONGEST_URL = 500
_KINDS = {
    ComponentKind.DATASET: DependencyKind.DATA,
    ComponentKind.DATABASE: DependencyKind.DATA,
    ComponentKind.VECTOR_STORE: DependencyKind.DATA,
    ComponentKind.QUEUE: DependencyKind.EVENT,
    ComponentKind.LIBRARY: DependencyKind.BUILD,
}


def join(catalogue: Catalogue, placed: Placed) -> None:
    """Add what is missing; what people changed or added here stays. References that lead nowhere are told."""
    by_name: dict[tuple[str, str], list[Ref]] = defaultdict(list)
    for ref in catalogue.entities:
        by_name[ref.namespace, ref.name].append(ref)
    _parts(catalogue, placed, by_name)
    _seams(catalogue, placed, by_name)
    _aliases(catalogue, placed)
    for entity in catalogue.entities.values():
        for relation in entity.relations:
            missing = relation.target not in catalogue.entities and relation.target not in placed.rows
            if relation.field in _MUST_BE_THERE and missing:
                placed.problems.append(_dangling(entity, relation, by_name))


def _parts(catalogue: Catalogue, placed: Placed, by_name: dict[tuple[str, str], list[Ref]]) -> None:
    wanted: dict[tuple[int, int], None] = {}
    services: dict[int, str] = {}
    names: dict[int, str] = {}
    for entity in catalogue.entities.values():
        component = placed.component(entity.ref)
        for relation in entity.relations:
            if relation.field != "system" or component is None or relation.target in placed.retired:
                continue
            service = placed.rows.get(relation.target)
            if isinstance(service, Service):
                wanted[service.pk, component.pk] = None
                services[service.pk], names[component.pk] = service.name, component.name
            else:
                placed.problems.append(_dangling(entity, relation, by_name))
    there = set(Part.objects.filter(service__in=services).values_list("service_id", "component_id"))
    last = dict(Part.objects.filter(service__in=services).values_list("service").annotate(last=Max("position")))
    places = Counter({service: position + 1 for service, position in last.items()})
    new = []
    for service_id, component_id in wanted:
        if (service_id, component_id) not in there:
            new.append(Part(service_id=service_id, component_id=component_id, position=places[service_id]))
            places[service_id] += 1
    Part.objects.bulk_create(new, batch_size=BATCH)
    placed.add("parts", [f"{names[part.component_id]} in {services[part.service_id]}" for part in new])


def _seams(catalogue: Catalogue, placed: Placed, by_name: dict[tuple[str, str], list[Ref]]) -> None:
    wanted: dict[tuple[int, int], Dependency] = {}
    for seam, entity, relation in merging.seams(catalogue):
        if {seam.upstream, seam.downstream, entity.ref} & placed.retired.keys():
            continue
        upstream, downstream = placed.component(seam.upstream), placed.component(seam.downstream)
        if upstream is None or downstream is None:
            placed.problems.append(_dangling(entity, relation, by_name))
        elif upstream == downstream:
            message = f"{relation.field} names {relation.target} itself; remove it."
            placed.problems.append(Problem(entity.file, relation.line, "itself", message, "warning"))
        else:
            described = catalogue.entities.get(seam.downstream)
            wanted.setdefault(
                (upstream.pk, downstream.pk),
                Dependency(
                    upstream=upstream,
                    downstream=downstream,
                    kind=_KINDS.get(ComponentKind(downstream.kind), DependencyKind.CALL),
                    contract_url=_contract(described) if described else "",
                ),
            )
    ends = {pk for pair in wanted for pk in pair}
    there = set(
        Dependency.objects.filter(Q(upstream__in=ends) | Q(downstream__in=ends)).values_list(
            "upstream_id", "downstream_id"
        )
    )
    new = [seam for pair, seam in wanted.items() if pair not in there]
    Dependency.objects.bulk_create(new, batch_size=BATCH)
    placed.add("seams", [str(seam) for seam in new])


def _contract(entity: Entity) -> str:
    """The address of an API's definition, when it is one that people can open."""
    for path, reference in entity.references:
        address = reference.partition(" ")[2]
        if path == "spec.definition" and address.startswith(("https://", "http://")) and len(address) <= _LONGEST_URL:
            return address
    return ""


def _aliases(catalogue: Catalogue, placed: Placed) -> None:
    wanted = list(_alert_keys(catalogue, placed))
    rows = Alias.objects.filter(system__in={system for _, _, system, _ in wanted})
    held = {(row.system, row.key.lower()): row.component_id for row in rows}
    new: list[Alias] = []
    for entity, component, system, key in wanted:
        holder = held.setdefault((system, key.lower()), 0)
        if not holder:
            held[system, key.lower()] = component.pk
            new.append(Alias(component=component, system=system, key=key))
        elif holder != component.pk:
            message = f"Another component already goes by {system}={key}; remove one of the annotations."
            placed.problems.append(Problem(entity.file, entity.line, "alias_taken", message, "warning"))
    Alias.objects.bulk_create(new, batch_size=BATCH)
    placed.add("aliases", [f"{alias} means {alias.component}" for alias in new])


def _alert_keys(catalogue: Catalogue, placed: Placed) -> Iterator[tuple[Entity, Component, str, str]]:
    for entity in catalogue.entities.values():
        component = placed.component(entity.ref)
        if component is not None:
            yield from ((entity, component, system, key) for system, key in entity.aliases)


def _dangling(entity: Entity, relation: Relation, by_name: dict[tuple[str, str], list[Ref]]) -> Problem:
    target = relation.target
    cure = merging.suggestion(target, by_name[target.namespace, target.name])
    return Problem(
        entity.file,
        relation.line,
        "dangling_ref",
        f"{relation.field} of {entity.ref} names {target}, which nothing describes: {cure}",
        "warning",
    )
