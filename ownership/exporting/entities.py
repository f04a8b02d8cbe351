"""Writes the catalogue as catalog-info.yaml: one document an entity, as Backstage checks them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import yaml

from ownership.exporting import naming
from ownership.exporting.reading import Party, Row, Snapshot
from ownership.importing import ours, refs
from ownership.importing.records import Ref
from ownership.models import Component, Service
from ownership.vocabulary import ComponentKind

HEAD = "# Written by Seamline. docs/catalogue-import.md says what is in it and what is not.\n"
NO_DEFINITION = "Seamline keeps no definition of this API; the file that it came from does."
_KINDS = {"api": "API", "airesource": "AiResource"}
# What Backstage usually calls it; the others are called as here.
_TYPES = {ComponentKind.UI: "website", ComponentKind.API: "service", ComponentKind.MODEL: "model-server"}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z .,/:_-]*")


class _Text(str):
    """A text that is quoted unless every reader takes it for one: YAML 1.1 and 1.2 differ on numbers and booleans."""

    __slots__ = ()


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # chosen at run time
    """Our own, so that nobody else's texts change."""


def _represent(dumper: Any, text: str) -> Any:
    style = None if _PLAIN.fullmatch(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=style)


_Dumper.add_representer(_Text, _represent)


def documents(found: Snapshot) -> Iterator[str]:
    """The file, document by document: teams, people, services, components."""
    names = naming.references(found)
    related = _related(found, names)
    yield HEAD
    for team in found.teams:
        yield _written(names[team], team.name, {"type": "team", "children": []}, kind="team")
    teams = {team.pk: team for team in found.teams}
    for person in found.people:
        profile = {"displayName": person.name or person.email, "email": person.email}
        member_of = [str(names[teams[key]]) for key in found.teams_of.get(person.pk, ())]
        yield _written(names[person], person.name, {"profile": profile, "memberOf": member_of})
    for service in found.services:
        owner, annotations = _owner(service, found, names)
        yield _written(names[service], service.name, {"owner": owner}, annotations, service.outcome, kind="service")
    systems = {service.pk: str(names[service]) for service in found.services}
    for component in found.components:
        of = [systems[key] for key in found.services_of.get(component.pk, ())]
        yield _component(component, found, names, of, related[component.pk])


def _component(
    component: Component, found: Snapshot, names: dict[Row, Ref], systems: list[str], related: dict[str, list[str]]
) -> str:
    ref = names[component]
    owner, annotations = _owner(component, found, names)
    kind = ComponentKind(component.kind)
    # A Resource needs no lifecycle; many have one, and Backstage keeps it.
    spec: dict[str, Any] = {"type": _type(ref, kind), "lifecycle": component.lifecycle, "owner": owner}
    if systems:
        spec["system"] = systems[0]
    if systems[1:]:
        annotations[ours.SYSTEMS] = ours.joined(systems[1:])
    for alias in found.aliases.get(component.pk, ()):
        annotations.setdefault(alias.system, alias.key)
    if ref.kind == "api":
        contract = found.contracts.get(component.pk)
        spec["definition"] = {"$text": contract} if contract else NO_DEFINITION
    return _written(ref, component.name, {**spec, **related}, annotations, component.description, kind=component.kind)


def _related(found: Snapshot, names: dict[Row, Ref]) -> dict[int, dict[str, list[str]]]:
    """The fields in which the entities of components refer to others, by the ids of the components."""
    components = {one.pk: one for one in found.components}
    fields: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for upstream, downstream in found.seams:
        needs, needed = names[components[upstream]], names[components[downstream]]
        if (needs.kind, needed.kind) == ("component", "api"):
            fields[upstream]["consumesApis"].append(str(needed))
        elif (needs.kind, needed.kind) == ("api", "component"):
            fields[downstream]["providesApis"].append(str(needs))
        else:
            fields[upstream]["dependsOn"].append(str(needed))
    return fields


def _owner(subject: Service | Component, found: Snapshot, names: dict[Row, Ref]) -> tuple[str, dict[str, str]]:
    """(what to write as owner, the annotations that say which role that is and who looks after it besides)."""
    custodians = [str(names[one]) for one in found.custodians.get(subject, ()) if one in names]
    party: Party | None = found.accountable.get(subject)
    if party is not None:
        return str(names[party]), {ours.CUSTODIANS: ours.joined(custodians)} if custodians else {}
    if not custodians:
        return ours.OWNER_NOBODY, {ours.OWNER_ROLE: ours.NOBODY}
    more = {ours.CUSTODIANS: ours.joined(custodians[1:])} if custodians[1:] else {}
    return custodians[0], {ours.OWNER_ROLE: "custodian", **more}


def _type(ref: Ref, kind: ComponentKind) -> str:
    usual = _TYPES.get(kind) if ref.kind == "component" else None
    return usual or kind.value.replace("_", "-")


def _written(
    ref: Ref,
    title: str,
    spec: dict[str, Any],
    annotations: dict[str, str] | None = None,
    description: str = "",
    *,
    kind: str = "",
) -> str:
    metadata: dict[str, Any] = {"name": ref.name}
    if ref.namespace != refs.DEFAULT_NAMESPACE:
        metadata["namespace"] = ref.namespace
    metadata["title"] = title
    if description:
        metadata["description"] = description
    notes = {**({ours.KIND: kind} if kind else {}), **(annotations or {})}
    if notes:
        metadata["annotations"] = notes
    name = _KINDS.get(ref.kind, ref.kind.capitalize())
    entity = {"apiVersion": "backstage.io/v1alpha1", "kind": name, "metadata": metadata, "spec": spec}
    return yaml.dump(
        _texts(entity), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000, explicit_start=True
    )


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {_Text(key): _texts(one) for key, one in value.items()}
    return [_texts(one) for one in value] if isinstance(value, list) else _Text(value)
