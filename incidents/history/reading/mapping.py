"""The mapping file: which column or expression becomes which field, in YAML, checked before anything is read."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import jmespath
import yaml
from jmespath.exceptions import ArityError, JMESPathError, UnknownFunctionError

TIMES = ("impact_from", "detected_at", "acknowledged_at", "identified_at", "mitigated_at", "resolved_at")
TEXTS = ("title", "impact", "type", "severity", "detected_by", "first_blame", "component", "source_url")
FACTS = ("slice", "share_from", "share_until", "bad_count", "monitors_green")
FINDING = ("layer", "mode", "role", "component", "evidence", "confidence", "primary", "state")
PRECISIONS = ("exact", "minute", "hour", "day")
ACTION = ("title", "kind", "owner", "due_on", "done_on")
KNOWN = (
    "collection",
    "format",
    "rows",
    "identity",
    "times",
    "fields",
    "service",
    "affected",
    "findings",
    "actions",
    "skip",
)
NEW_SERVICES = ("refuse", "create", "leave_open")
UTC = ZoneInfo("UTC")
STAMPS = ("iso", "unix", "unix_ms")


class BadMapping(ValueError):
    """The mapping cannot be used; `field` says where in it, the message the cure."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field, self.message = field, message


@dataclass(frozen=True)
class Expression:
    """A column by its name, else a JMESPath expression over the row."""

    text: str
    compiled: Any

    def read(self, cells: Dict[str, Any]) -> Any:
        """What it gives for a row; None for nothing, and where the row has no values of the sort that it asks for."""
        if self.text in cells:
            return cells[self.text]
        try:
            return self.compiled.search(cells) if self.compiled is not None else None
        except JMESPathError:
            return None


@dataclass(frozen=True)
class Value:
    """The first of some expressions that gives anything, its words exchanged by `values`; or a constant."""

    sources: tuple[Expression, ...] = ()
    values: Dict[str, Any] | None = None
    otherwise: Any = None
    constant: Any = None

    def read(self, cells: Dict[str, Any]) -> Any:
        """The value for a row; "" for nothing, and for a word that `values` does not hold."""
        if self.constant is not None:
            return self.constant
        found = self._found(cells)
        return found if self.values is None else self.values.get(_word(found), self.otherwise or "")

    def unknown(self, cells: Dict[str, Any]) -> str:
        """A word that `values` does not hold although there is no `otherwise`; else ""."""
        if self.values is None or self.otherwise is not None:
            return ""
        word = _word(self._found(cells))
        return "" if word in self.values else word

    def _found(self, cells: Dict[str, Any]) -> Any:
        read = (source.read(cells) for source in self.sources)
        return next((one for one in read if one not in (None, "", [], {})), "")


@dataclass(frozen=True)
class Part:
    """Findings or actions of a row: one for each entry of a list (`each`), or one where `when` holds."""

    values: Dict[str, Value]
    each: Expression | None = None
    when: Expression | None = None


@dataclass(frozen=True)
class Skip:
    """Rows for which `when` holds are left out, for this reason."""

    when: Expression
    reason: str


@dataclass(frozen=True)
class Mapping:
    """How the rows of a collection become incidents."""

    collection: str
    identity: tuple[Expression, ...]
    fields: Dict[str, Value]
    format: str = ""
    rows: str = ""
    stamp: str = "iso"
    zone: ZoneInfo = UTC
    precision: str = "minute"
    service: Value | None = None
    new_services: str = "refuse"
    affected: tuple[Value, ...] = ()
    findings: tuple[Part, ...] = ()
    actions: tuple[Part, ...] = ()
    skip: tuple[Skip, ...] = ()


def load(text: str) -> Mapping:
    """The mapping that a YAML text says; raises BadMapping, naming the place."""
    try:
        told = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date that is none, as 2026-13-45
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        raise BadMapping(where, "This is not YAML; look at the indentation and the colons.") from error
    if not isinstance(told, dict):
        raise BadMapping("", "The mapping must be a list of names with values, `collection:` first.")
    _only(told, KNOWN, "")
    times = _dict(told.get("times", {}), "times")
    _only(times, ("format", "zone", "precision"), "times")
    service, new = _service(told.get("service"))
    fields = _dict(told.get("fields"), "fields")
    _only(fields, (*TEXTS, *FACTS, *TIMES), "fields")
    for needed in ("title", "detected_at"):
        if needed not in fields:
            raise BadMapping(f"fields.{needed}", "Every incident needs it: say which column or expression it is.")
    return Mapping(
        collection=_collection(told.get("collection")),
        identity=tuple(_expression(one, "identity") for one in _list(told.get("identity"), "identity")),
        fields={name: _value(one, f"fields.{name}") for name, one in fields.items()},
        format=_one_of(told.get("format", ""), ("", "csv", "jsonl", "json"), "format"),
        rows=str(told.get("rows", "")),
        stamp=_stamp(times.get("format", "iso")),
        zone=_zone(times.get("zone", "UTC")),
        precision=_one_of(times.get("precision", "minute"), PRECISIONS, "times.precision"),
        service=service,
        new_services=new,
        affected=tuple(_value(one, "affected") for one in _list(told.get("affected", []), "affected", empty=True)),
        findings=_parts(told.get("findings", []), "findings", FINDING),
        actions=_parts(told.get("actions", []), "actions", ACTION),
        skip=tuple(_skip(one) for one in _list(told.get("skip", []), "skip", empty=True)),
    )


