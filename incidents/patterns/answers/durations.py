"""How long, and for whom? Quantiles of Kaplan-Meier curves, so that what is open counts; never a mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from incidents.patterns.answers import words as words_of
from incidents.patterns.answers.shape import FEW, Answer, Column, Line
from incidents.patterns.figures import kit, steps
from incidents.patterns.statistics import intervals, power, survival

SPANS = {
    "detect": "Until noticed",
    "acknowledge": "Until acknowledged",
    "mitigate": "Until users were well",
    "resolve": "Until resolved",
}
QUANTILES = (0.5, 0.9, 0.95)
COLUMNS = (
    Column("span", "What", "text", "From the start of the impact until noticed; the others from then on."),
    Column("group", "Of", "text"),
    Column("n", "n", "count", "Incidents for which both ends, or the time so far, are known."),
    Column("open", "not ended", "count", "They count as longer than so far."),
    Column("p50", "p50", "duration", "Half of them took at most this long."),
    Column("p50_low", "at least", "duration", "95 % interval, whatever the distribution."),
    Column("p50_high", "at most", "duration"),
    Column("p90", "p90", "duration", "Nine of ten took at most this long."),
    Column("p95", "p95", "duration"),
    Column("p95_low", "at least", "duration"),
    Column("p95_high", "at most", "duration"),
)


@dataclass(frozen=True)
class Lasted:
    """So many spans of one group lasted so many minutes, and ended, or have lasted so long so far."""

    span: str
    group: str
    minutes: int
    ended: bool
    count: int


@dataclass(frozen=True)
class _Sample:
    """The spans of one group, expanded: minutes, and which ended."""

    minutes: np.ndarray
    ended: np.ndarray

    @property
    def curve(self) -> survival.Curve:
        return survival.curve(*self.plain)

    @property
    def plain(self) -> tuple[list[float], list[bool]]:
        """As the statistics take it."""
        return self.minutes.tolist(), self.ended.tolist()


def answer(rows: Iterable[Lasted], *, groups: Sequence[str] = ("",), words: str = "all incidents") -> Answer:
    """A line for each span and group, in their order; below FEW only the counts are told."""
    samples = _samples(rows)
    curves = {key: sample.curve for key, sample in samples.items()}
    lines = [
        _line(span, group, samples[span, group], curves[span, group])
        for span in SPANS
        for group in groups
        if (span, group) in samples
    ]
    resolving = [(group or words, curves["resolve", group]) for group in groups if ("resolve", group) in curves]
    drawn = [(name, curve) for name, curve in resolving if curve.count >= FEW]
    whole = curves.get(("resolve", groups[0])) if len(groups) == 1 else None
    return Answer(
        headline=headline(whole) if len(groups) == 1 else compared(resolving, samples, groups),
        caption=(
            "Kaplan-Meier, to the minute; what is open counts as longer than so far. "
            "Intervals are 95 % and assume no distribution; a mean would say nothing here."
        ),
        columns=COLUMNS if len(groups) > 1 else [column for column in COLUMNS if column.name != "group"],
        lines=lines,
        n=sum(curve.count for _, curve in resolving),
        figure=steps.survival(drawn) if drawn else None,
        notes=_notes(samples.get(("resolve", groups[0]))) if len(groups) == 1 else (),
    )


def headline(curve: survival.Curve | None) -> str:
    """Half, and one in twenty; what the data cannot tell is said."""
    if curve is None or curve.count < FEW:
        return f"Too few incidents to say how long they take: {curve.count if curve else 'none'}."
    if curve.median is None:
        return "More than half are still open, so nobody can tell yet how long half of them take."
    half = f"Half are resolved in {kit.lasting(curve.median * 60)}"
    tail = curve.quantile(0.95)
    if intervals.ranks(curve.count, 0.95)[0] < 1 or curve.count < 20 or tail is None:
        return f"{half}; there are too few to tell the longest ones apart."
    return f"{half}; one in twenty takes over {kit.lasting(tail * 60)}."


def compared(
    resolving: Sequence[tuple[str, survival.Curve]],
    samples: dict[tuple[str, str], _Sample],
    groups: Sequence[str],
) -> str:
    """Of two groups the log-rank test says whether they differ; of more only the medians are told."""
    known = [(name, curve.median) for name, curve in resolving if curve.count >= FEW and curve.median is not None]
    if len(known) < 2:
        return "Too few incidents to compare how long they take."
    medians = ", ".join(f"{name} {kit.lasting(median * 60)}" for name, median in known)
    told = f"Half are resolved in: {medians}"
    if len(groups) == 2 and len(known) == 2:
        one, other = (samples["resolve", group] for group in groups)
        found = survival.compare(one.plain, other.plain)
        verdict = "more than chance" if found.p_value < 0.05 else "no more than chance would"
        return f"{told}; they differ {verdict} (log-rank p {words_of.p_value(found.p_value)})."
    return f"{told}."


def _samples(rows: Iterable[Lasted]) -> dict[tuple[str, str], _Sample]:
    kept: dict[tuple[str, str], list[Lasted]] = {}
    for row in rows:
        kept.setdefault((row.span, row.group), []).append(row)
    return {
        key: _Sample(
            np.repeat([row.minutes for row in of], [row.count for row in of]).astype(float),
            np.repeat([row.ended for row in of], [row.count for row in of]),
        )
        for key, of in kept.items()
    }


def _line(span: str, group: str, sample: _Sample, curve: survival.Curve) -> Line:
    told = curve.count >= FEW
    values: dict[str, object] = {
        "span": SPANS[span],
        "group": group,
        "n": curve.count,
        "open": curve.count - curve.ended,
    }
    for at in QUANTILES:
        value = curve.quantile(at) if told else None
        values[f"p{at * 100:.0f}"] = None if value is None else value * 60
    for at in (0.5, 0.95):
        bounds = _bounds(sample, at) if told else intervals.Interval(None, None)
        values[f"p{at * 100:.0f}_low"] = None if bounds.low is None else bounds.low * 60
        values[f"p{at * 100:.0f}_high"] = None if bounds.high is None else bounds.high * 60
    return Line(values)


def _bounds(sample: _Sample, at: float) -> intervals.Interval:
    """By ranks while everything has ended; a bound among what is open is none."""
    bounds = intervals.of_quantile(sample.minutes.tolist(), at)
    first_open = float(sample.minutes[~sample.ended].min()) if not sample.ended.all() else float("inf")
    high = bounds.high if bounds.high is not None and bounds.high < first_open else None
    low = bounds.low if bounds.low is not None and bounds.low < first_open else None
    return intervals.Interval(low, high)


def _notes(sample: _Sample | None) -> tuple[str, ...]:
    """The smallest change of durations that could have been seen, half of the incidents before and half after."""
    ended = sample.minutes[sample.ended & (sample.minutes > 0)] if sample is not None else np.array([])
    if len(ended) < 2 * FEW:
        return ()
    spread = float(np.log(ended).std(ddof=1))
    if spread < power.SAME:
        return ()  # all took equally long: there is no spread to see a change against
    smallest = power.smallest_shorter(len(ended) // 2, spread)
    if smallest is None:
        return ("So few incidents could not show any change of these times.",)
    return (f"Only times {kit.percent(smallest)} shorter, or more, would have shown with these incidents.",)
