"""What looks like private data in a text, and the text without it. Pure, and linear in the text: RE2 alone.

It knows shapes: an e-mail address, a card number whose check digit is right, a key of a known maker. It does not know
names, streets or what a sentence tells, so it helps whoever looks and guarantees nothing.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import re2

from incidents.postmortems import telltales
from incidents.postmortems.telltales import KINDS, Hit

_PLACED = re2.compile(rf"\[({'|'.join(KINDS)}) ([0-9]{{1,6}})\]")


class NotJson(ValueError):
    """The text is not JSON that can be kept; says why."""


@dataclass(frozen=True)
class Replacement:
    """One value that looks private: its first spelling, what stands for it, and in how many places.

    `code` tells it apart in a form without carrying the value.
    """

    code: str
    kind: str
    value: str
    placeholder: str
    times: int


@dataclass(frozen=True)
class Piece:
    """A stretch of a redacted text; `marked` where something was replaced."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Plan:
    """What would be replaced in some texts that belong together: the same value gets the same placeholder."""

    replacements: Sequence[Replacement]
    _by_value: Mapping[tuple[str, str], Replacement] = field(repr=False)

    @property
    def codes(self) -> set[str]:
        """The codes of all replacements."""
        return {one.code for one in self.replacements}

    def kept(self, keep: Collection[str]) -> list[Replacement]:
        """Those that somebody wants to stay as they are, by their codes."""
        return [one for one in self.replacements if one.code in keep]

    def apply(self, text: str, keep: Collection[str] = (), *, under: str = "") -> str:
        """The text with everything replaced but what is kept; `under` as in `find`."""
        parts, end = [], 0
        for hit in find(text, under=under):
            one = self._by_value.get((hit.kind, hit.value))
            if one is None or one.code in keep:
                continue
            parts += [text[end : hit.start], one.placeholder]
            end = hit.end
        return "".join([*parts, text[end:]])

    def apply_json(self, text: str, keep: Collection[str] = ()) -> str:
        """The same for JSON: its strings and numbers one by one, so that it stays JSON; laid out anew."""

        def redacted(value: Any, under: str = "") -> Any:
            if isinstance(value, str):
                return self.apply(value, keep, under=under)
            if isinstance(value, int | float) and not isinstance(value, bool):
                told = json.dumps(value)
                return value if (fresh := self.apply(told, keep, under=under)) == told else fresh
            if isinstance(value, list):
                return [redacted(one, under) for one in value]
            if isinstance(value, dict):
                return {self.apply(name, keep): redacted(one, name) for name, one in value.items()}
            return value

        return _written(redacted(parsed(text)))


def find(text: str, *, under: str = "") -> list[Hit]:
    """What looks private in a text, in order, without overlaps: the surer shape wins.

    `under` is the name of the JSON member whose value the text is: under `password` all of it is private.
    """
    if telltales.is_secret(under, text) and not _PLACED.fullmatch(text):
        return [Hit(0, len(text), "secret", text)]
    taken: list[tuple[int, int]] = []
    hits = []
    for hit in telltales.all_of(text):
        place = bisect_left(taken, (hit.start, hit.end))
        before = taken[place - 1] if place else (0, 0)
        after = taken[place] if place < len(taken) else (len(text), len(text))
        if before[1] <= hit.start and hit.end <= after[0]:
            taken.insert(place, (hit.start, hit.end))
            hits.append(hit)
    return sorted((hit for hit in hits if hit.kind), key=lambda hit: hit.start)


def plan(texts: Sequence[str], *, as_json: Sequence[str] = ()) -> Plan:
    """What would be replaced in these texts, those `as_json` first and read value by value.

    Placeholders count on from those that stand in the texts already.
    """
    every = [leaf for text in as_json for leaf in _leaves(parsed(text))] + [(text, "") for text in texts]
    numbers: Counter[str] = Counter()
    for text, _ in every:
        for placed in _PLACED.finditer(text):
            numbers[placed.group(1)] = max(numbers[placed.group(1)], int(placed.group(2)))
    first: dict[tuple[str, str], str] = {}
    times: Counter[tuple[str, str]] = Counter()
    for text, under in every:
        for hit in find(text, under=under):
            first.setdefault((hit.kind, hit.value), text[hit.start : hit.end])
            times[hit.kind, hit.value] += 1
    made = {}
    for (kind, value), spelling in first.items():
        numbers[kind] += 1
        code = sha256(f"{kind}:{value}".encode()).hexdigest()[:16]
        made[kind, value] = Replacement(code, kind, spelling, f"[{kind} {numbers[kind]}]", times[kind, value])
    return Plan(list(made.values()), made)


def placed(texts: Sequence[str]) -> dict[str, int]:
    """How many different placeholders of each kind stand in some texts."""
    found = {one.group() for text in texts for one in _PLACED.finditer(text)}
    return dict(Counter(placeholder[1:].partition(" ")[0] for placeholder in sorted(found)))


def pieces(text: str) -> list[Piece]:
    """A redacted text, cut where placeholders stand."""
    found, end = [], 0
    for placed in _PLACED.finditer(text):
        found += [Piece(text[end : placed.start()], False), Piece(placed.group(), True)]
        end = placed.end()
    return [one for one in (*found, Piece(text[end:], False)) if one.text]


def parsed(text: str) -> Any:
    """What a JSON text says; NotJson for what is none, or could not be kept."""
    try:
        said = json.loads(text, parse_constant=_refuse)
        _written(said).encode()  # half a surrogate is JSON, and no text
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise NotJson(f"This is not JSON{where}.") from error
    return said


def _refuse(name: str) -> None:
    raise ValueError(name)


def _written(said: Any) -> str:
    return json.dumps(said, indent=2, ensure_ascii=False)


def _leaves(value: Any, under: str = "") -> Iterator[tuple[str, str]]:
    """The texts in a JSON value in order, names, strings, and numbers as they are written, each with its own name."""
    if isinstance(value, str):
        yield value, under
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield json.dumps(value), under
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, under)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name, ""
            yield from _leaves(one, name)
