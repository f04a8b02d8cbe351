"""Gives each entity of a catalogue its row: the one it had, a living one of its name, or a new one."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from ownership import slugs
from ownership.importing import csvfile, kinds
from ownership.importing.merging import Catalogue
from ownership.importing.records import Entity, Problem, Ref, Skipped
from ownership.models import CatalogueEntry, Component, Service, Team
from ownership.vocabulary import Lifecycle

Row: TypeAlias = Component | Service | Team
BATCH = 1_000
_LONGEST = 120
_LIFECYCLES = {choice.value: choice for choice in Lifecycle}
_NO_OUTCOME = "The catalogue does not say what users get."


@dataclass
class Placed:
    """Which row each entity has, and what was noticed on the way. `retired` ones stay as they are."""

    rows: dict[Ref, Row] = field(default_factory=dict)
    retired: dict[Ref, Row] = field(default_factory=dict)
    created: Counter[str] = field(default_factory=Counter)
    added: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def component(self, ref: Ref) -> Component | None:
        """The entity's row when it became a component."""
        row = self.rows.get(ref)
        return row if isinstance(row, Component) else None

    def add(self, sort: str, names: list[str]) -> None:
        """Note what is new, by sort: in words, and how many."""
        self.added[sort] += names
        self.created[sort] += len(names)


def place(catalogue: Catalogue, *, now: datetime) -> Placed:
    """A row for every entity that becomes one. What people wrote here is never overwritten."""
    placed = Placed()
    _known(catalogue, placed)
    fresh: dict[str, list[Entity]] = {"team": [], "service": [], "component": []}
    for entity in catalogue.entities.values():
        becomes = kinds.becomes(entity.ref.kind)
        if becomes != "nothing" and entity.ref not in placed.rows and entity.ref not in placed.retired:
            fresh[becomes].append(entity)
    entries = [
        *_teams(fresh["team"], placed),
        *_services(fresh["service"], placed),
        *_components(fresh["component"], placed),
    ]
    for entry in entries:
        entry.first_seen = now
    CatalogueEntry.objects.bulk_create(entries, batch_size=BATCH)
    return placed


def _known(catalogue: Catalogue, placed: Placed) -> None:
    """Rows that entities had before. One that was retired here stays so, and is told."""
    by_text = {str(ref): ref for ref in _mentioned(catalogue)}
    found = CatalogueEntry.objects.filter(ref__in=list(by_text)).select_related("component", "service", "team")
    for entry in found.order_by("pk"):
        ref, row = by_text[entry.ref], entry.component or entry.service or entry.team
        if row is not None and _is_gone(row):
            placed.retired[ref] = row
            if entity := catalogue.entities.get(ref):
                placed.skipped.append(Skipped(entity.file, entity.line, "retired_here", str(ref)))
        elif row is not None:
            placed.rows[ref] = row


def _is_gone(row: Row) -> bool:
    return bool(row.dissolved_at if isinstance(row, Team) else row.retired_at)


def _mentioned(catalogue: Catalogue) -> Iterator[Ref]:
    for entity in catalogue.entities.values():
        yield entity.ref
        yield from (relation.target for relation in entity.relations)
    for claim in catalogue.claims:
        if claim.party is not None:
            yield from (claim.party, Ref(claim.party.kind, "default", claim.party.name))


class _Names:
    """The names of living rows; a row that is some entity's already is not taken for another one."""

    def __init__(self, living: Iterable[Row], spoken_for: set[int]) -> None:
        self.rows = {row.name.lower(): row for row in living}
        self.spoken_for = spoken_for
        self.taken = set(self.rows)

    def adopt(self, wanted: list[str], entity: Entity) -> Row | None:
        """A living row of one of these names that no entity has yet.

        Tables and our own exports use the names of this place, so that theirs is the row whatever else speaks for it.
        """
        ours = bool(entity.kind_here) or entity.ref.namespace == csvfile.NAMESPACE
        for name in wanted:
            row = self.rows.get(name.lower())
            if row is not None and (ours or row.pk not in self.spoken_for):
                self.spoken_for.add(row.pk)
                return row
        return None

    def free(self, wanted: list[str], entity: Entity) -> str:
        """The first of these names that is free, else the name with its kind, else numbered."""
        kind = entity.ref.kind
        more = (f"{wanted[-1][:90]} ({kind} {number})" for number in itertools.count(2))
        candidates = itertools.chain((name[:_LONGEST] for name in wanted), [f"{wanted[-1][:90]} ({kind})"], more)
        name = next(name for name in candidates if name.lower() not in self.taken)
        self.taken.add(name.lower())
        return name


