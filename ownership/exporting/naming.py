"""Gives every row the reference by which Backstage knows it: the one it came with, else one made of its name."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable

from ownership.exporting.reading import Row, Snapshot
from ownership.importing import csvfile, ours, refs
from ownership.importing.records import Ref
from ownership.models import CatalogueEntry, Component, Person, Service, Team
from ownership.vocabulary import ComponentKind

_RESOURCES = {
    ComponentKind.DATASET,
    ComponentKind.DATABASE,
    ComponentKind.VECTOR_STORE,
    ComponentKind.RETRIEVAL_INDEX,
    ComponentKind.QUEUE,
    ComponentKind.VENDOR,
}
_EDGE = "-_."


def references(found: Snapshot) -> dict[Row, Ref]:
    """A reference for each row, no two the same. Those that rows came with are given out first."""
    given: dict[Row, Ref] = {}
    rows: list[Row] = [*found.teams, *found.people, *found.services, *found.components]
    known = _known(found.entries)
    for row in rows:
        if (ref := known.get((type(row), row.pk))) is not None:
            given[row] = ref
    taken = {*given.values(), refs.ref("group", refs.DEFAULT_NAMESPACE, ours.OWNER_NOBODY)}
    for row in rows:
        if row not in given:
            given[row] = _free(_kind(row), name_of(_words(row)) or f"{_kind(row)}-{row.pk}", taken)
            taken.add(given[row])
    return given


def name_of(text: str) -> str:
    """`text` as an entity may be called: letters and digits with single - _ . between; "" when none are left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    one = re.sub(r"[^A-Za-z0-9]+", lambda run: run[0] if run[0] in set(_EDGE) else "-", plain)
    return one.strip(_EDGE)[: refs.LONGEST].rstrip(_EDGE).lower()


def _free(kind: str, name: str, taken: set[Ref]) -> Ref:
    numbered = (f"{name[: refs.LONGEST - 7].rstrip(_EDGE)}-{number}" for number in itertools.count(2))
    made = (refs.ref(kind, refs.DEFAULT_NAMESPACE, one) for one in itertools.chain([name], numbered))
    return next(ref for ref in made if ref not in taken)


def _known(entries: Iterable[CatalogueEntry]) -> dict[tuple[type, int], Ref]:
    found: dict[tuple[type, int], Ref] = {}
    for entry in entries:
        ref = refs.parse_stored(entry.ref)
        if ref is None or ref.namespace == csvfile.NAMESPACE:
            continue
        for model, key in ((Component, entry.component_id), (Service, entry.service_id), (Team, entry.team_id)):
            if key is not None:
                found.setdefault((model, key), ref)
    return found


def _kind(row: Row) -> str:
    if isinstance(row, Component):
        return "resource" if row.kind in _RESOURCES else "component"
    return "group" if isinstance(row, Team) else "user" if isinstance(row, Person) else "system"


def _words(row: Row) -> str:
    return row.email.partition("@")[0] if isinstance(row, Person) else row.name
