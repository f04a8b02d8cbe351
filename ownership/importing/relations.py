"""Which fields of which Backstage kinds refer to other entities, and which seams they mean."""

from __future__ import annotations

from ownership.importing.records import Entity, Ref, Relation

_DEPENDS: dict[str, str | None] = {"dependsOn": None, "dependencyOf": None}  # None: the reference must say its kind
FIELDS: dict[str, dict[str, str | None]] = {
    "component": {
        "system": "system",
        "subcomponentOf": "component",
        "providesApis": "api",
        "consumesApis": "api",
        **_DEPENDS,
    },
    "api": {"system": "system", "apiConsumedBy": "component", **_DEPENDS},
    "resource": {"system": "system", "providesApis": "api", **_DEPENDS},  # real, though the format knows it not
    "airesource": {"system": "system", "dependsOn": "airesource"},
    "system": {"domain": "domain"},
    "domain": {"subdomainOf": "domain"},
    "group": {"parent": "group", "children": "group", "members": "user"},
    "user": {"memberOf": "group"},
}
# Fields in which the entity itself needs what it names; in the others what it names needs the entity.
_NEEDS = frozenset({"dependsOn", "consumesApis"})
_IS_NEEDED_BY = frozenset({"dependencyOf", "providesApis", "apiConsumedBy"})
IS_SEAM = _NEEDS | _IS_NEEDED_BY


def seam(entity: Entity, relation: Relation) -> tuple[Ref, Ref]:
    """(who needs, what is needed) of a relation that IS_SEAM."""
    if relation.field == "providesApis":
        return relation.target, entity.ref  # an API breaks with what provides it
    if relation.field in _NEEDS:
        return entity.ref, relation.target
    return relation.target, entity.ref
