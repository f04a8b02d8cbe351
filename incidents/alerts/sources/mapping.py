"""The mapping language: which part of a sender's JSON is the key, the state, the title …, written down, not programmed.

A mapping is a TOML text. Each field is a JMESPath expression on the body; where one request holds many alerts, `items`
names their list and each expression is asked of one of them, with `_body`, `_headers` and `_index` beside its own
fields. What a sender calls its states and severities is translated by two tables. docs/sources/custom.md tells it all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from incidents.alerts.sources import documents
from incidents.alerts.sources.documents import Unreadable, gathered, load, refused, shown, text
from incidents.alerts.sources.expressions import STEPS, Expression, Failed, Invalid, Work
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, Severity, State, clean, line
from incidents.alerts.sources.times import moment

TEXT_LENGTH = 20_000
ENTRIES = 60  # expressions of one table, and values of one word list
ITEMS = 5_000  # alerts of one request
DEPTH = 100  # lists and objects inside each other
NEEDED = ("title", "state")
FIELDS = (*NEEDED, "key", "name", "severity", "summary", "time", "started", "delivery")
TABLES = ("items", "skip", "fields", "labels", "links", "states", "severities")
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?$")
_ENTRY = re.compile(r"""\s*([\w-]+|"[^"]*"|'[^']*')\s*=""")

Ours = TypeVar("Ours", State, Severity)


