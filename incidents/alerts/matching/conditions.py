"""What a rule asks of an alert: conditions that must all hold, as stored, as checked and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incidents.alerts.matching import expressions, phrases

MOST = 12  # conditions of one rule
VALUES = 60  # of one condition
LENGTH = 300  # characters of a value or of a label's name

SOURCE, KIND, LABEL, NAME, TITLE, TEXT = "source", "kind", "label", "name", "title", "text"
IS, GLOB, REGEX, WORDS = "is", "glob", "regex", "words"
WHATS = {
    LABEL: "a label",
    NAME: "the alert's name",
    TITLE: "its title",
    TEXT: "its name, title or summary",
    SOURCE: "the source",
    KIND: "the kind of source",
}
HOWS = {
    IS: "is one of",
    GLOB: "matches (* and ?)",
    REGEX: "matches the expression",
    WORDS: "has the words",
}
ALLOWED = {
    SOURCE: (IS,),
    KIND: (IS,),
    LABEL: (IS, GLOB, REGEX),
    NAME: (IS, GLOB, REGEX, WORDS),
    TITLE: (IS, GLOB, REGEX, WORDS),
    TEXT: (WORDS,),
}


class ConditionError(ValueError):
    """A condition that cannot be used; `index` is its place, None for all of them together."""

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.index = index


@dataclass(frozen=True)
class Facts:
    """What rules may look at of one alert."""

    source: int
    source_name: str
    kind: str
    labels: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    title: str = ""
    summary: str = ""

    def texts(self, what: str) -> tuple[str, ...]:
        """The alert's name, its title, or both with its summary."""
        if what == TEXT:
            return self.name, self.title, self.summary
        return (self.name if what == NAME else self.title,)


@dataclass(frozen=True)
class Condition:
    """One thing that must hold: `what` is looked at `how`; one of the `values` must fit. `label` names a label."""

    what: str
    how: str
    values: tuple[str, ...]
    label: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is stored and as the API shows it."""
        said: dict[str, Any] = {"what": self.what, "how": self.how, "values": list(self.values)}
        return {**said, "label": self.label} if self.what == LABEL else said

    def words(self, sources: Mapping[str, str]) -> str:
        """For people; `sources` are names by number."""
        subject = f"label {self.label}" if self.what == LABEL else WHATS[self.what]
        values = [sources.get(value, f"no. {value}") if self.what == SOURCE else value for value in self.values]
        quoted = ", ".join(f"“{value}”" for value in values)
        verb = {IS: "is", GLOB: "matches", REGEX: "matches the expression", WORDS: "has the words"}[self.how]
        if len(values) > 1:
            verb = {IS: "is one of", GLOB: "matches one of", REGEX: "matches one of the expressions"}.get(
                self.how, "has one of"
            )
        return f"{subject} {verb} {quoted}"


def load(stored: Sequence[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Conditions as they were stored, which were checked when they were written."""
    return tuple(Condition(one["what"], one["how"], tuple(one["values"]), one.get("label", "")) for one in stored)


def checked(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """The same conditions without blanks and repeats; ConditionError says what is wrong with one."""
    if not conditions:
        raise ConditionError("Give at least one condition; a rule without any would take every alert.")
    if len(conditions) > MOST:
        raise ConditionError(f"A rule has at most {MOST} conditions.")
    return tuple(_checked(condition, index) for index, condition in enumerate(conditions))


def _checked(condition: Condition, index: int) -> Condition:
    if condition.what not in ALLOWED:
        raise ConditionError("Choose what to look at.", index)
    if condition.how not in ALLOWED[condition.what]:
        fitting = ", ".join(HOWS[how] for how in ALLOWED[condition.what])
        raise ConditionError(f"For {WHATS[condition.what]} choose: {fitting}.", index)
    label = condition.label.strip() if condition.what == LABEL else ""
    if condition.what == LABEL and not label:
        raise ConditionError("Name the label.", index)
    values = tuple(dict.fromkeys(value.strip() for value in condition.values if value.strip()))
    if not values:
        raise ConditionError("Give at least one value.", index)
    if len(values) > VALUES or any(len(text) > LENGTH for text in (label, *values)):
        raise ConditionError(f"At most {VALUES} values of {LENGTH} characters each.", index)
    if condition.what == SOURCE and not all(value.isdecimal() and len(value) < 10 for value in values):
        raise ConditionError("A source is named by its number.", index)
    _try(condition.how, values, index)
    return Condition(condition.what, condition.how, values, label)


def _try(how: str, values: Sequence[str], index: int) -> None:
    """Compile each value once, so that nothing is stored that the digest could not use."""
    compile_ = {GLOB: expressions.glob, REGEX: expressions.expression, WORDS: phrases.parse}.get(how)
    for value in values:
        try:
            if compile_ is not None:
                compile_(value)
        except ValueError as error:
            text = str(error)
            raise ConditionError(f"{text[0].upper()}{text[1:]}.", index) from error
