"""Rules in their order, compiled once; the first that fits an alert decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from incidents.alerts.matching import expressions
from incidents.alerts.matching.conditions import GLOB, IS, KIND, LABEL, NAME, SOURCE, WORDS, Condition, Facts
from incidents.alerts.matching.phrases import Finder

Probe = Callable[[Facts], str | None]  # what fitted, in words; None when nothing did


@dataclass(frozen=True)
class Hit:
    """The place of the rule that fits, and what of the alert fitted, in words."""

    place: int
    matched: str


class Book:
    """Conditions of rules in order; a rule's place is its index here. A rule without conditions fits nothing."""

    def __init__(self, rules: Iterable[Sequence[Condition]]) -> None:
        self._finders: dict[str, Finder] = defaultdict(Finder)
        self._rules: list[tuple[tuple[Probe, ...], tuple[tuple[str, int], ...]]] = []
        self._wordless: list[int] = []  # places of rules that ask for no words
        self._by_words: dict[int, int] = {}  # the places of the others, by the number of their first words
        count = 0
        for conditions in rules:
            worded = []
            for condition in conditions:
                if condition.how == WORDS:
                    count += 1
                    for value in condition.values:
                        self._finders[condition.what].add(value, count)
                    worded.append((condition.what, count))
            if worded:
                self._by_words[worded[0][1]] = len(self._rules)
            else:
                self._wordless.append(len(self._rules))
            probes = tuple(_probe(condition) for condition in conditions if condition.how != WORDS)
            self._rules.append((probes, tuple(worded)))

    def __len__(self) -> int:
        return len(self._rules)

    def first(self, facts: Facts) -> Hit | None:
        """The first rule all of whose conditions hold; None when there is none."""
        words = {what: finder.find(*facts.texts(what)) for what, finder in self._finders.items()}
        said = (self._by_words[number] for found in words.values() for number in found if number in self._by_words)
        for place in sorted({*self._wordless, *said}):
            probes, worded = self._rules[place]
            matched = _matched(probes, worded, words, facts)
            if matched:
                return Hit(place, " and ".join(matched))
        return None


def _matched(
    probes: Sequence[Probe],
    worded: Sequence[tuple[str, int]],
    words: Mapping[str, Mapping[int, str]],
    facts: Facts,
) -> list[str]:
    """What fitted of each condition; empty unless all fit."""
    matched = []
    for what, number in worded:
        found = words[what].get(number)
        if found is None:
            return []
        matched.append(f"“{found}” in its {what}")
    for probe in probes:
        fitted = probe(facts)
        if fitted is None:
            return []
        matched.append(fitted)
    return matched


def _probe(condition: Condition) -> Probe:
    if condition.what == SOURCE:
        numbers = frozenset(int(value) for value in condition.values)
        return lambda facts: f"source {facts.source_name}" if facts.source in numbers else None
    fits = _fits(condition)
    if condition.what == KIND:
        return lambda facts: f"kind {facts.kind}" if fits(facts.kind) else None
    if condition.what == LABEL:
        label = condition.label

        def of_label(facts: Facts) -> str | None:
            value = facts.labels.get(label)
            return f"label {label}={value}" if value is not None and fits(value) else None

        return of_label
    if condition.what == NAME:
        return lambda facts: f"alert name {facts.name}" if fits(facts.name) else None
    return lambda facts: f"title “{facts.title}”" if fits(facts.title) else None


def _fits(condition: Condition) -> Callable[[str], bool]:
    if condition.how == IS:
        wanted = frozenset(value.casefold() for value in condition.values)
        return lambda value: value.casefold() in wanted
    compile_ = expressions.glob if condition.how == GLOB else expressions.expression
    patterns = [compile_(value) for value in condition.values]
    return lambda value: any(pattern.matches(value) for pattern in patterns)
