"""What AI systems of each archetype are usually made of: data in archetypes.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from ownership.vocabulary import Archetype, ComponentKind, DependencyKind, PartRole

FILE = Path(__file__).with_name("archetypes.toml")


@dataclass(frozen=True)
class PlannedPart:
    """A usual part; `key` is its name inside the plan, `why` says in one line what it is for."""

    key: str
    name: str
    kind: ComponentKind
    role: PartRole
    why: str


@dataclass(frozen=True)
class PlannedSeam:
    """A usual seam between two parts of the plan, by their keys. Attempts count the first try.

    `latency_share` is percent of the service's budget for the downstream's own time; `unit` and `freshness_minutes`
    are what a reader of data usually expects.
    """

    upstream: str
    downstream: str
    kind: DependencyKind
    timeout_ms: int | None = None
    attempts: int | None = None
    latency_share: Decimal | None = None
    unit: str = ""
    freshness_minutes: int | None = None


@dataclass(frozen=True)
class ArchetypePlan:
    """What such a service usually is, in the order of a request's path, and what it promises.

    `objective` is percent of interactions that must be good over 30 days; the budget is in milliseconds at the
    percentile. `expected` holds the kinds of components (values of ComponentKind) whose absence is a gap.
    """

    archetype: Archetype
    line: str
    example: str
    outcome: str
    parts: tuple[PlannedPart, ...]
    seams: tuple[PlannedSeam, ...]
    expected: frozenset[str]
    objective: Decimal
    latency_budget_ms: int
    latency_percentile: Decimal


def of(name: str) -> ArchetypePlan:
    """The plan of an archetype, by a value of `Archetype`; ValueError for any other word."""
    return _plans()[Archetype(name)]


def every() -> tuple[ArchetypePlan, ...]:
    """All plans in the order of the vocabulary."""
    return tuple(_plans()[archetype] for archetype in Archetype)


@lru_cache(maxsize=1)
def _plans() -> dict[Archetype, ArchetypePlan]:
    read = tomllib.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal)
    return {Archetype(name): _plan(Archetype(name), entry) for name, entry in read.items()}


def _plan(archetype: Archetype, entry: dict[str, Any]) -> ArchetypePlan:
    return ArchetypePlan(
        archetype=archetype,
        line=entry["line"],
        example=entry["example"],
        outcome=entry["outcome"],
        parts=tuple(_part(part) for part in entry["parts"]),
        seams=tuple(_seam(seam) for seam in entry["seams"]),
        expected=frozenset(ComponentKind(kind).value for kind in entry["expected"]),
        objective=Decimal(entry["objective"]),
        latency_budget_ms=entry["latency_budget_ms"],
        latency_percentile=Decimal(entry["latency_percentile"]),
    )


def _part(entry: dict[str, Any]) -> PlannedPart:
    return PlannedPart(**{**entry, "kind": ComponentKind(entry["kind"]), "role": PartRole(entry["role"])})


def _seam(entry: dict[str, Any]) -> PlannedSeam:
    said = dict(entry)
    share = said.pop("latency_share", None)
    return PlannedSeam(
        upstream=said.pop("from"),
        downstream=said.pop("to"),
        kind=DependencyKind(said.pop("kind")),
        latency_share=None if share is None else Decimal(share),
        **said,
    )