def _collection(told: Any) -> str:
    name = str(told or "").strip()
    if not name or len(name) > 60:
        raise BadMapping(
            "collection", "Name the collection in 1 to 60 letters: a row is known by it and by its identity."
        )
    return name


def _service(told: Any) -> tuple[Value | None, str]:
    if told is None:
        return None, "refuse"
    if isinstance(told, dict) and "unknown" in told:
        new = _one_of(told["unknown"], NEW_SERVICES, "service.unknown")
        return _value({name: one for name, one in told.items() if name != "unknown"}, "service"), new
    return _value(told, "service"), "refuse"


def _value(told: Any, where: str) -> Value:
    if isinstance(told, str):
        return Value((_expression(told, where),))
    if isinstance(told, list):
        return Value(tuple(_expression(one, where) for one in _list(told, where)))
    said = _dict(told, where)
    _only(said, ("from", "values", "otherwise", "constant"), where)
    if "constant" in said:
        return Value(constant=said["constant"])
    if "from" not in said:
        raise BadMapping(where, "Say `from:` which column or expression, or `constant:`.")
    sources = [said["from"]] if isinstance(said["from"], str) else _list(said["from"], where)
    values = said.get("values")
    words = None if values is None else {_word(key): one for key, one in _dict(values, f"{where}.values").items()}
    return Value(tuple(_expression(one, where) for one in sources), words, said.get("otherwise"))


def _parts(told: Any, where: str, known: tuple[str, ...]) -> tuple[Part, ...]:
    parts = []
    for place, one in enumerate(_list(told, where, empty=True)):
        here = f"{where}.{place + 1}"
        said = _dict(one, here)
        _only(said, (*known, "each", "when"), here)
        if known[0] not in said and not (where == "findings" and "mode" in said):
            raise BadMapping(here, f"Say `{known[0]}:`.")
        values = {name: _value(told, f"{here}.{name}") for name, told in said.items() if name not in ("each", "when")}
        each, when = (_expression(said[name], f"{here}.{name}") if name in said else None for name in ("each", "when"))
        parts.append(Part(values, each, when))
    return tuple(parts)


def _skip(told: Any) -> Skip:
    said = _dict(told, "skip")
    _only(said, ("when", "reason"), "skip")
    if not said.get("reason") or "when" not in said:
        raise BadMapping("skip", "Say `when:` rows are left out and for what `reason:`.")
    return Skip(_expression(said["when"], "skip.when"), str(said["reason"]))


def _expression(told: Any, where: str) -> Expression:
    text = str(told).strip() if isinstance(told, str | int | float) else ""
    if not text:
        raise BadMapping(where, "Name a column, or write an expression as text.")
    try:
        compiled = jmespath.compile(text)
    except JMESPathError:
        return Expression(text, None)  # the name of a column may be anything
    try:
        compiled.search({})
    except (UnknownFunctionError, ArityError) as error:
        raise BadMapping(where, f"{error}") from error
    except JMESPathError:
        pass  # a row may have what this empty one has not
    return Expression(text, compiled)


def _stamp(told: Any) -> str:
    stamp = str(told)
    if stamp not in STAMPS and "%" not in stamp:
        raise BadMapping("times.format", f"Use {', '.join(STAMPS)}, or a pattern like %d.%m.%Y %H:%M.")
    return stamp


def _zone(told: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(told))
    except (KeyError, ValueError, OSError) as error:
        raise BadMapping("times.zone", f"{str(told)[:60]!r} is no time zone; write it as Europe/Berlin.") from error


def _word(value: Any) -> str:
    """A value as the key of `values`: YAML reads true and 1 as they are, a file has them as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip()


def _dict(told: Any, where: str) -> dict[Any, Any]:
    if not isinstance(told, dict):
        raise BadMapping(where, "This must hold names with values.")
    return told


def _list(told: Any, where: str, *, empty: bool = False) -> list[Any]:
    entries = told if isinstance(told, list) else [told] if isinstance(told, str) else []
    if not entries and not empty:
        raise BadMapping(where, "Name at least one column or expression.")
    return entries


def _one_of(told: Any, known: tuple[str, ...], where: str) -> str:
    if told not in known:
        raise BadMapping(where, f"Use one of {', '.join(filter(None, known))}.")
    return str(told)


def _only(told: Dict[Any, Any], known: tuple[str, ...], where: str) -> None:
    strange = next((str(name) for name in told if name not in known), "")
    if strange:
        raise BadMapping(f"{where}.{strange}" if where else strange, f"Not known here; known are {', '.join(known)}.")
