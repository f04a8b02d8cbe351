"""What a file changed since it was last read, and where people said something else here since. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from incidents.history.reading.mapping import FACTS, TIMES

# What is changed, or left to people, as one: a time alone could break the order of the others.
ALONE = ("title", "service", "component", "type", "severity", "impact", "detected_by", "first_blame", "source_url")
TOGETHER: dict[str, tuple[str, ...]] = {
    "times": (*TIMES, "impact_precision", "doubts"),
    "facts": FACTS,
    "affected": ("affected",),
    "findings": ("findings",),
    "actions": ("actions",),
}
GROUPS = {name: (name,) for name in ALONE} | TOGETHER
_LONGEST = 300


@dataclass(frozen=True)
class Difference:
    """A field of an incident that the file says differently: `before` and `after` in words.

    `here` is empty for a change that is made; else it is what people say here, and nothing is changed.
    """

    file: str
    line: int
    key: str
    incident: int
    field: str
    before: str
    after: str
    here: str = ""

    def as_json(self) -> dict[str, Any]:
        """Its public shape."""
        return asdict(self)


@dataclass(frozen=True)
class Verdict:
    """Of one row: the groups that are changed, and the groups that people have changed since, with what they say."""

    change: tuple[str, ...]
    conflict: Mapping[str, str]


def judged(before: Mapping[str, Any], after: Mapping[str, Any], here: Mapping[str, Any]) -> Verdict:
    """`before` and `after` are what the file said and says, `here` what stands; a group missing there is nobody's.

    What stands already as the file says it is neither. A first blame is never changed once it is given.
    """
    change, conflict = [], {}
    for group, names in GROUPS.items():
        if all(before.get(name) == after.get(name) for name in names):
            continue
        standing = [here.get(name) for name in names if name in here]
        if standing == [after.get(name) for name in names if name in here] and standing:
            continue
        untouched = standing == [before.get(name) for name in names if name in here]
        if untouched and not (group == "first_blame" and before.get("first_blame")):
            change.append(group)
        else:
            conflict[group] = words_of(group, here) or "nothing"
    return Verdict(tuple(change), conflict)


def differing(group: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(field, before, after) in words of every field of a group that differs."""
    found = [
        (name, words(before.get(name, "")), words(after.get(name, "")))
        for name in GROUPS[group]
        if before.get(name) != after.get(name)
    ]
    return [(name, was or "nothing", becomes or "nothing") for name, was, becomes in found]


def words_of(group: str, values: Mapping[str, Any]) -> str:
    """What a group says, in words."""
    said = [(name, words(values.get(name, ""))) for name in GROUPS[group] if name != "impact_precision"]
    if len(GROUPS[group]) == 1:
        return said[0][1]
    return "; ".join(f"{name} {text}" for name, text in said if text)


def words(value: Any) -> str:
    """A value as people read it; times to the minute, in UTC."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(words(one) for one in value)[:_LONGEST]
    if isinstance(value, Mapping):
        return " ".join(words(one) for name, one in value.items() if one and name not in ("confidence", "component"))
    if value is True:
        return "primary"
    text = str(value or "")
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}" if "T" in text and len(text) < 40 else text[:_LONGEST]
    except ValueError:
        return text[:_LONGEST]