def _teams(entities: list[Entity], placed: Placed) -> Iterator[CatalogueEntry]:
    spoken_for = set(CatalogueEntry.objects.exclude(team=None).values_list("team_id", flat=True))
    names = _Names(Team.objects.filter(dissolved_at=None).order_by("pk"), {pk for pk in spoken_for if pk})
    new: list[Team] = []
    for entity in entities:
        wanted = _names(entity)
        row = names.adopt(wanted, entity)
        if row is None:
            row = Team(name=names.free(wanted, entity))
            new.append(row)
        placed.rows[entity.ref] = row
    for made, slug in zip(new, slugs.all_free([one.name for one in new], Team), strict=True):
        made.slug = slug
    Team.objects.bulk_create(new, batch_size=BATCH)
    placed.add("teams", [one.name for one in new])
    for entity in entities:
        yield CatalogueEntry(ref=str(entity.ref), team_id=placed.rows[entity.ref].pk)


def _services(entities: list[Entity], placed: Placed) -> Iterator[CatalogueEntry]:
    spoken_for = set(CatalogueEntry.objects.exclude(service=None).values_list("service_id", flat=True))
    names = _Names(Service.objects.filter(retired_at=None).order_by("pk"), {pk for pk in spoken_for if pk})
    new: list[Service] = []
    for entity in entities:
        wanted = _names(entity)
        row = names.adopt(wanted, entity)
        if row is None:
            outcome = " ".join(entity.description.split())[:300] or _NO_OUTCOME
            row = Service(name=names.free(wanted, entity), outcome=outcome)
            new.append(row)
        placed.rows[entity.ref] = row
    for made, slug in zip(new, slugs.all_free([one.name for one in new], Service), strict=True):
        made.slug = slug
    Service.objects.bulk_create(new, batch_size=BATCH)
    placed.add("services", [one.name for one in new])
    for entity in entities:
        yield CatalogueEntry(ref=str(entity.ref), service_id=placed.rows[entity.ref].pk)


def _components(entities: list[Entity], placed: Placed) -> Iterator[CatalogueEntry]:
    spoken_for = set(CatalogueEntry.objects.exclude(component=None).values_list("component_id", flat=True))
    names = _Names(Component.objects.filter(retired_at=None).order_by("pk"), {pk for pk in spoken_for if pk})
    new: list[Component] = []
    for entity in entities:
        wanted = _names(entity) if entity.kind_here else [entity.name]
        row = names.adopt(wanted, entity)
        if row is None:
            row = Component(
                name=names.free(wanted, entity),
                kind=entity.kind_here or kinds.component_kind(entity.ref.kind, entity.type),
                description=entity.description.strip(),
                lifecycle=_LIFECYCLES.get(entity.lifecycle.strip().casefold(), Lifecycle.PRODUCTION),
            )
            new.append(row)
        placed.rows[entity.ref] = row
    Component.objects.bulk_create(new, batch_size=BATCH)
    placed.add("components", [one.name for one in new])
    for entity in entities:
        yield CatalogueEntry(ref=str(entity.ref), component_id=placed.rows[entity.ref].pk)


def _names(entity: Entity) -> list[str]:
    """What people call it first, then what the catalogue does."""
    return [" ".join(name.split())[:_LONGEST] for name in (entity.title, entity.name) if name.strip()]