class Wrong(ValueError):
    """The mapping cannot be used; the message names the place and the cure, `place` the entry or table at fault."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class Mapped:
    """A compiled mapping. `items` and `skip` are None where there are none."""

    fields: Mapping[str, Expression]
    labels: Expression | Mapping[str, Expression]
    links: Mapping[str, Expression]
    states: Mapping[str, State]
    severities: Mapping[str, Severity]
    items: Expression | None = None
    skip: Expression | None = None
    default_state: State | None = None
    default_severity: Severity = Severity.UNKNOWN


@lru_cache(maxsize=256)
def compiled(mapping_text: str) -> Mapped:
    """The mapping that this text writes down; Wrong, naming the place and the cure, where it writes none."""
    if len(mapping_text) > TEXT_LENGTH:
        raise Wrong(f"The mapping is longer than {TEXT_LENGTH} characters; shorten it.")
    try:
        table = tomllib.loads(mapping_text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Wrong(f"The mapping is not TOML: {error}.") from None
    _known("", table, TABLES)
    fields = _expressions("fields", table.get("fields", {}), FIELDS)
    states, default_state = _words("states", table.get("states", {}), State)
    severities, default_severity = _words("severities", table.get("severities", {}), Severity)
    missing = [name for name in NEEDED if name not in fields and not (name == "state" and default_state)]
    if missing:
        cure = 'Write for example title = "message" below [fields].'
        raise Wrong(f"[fields] has no {' and no '.join(missing)}. {cure}", "fields")
    labels = table.get("labels", {})
    return Mapped(
        fields=fields,
        labels=_expression("labels", labels) if isinstance(labels, str) else _expressions("labels", labels),
        links=_expressions("links", table.get("links", {})),
        states=states,
        severities=severities,
        items=_expression("items", table["items"]) if "items" in table else None,
        skip=_expression("skip", table["skip"]) if "skip" in table else None,
        default_state=default_state,
        default_severity=default_severity or Severity.UNKNOWN,
    )


def problem(mapping_text: str) -> str:
    """What is wrong with a mapping, where, and the cure, as `Line 3: fields.title: …`; empty when it can be used."""
    try:
        compiled(mapping_text)
    except Wrong as error:
        at = line_of(mapping_text, error.place)
        return f"Line {at}: {error}" if at else str(error)
    return ""


def line_of(mapping_text: str, place: str) -> int | None:
    """The line, from 1, where a place such as `fields.title` or `states` is written; None where it is not."""
    wanted_table, dot, wanted = place.partition(".")
    if not dot:
        wanted_table, wanted = "", place
    table, header = "", None
    for number, written in enumerate(mapping_text.splitlines(), 1):
        if found := _HEADER.match(written):
            table = found[1].strip()
            header = number if table == place else header
        elif (found := _ENTRY.match(written)) and (table, found[1].strip("\"'")) == (wanted_table, wanted):
            return number
    return header


def parse(
    mapping_text: str, body: bytes, headers: Mapping[str, str], received_at: datetime, *, steps: int = STEPS
) -> Parsed:
    """What a request says by this mapping; a mapping that is wrong is the reason why nothing could be read.

    `steps` is what its expressions may take together.
    """
    try:
        return apply(compiled(mapping_text), load(body), headers, received_at, steps=steps)
    except (Unreadable, Wrong) as error:
        return refused(str(error))


def apply(
    mapping: Mapped, document: object, headers: Mapping[str, str], received_at: datetime, *, steps: int = STEPS
) -> Parsed:
    """What a document says by this mapping, each of its alerts in its place."""
    if documents.is_deeper(document, DEPTH):
        return refused(f"the body is nested more than {DEPTH} deep; send it flatter")
    work = Work(steps)  # one allowance for the whole request
    things = [document]
    if mapping.items is not None:
        try:
            found = mapping.items.of(document, work)
        except Failed as error:
            return refused(f"items ({mapping.items}): {error}")
        if not isinstance(found, list) or not found:
            told = "an empty list" if found == [] else f"{documents.what(found)}, not a list"
            return refused(f"items ({mapping.items}) finds {told}")
        if len(found) > ITEMS:
            return refused(f"items ({mapping.items}) finds more than {ITEMS} alerts; send smaller batches")
        things = found
    about = {"_body": document, "_headers": dict(headers)}
    batch = mapping.items is not None
    return gathered(_each(mapping, things, about, batch=batch, work=work, received_at=received_at))


def _each(
    mapping: Mapped, things: list[Any], about: dict[str, Any], *, batch: bool, work: Work, received_at: datetime
) -> Iterator[Reading | Rejection]:
    for index, thing in enumerate(things):
        if batch and not isinstance(thing, dict):
            yield Rejection(f"{documents.what(thing)} is not an alert", index)
            continue
        asked = {**thing, **about, "_index": index} if isinstance(thing, dict) else thing
        try:
            yield _Reader(mapping, asked, work, received_at).reading()
        except Failed as error:
            yield Rejection(str(error), index if batch else None)


@dataclass
class _Reader:
    """One alert, read by a mapping."""

    mapping: Mapped
    thing: Any
    work: Work
    received_at: datetime
    found: dict[str, Any] = field(default_factory=dict)

    def reading(self) -> Reading:
        """The reading; Failed with the field and the cure."""
        key = self._text("key")
        if not key and "key" in self.mapping.fields:
            raise Failed(f"key ({self.mapping.fields['key']}) finds nothing, so nothing tells which problem it is")
        if self.mapping.skip is not None and _true(self._of("skip", self.mapping.skip)):
            state = State.NOT_AN_ALERT
        else:
            state = self._state()
        title = line(self._text("title"))
        if not title and state is not State.NOT_AN_ALERT:
            raise Failed(f"title ({self.mapping.fields['title']}) finds nothing; every alert needs one")
        title = title or "Not an alert"
        severity_raw = line(self._text("severity"), 120)
        return Reading(
            problem_key=documents.key(key or self._text("name") or title),
            state=state,
            title=title,
            name=line(self._text("name")) or title,
            delivery_key=documents.key(self._text("delivery")) or None,
            severity=self._severity(severity_raw),
            severity_raw=severity_raw,
            summary=self._text("summary"),
            labels=self._labels(),
            links=documents.links(
                *((name, self._of(f"links.{name}", one)) for name, one in self.mapping.links.items())
            ),
            event_time=self._time("time"),
            started_at=self._time("started"),
        )

    def _of(self, place: str, expression: Expression) -> Any:
        try:
            return expression.of(self.thing, self.work)
        except Failed as error:
            raise Failed(f"{place} ({expression}): {error}") from None

    def _value(self, name: str) -> Any:
        if name not in self.mapping.fields:
            return None
        if name not in self.found:
            self.found[name] = self._of(name, self.mapping.fields[name])
        return self.found[name]

    def _text(self, name: str) -> str:
        return text(self._value(name)).strip()

    def _time(self, name: str) -> datetime | None:
        return moment(self._value(name), received_at=self.received_at)

    def _state(self) -> State:
        raw = self._text("state")
        known = self.mapping.states.get(raw.lower())
        if known is not None:
            return known
        if not raw and self.mapping.default_state is None:
            raise Failed(f"state ({self.mapping.fields['state']}) finds nothing")
        if self.mapping.default_state is None:
            raise Failed(f"its state is {shown(raw)}, which [states] does not list")
        return self.mapping.default_state

    def _severity(self, raw: str) -> Severity:
        return self.mapping.severities.get(raw.lower(), self.mapping.default_severity)

    def _labels(self) -> dict[str, str]:
        labels = self.mapping.labels
        if isinstance(labels, Expression):
            return documents.said(documents.texts(self._of("labels", labels)))
        return documents.said({name: self._of(f"labels.{name}", one) for name, one in labels.items()})


def _expressions(place: str, table: object, names: tuple[str, ...] = ()) -> dict[str, Expression]:
    if not isinstance(table, dict):
        raise Wrong(f"{place} is {documents.what(table)}; write a table [{place}] of expressions.", place)
    if names:
        _known(f"{place}.", table, names)
    if len(table) > ENTRIES:
        raise Wrong(f"[{place}] has more than {ENTRIES} entries; keep the ones that people read.", place)
    return {clean(name): _expression(f"{place}.{name}", value) for name, value in table.items()}


def _expression(place: str, value: object) -> Expression:
    if not isinstance(value, str):
        raise Wrong(f'{place} is {documents.what(value)}; write an expression in quotes, such as "alert.name".', place)
    try:
        return Expression(value)
    except Invalid as error:
        raise Wrong(f"{place}: {error}", place) from None


def _words(place: str, table: object, ours: type[Ours]) -> tuple[dict[str, Ours], Ours | None]:
    """A table from what senders say to what we say, and what holds for everything else."""
    names: tuple[str, ...] = tuple(one.value for one in ours)
    if not isinstance(table, dict):
        raise Wrong(f"{place} is {documents.what(table)}; write a table [{place}] of lists.", place)
    _known(f"{place}.", table, (*names, "default"))
    found: dict[str, Ours] = {}
    for name in names:
        said = table.get(name, [])
        if not isinstance(said, list) or not all(isinstance(one, (str, int)) for one in said) or len(said) > ENTRIES:
            cure = f'{place}.{name} must be a list of at most {ENTRIES} words, such as ["open", "new"].'
            raise Wrong(cure, f"{place}.{name}")
        for one in said:
            spelled = text(one).strip().lower()
            if spelled in found:
                both = f"{found[spelled].value} and for {name}"
                raise Wrong(f"{place}: {shown(one)} stands for {both}; keep one.", f"{place}.{name}")
            found[spelled] = ours(name)
    for name in names:
        found.setdefault(name, ours(name))  # our own words always hold
    default = table.get("default")
    if default is not None and default not in names:
        raise Wrong(f"{place}.default is {shown(default)}; choose one of {', '.join(names)}.", f"{place}.default")
    return found, ours(default) if default is not None else None


def _known(place: str, table: Mapping[str, object], names: tuple[str, ...]) -> None:
    for name in table:
        if name not in names:
            raise Wrong(f"There is no {place}{clean(name)}; choose among {', '.join(names)}.", f"{place}{name}")


def _true(value: object) -> bool:
    return bool(value) or (value == 0 and not isinstance(value, bool))  # as JMESPath has it: 0 is true
