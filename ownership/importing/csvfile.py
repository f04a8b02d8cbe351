"""Reads a catalogue kept as a table: one row a service or component, with the columns of docs/catalogue-import.md."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator

from ownership.importing import kinds, refs
from ownership.importing.records import Entity, OwnerClaim, Problem, Reading, Ref, Relation, Skipped
from ownership.importing.yamldocs import clean

COLUMNS = ("kind", "name", "title", "description", "owner", "custodian", "lifecycle", "service", "depends_on")
LONGEST_NAME = 120
ROLES = ("accountable", "custodian")
_REFS = {"service": "system", "team": "group"}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_PART = re.compile(r"(?:[^|\\]|\\.|\\$)+", re.DOTALL)  # up to a bar that no backslash stands before
NAMESPACE = "csv"  # names of a table are free text: they never meet those of a Backstage catalogue by accident


class _Bad(ValueError):
    """The row cannot be used; a code and a message with the cure."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse(text: str, *, file: str) -> Reading:
    """Every row of a table with a header; a row with an error is reported and costs only itself."""
    entities: list[Entity] = []
    said: list[tuple[str, str, Entity]] = []
    skipped: list[Skipped] = []
    problems: list[Problem] = []
    try:
        for line, row in _rows(text):
            try:
                entity = _entity(row, line, file)
            except _Bad as error:
                problems.append(Problem(file, line, error.code, str(error)))
                skipped.append(Skipped(file, line, error.code))
                continue
            entities.append(entity)
            said += [(owner, role, entity) for role in ROLES for owner in _owners(row, role)]
    except (_Bad, csv.Error) as error:
        code = error.code if isinstance(error, _Bad) else "bad_csv"
        problems.append(Problem(file, 1, code, f"{error}"))
    teams = {entity.ref for entity in entities if entity.ref.kind == "group"}
    claims = [_claim(owner, role, entity, teams) for owner, role, entity in said]
    return Reading(
        file,
        "csv",
        kinds=tuple(entity.kind for entity in entities),
        keys=tuple((str(entity.ref), entity.line) for entity in entities),
        entities=tuple(entities),
        claims=tuple(claims),
        skipped=tuple(skipped),
        problems=tuple(problems),
    )


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(line of the row's beginning, its cells by column)."""
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=mark, strict=True)
    header = [clean(cell).strip().casefold().replace(" ", "_") for cell in next(reader, [])]
    if "name" not in header:
        raise _Bad("no_header", f"The first row must name the columns, at least name; known are {', '.join(COLUMNS)}.")
    if strange := [name for name in header if name not in COLUMNS]:
        raise _Bad("unknown_column", f"The column {strange[0][:60]!r} is not known; use {', '.join(COLUMNS)}.")
    begins = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, {name: clean(plain(cell)).strip() for name, cell in zip(header, cells, strict=False)}
        begins = reader.line_num + 1


def _entity(row: dict[str, str], line: int, file: str) -> Entity:
    name, kind = row.get("name", ""), (row.get("kind") or "service").casefold().replace("-", "_").replace(" ", "_")
    if not name:
        raise _Bad("no_name", "The row has no name; fill in its name.")
    if len(name) > LONGEST_NAME:
        raise _Bad("invalid_name", f"The name is longer than {LONGEST_NAME} characters; shorten it.")
    if kind not in _REFS and kind not in kinds.OURS:
        message = f"The kind {kind[:60]!r} is not known; write service, team or one of our component kinds."
        raise _Bad("unknown_kind", message)
    related = [Relation("system", _ref("system", one), line) for one in _several(row.get("service", ""))]
    related += [Relation("dependsOn", _ref("component", one), line) for one in _several(row.get("depends_on", ""))]
    return Entity(
        file,
        line,
        _ref(_REFS.get(kind, "component"), name),
        kind,
        name,
        title=row.get("title", ""),
        description=row.get("description", ""),
        type=kind,
        lifecycle=row.get("lifecycle", ""),
        relations=() if kind in _REFS else tuple(related),
    )


def safe(cell: str) -> str:
    """The cell as a spreadsheet takes it for text: one that could be a formula gets an apostrophe in front."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """The cell without the apostrophe that `safe` puts in front."""
    return cell[1:] if _FORMULA.match(cell) and cell.startswith("'") else cell


def joined(names: Iterable[str]) -> str:
    """Several names in one cell."""
    return "|".join(name.replace("\\", "\\\\").replace("|", "\\|") for name in names)


def _owners(row: dict[str, str], role: str) -> list[str]:
    if role == "custodian":
        return _several(row.get("custodian", ""))
    return [row["owner"]] if row.get("owner") else []


def _claim(owner: str, role: str, entity: Entity, teams: Collection[Ref]) -> OwnerClaim:
    """A name that the table gives a team is that team, whatever else it looks like."""
    party: Ref | None = _ref("group", owner)
    if party not in teams and refs.is_email(owner):
        party = None
    elif party not in teams and refs.has_kind(owner):
        party = refs.parse(owner, kind="group", namespace=NAMESPACE)
    return OwnerClaim(
        entity.file, entity.line, "csv", entity.ref.kind, str(entity.ref), owner, role, subject=entity.ref, party=party
    )


def _several(cell: str) -> list[str]:
    parts = (re.sub(r"\\([|\\])", r"\1", part).strip() for part in _PART.findall(cell))
    return [part for part in parts if part]


def _ref(kind: str, name: str) -> Ref:
    return refs.ref(kind, NAMESPACE, " ".join(name.split()))
