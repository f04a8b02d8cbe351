"""How long, for whom? The same times by group; whether a group differs is asked of a log-rank test, never of ranks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from incidents.patterns.answers import durations, words
from incidents.patterns.answers.durations import CAPTION, COLUMNS, SPANS, Lasted, Sample
from incidents.patterns.answers.shape import FEW, Answer, Base
from incidents.patterns.figures import kit, steps
from incidents.patterns.statistics import power, rates, survival

MOST_DRAWN = 4
LEVEL = 0.05
HOW = ("longer", "less time", "a different time")
COLOURS = ("var(--accent)", "var(--warn)", "var(--good)", "var(--bad)")


@dataclass(frozen=True)
class Grouping:
    """The groups in their order with their words, what one is called, and the two that are held against each other.

    Without a `pair` each group is held against all the others together. `colours` by group; else those of the house.
    """

    groups: Mapping[str, str]
    one: str
    pair: tuple[str, str] | None = None
    colours: Mapping[str, str] | None = None
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """A group against another or the rest: p of the log-rank test (adjusted among the tests here), both medians."""

    name: str
    p_value: float
    median: float | None
    other: float | None


def answer(rows: Iterable[Lasted], base: Base, grouping: Grouping) -> Answer:
    """A line for each span and group, in their order; drawn are the MOST_DRAWN groups with most incidents."""
    found = durations.samples(rows)
    named = grouping.groups
    resolving = {group: found["resolve", group] for group in named if ("resolve", group) in found}
    told = {group: sample for group, sample in resolving.items() if len(sample.minutes) >= FEW}
    lines = [
        durations.line(span, named[group], found[span, group])
        for span in SPANS
        for group in named
        if (span, group) in found
    ]
    return Answer(
        headline=headline(told, base, grouping),
        caption=f"Until resolved. {CAPTION}",
        columns=COLUMNS,
        lines=lines,
        n=sum(len(sample.minutes) for sample in resolving.values()),
        figure=_figure(told, grouping) if told else None,
        notes=[*_notes(told, base, grouping), *durations.unknown(found)],
        height="tall",
    )


def headline(told: Mapping[str, Sample], base: Base, grouping: Grouping) -> str:
    """What differs by more than chance, or that nothing does; few incidents are not compared."""
    groups = [group for group in (grouping.pair or told) if group in told]
    if base.few or len(groups) < 2:
        return f"Too few incidents to compare how long they take by {grouping.one}: {base.incidents or 'none'}."
    verdicts = _pair(told, grouping, groups) if grouping.pair else _each(told, grouping)
    differing = [verdict for verdict in verdicts if verdict.p_value < LEVEL]
    if grouping.pair:
        return _of_two(verdicts[0], [grouping.groups[group] for group in groups], bool(differing))
    if not differing:
        return f"No {grouping.one} takes longer or shorter than the others by more than chance."
    if len(differing) == 1:
        return f"{_said(differing[0])} {_medians(differing[0])} ({_p(differing[0])})."
    parts = [
        f"{words.listed(names)} {'take' if len(names) > 1 else 'takes'} {how}"
        for how in HOW
        if (names := [verdict.name for verdict in differing if _how(verdict) == how])
    ]
    return f"Against all the others together, by more than chance: {'; '.join(parts)}."


def _pair(told: Mapping[str, Sample], grouping: Grouping, groups: Sequence[str]) -> list[Verdict]:
    one, other = (told[group] for group in groups)
    found = survival.compare(one.plain, other.plain)
    return [Verdict(grouping.groups[groups[0]], found.p_value, one.curve.median, other.curve.median)]


def _each(told: Mapping[str, Sample], grouping: Grouping) -> list[Verdict]:
    """Every group against all the others; p adjusted for so many tests (Benjamini and Hochberg)."""
    verdicts = []
    for group, sample in told.items():
        others = [one for name, one in told.items() if name != group]
        rest = Sample(np.concatenate([one.minutes for one in others]), np.concatenate([one.ended for one in others]), 0)
        found = survival.compare(sample.plain, rest.plain)
        verdicts.append((grouping.groups[group], found.p_value, sample.curve.median, rest.curve.median))
    adjusted = rates.adjusted([p for _, p, *_ in verdicts])
    return [Verdict(name, p, *medians) for (name, _, *medians), p in zip(verdicts, adjusted, strict=True)]


def _of_two(verdict: Verdict, names: Sequence[str], differs: bool) -> str:
    one = "not resolved yet" if verdict.median is None else f"resolved in {_time(verdict.median)}"
    other = "not yet" if verdict.other is None else f"in {_time(verdict.other)}"
    how = "they differ by more than chance" if differs else "no more apart than chance would have them"
    told = f"Half of the {names[0]} are {one}, half of the {names[1]} {other}"
    return f"{told}: {how} (log-rank p {words.p_value(verdict.p_value)})."


def _said(verdict: Verdict) -> str:
    than = "from" if _how(verdict) == HOW[2] else "than"
    return f"{verdict.name.capitalize()} takes {_how(verdict)} {than} the others, by more than chance:"


def _medians(verdict: Verdict) -> str:
    own, other = (
        _time(median) if median is not None else "not known yet" for median in (verdict.median, verdict.other)
    )
    return f"half are resolved in {own}, of the others in {other}"


def _how(verdict: Verdict) -> str:
    """One of HOW, by the medians; one that is not reached yet is longer than any that is."""
    endless = float("inf")
    own, other = (endless if median is None else median for median in (verdict.median, verdict.other))
    return HOW[2] if own == other else HOW[own < other]


def _time(minutes: float) -> str:
    return kit.lasting(minutes * 60)


def _p(verdict: Verdict) -> str:
    return f"log-rank, adjusted p {words.p_value(verdict.p_value)}"


def _figure(told: Mapping[str, Sample], grouping: Grouping) -> kit.Figure:
    most = sorted(told, key=lambda group: -len(told[group].minutes))[:MOST_DRAWN]
    drawn = [group for group in told if group in most]
    colours = [(grouping.colours or {}).get(group, COLOURS[place]) for place, group in enumerate(drawn)]
    return steps.survival([(grouping.groups[group], told[group].curve) for group in drawn], colours)


def _notes(told: Mapping[str, Sample], base: Base, grouping: Grouping) -> list[str]:
    notes = [grouping.note] if grouping.note else []
    if len(told) > MOST_DRAWN:
        notes.append(f"Drawn are the {MOST_DRAWN} with most incidents; the table has all.")
    if grouping.pair and not base.few and all(group in told for group in grouping.pair):
        ended = [told[group].minutes[told[group].ended & (told[group].minutes > 0)] for group in grouping.pair]
        notes += _smallest(ended)
    return notes


def _smallest(ended: Sequence[np.ndarray]) -> list[str]:
    """The smallest difference of two groups that could have been seen, with as many in each as in the smaller one."""
    each = min(map(len, ended))
    if each < FEW:
        return ["So few incidents could not show any difference between the two."]
    spread = float(np.concatenate([np.log(minutes) - np.log(minutes).mean() for minutes in ended]).std(ddof=1))
    if spread < power.SAME:
        return []  # all took equally long
    smallest = power.smallest_shorter(each, spread)
    if smallest is None:
        return ["So few incidents could not show any difference between the two."]
    return [f"Only a difference of {kit.percent(smallest)} or more would have shown between the two."]
