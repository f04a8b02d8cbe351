"""Puts the readings of many files together: what is described once, what twice, whose owners are known. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ownership.importing import refs, relations
from ownership.importing.records import Entity, OwnerClaim, Problem, Reading, Ref, Relation, Skipped


@dataclass(frozen=True)
class Duplicate:
    """A key that stands at several places; the first one counts."""

    key: str
    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Seam:
    """`upstream` needs `downstream`."""

    upstream: Ref
    downstream: Ref


@dataclass(frozen=True)
class Catalogue:
    """All files together. `entities` holds the first description of each key; `claims` every one, duplicates too."""

    files: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    unique: int = 0
    duplicates: tuple[Duplicate, ...] = ()
    entities: dict[Ref, Entity] = field(default_factory=dict)
    claims: tuple[OwnerClaim, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    problems: tuple[Problem, ...] = ()
    emails: dict[str, Ref] = field(default_factory=dict)

    def party(self, claim: OwnerClaim) -> Ref | None:
        """The group or user of the files that a claim means, None when they describe none."""
        if claim.party is None:
            return self.emails.get(claim.owner.casefold())
        return next((one for one in candidates(claim) if one in self.entities), None)


def merged(readings: Iterable[Reading], problems: Iterable[Problem] = ()) -> Catalogue:
    """One catalogue of many readings, in their order. Owners found only in `default` are reported as a doubt."""
    readings = list(readings)
    places: dict[str, list[tuple[str, int]]] = {}
    entities: dict[Ref, Entity] = {}
    for reading in readings:
        for key, line in reading.keys:
            places.setdefault(key, []).append((reading.file, line))
        for entity in reading.entities:
            entities.setdefault(entity.ref, entity)
    catalogue = Catalogue(
        files=len(readings),
        kinds=Counter(kind for reading in readings for kind in reading.kinds),
        unique=len(places),
        duplicates=tuple(Duplicate(key, tuple(where)) for key, where in places.items() if len(where) > 1),
        entities=entities,
        claims=tuple(claim for reading in readings for claim in reading.claims),
        skipped=tuple(one for reading in readings for one in reading.skipped),
        problems=(*problems, *(one for reading in readings for one in reading.problems)),
        emails={one.email.casefold(): one.ref for one in entities.values() if one.ref.kind == "user" and one.email},
    )
    return replace(catalogue, problems=(*catalogue.problems, *_elsewhere(catalogue)))


def candidates(claim: OwnerClaim) -> Iterator[Ref]:
    """Whom an owner may mean, most likely first: the documents differ on which namespace a bare name is in."""
    if claim.party is None or claim.party.kind not in refs.PARTIES:
        return
    yield claim.party
    if "/" not in claim.owner and claim.party.namespace != refs.DEFAULT_NAMESPACE and claim.format == "backstage":
        yield replace(claim.party, namespace=refs.DEFAULT_NAMESPACE)


def seams(catalogue: Catalogue) -> Iterator[tuple[Seam, Entity, Relation]]:
    """Every seam that an entity's relations mean, with where it was read."""
    for entity in catalogue.entities.values():
        for relation in entity.relations:
            if relation.field in relations.IS_SEAM:
                yield Seam(*relations.seam(entity, relation)), entity, relation


def suggestion(target: Ref, known: Iterable[Ref]) -> str:
    """Words for a reference that leads nowhere: the entity of that name and another kind, if there is just one."""
    same = [one for one in known if (one.namespace, one.name) == (target.namespace, target.name)]
    return f"did you mean {same[0]}?" if len(same) == 1 else "describe it, or remove the reference."


def _elsewhere(catalogue: Catalogue) -> Iterator[Problem]:
    for claim in catalogue.claims:
        found = catalogue.party(claim)
        if claim.party is not None and found is not None and found != claim.party:
            message = f"There is no {claim.party}; {found} is taken instead. Write {found} to be sure."
            yield Problem(claim.file, claim.line, "other_namespace", message, "warning")
