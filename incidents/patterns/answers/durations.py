"""How long, and for whom? Quantiles of Kaplan-Meier curves, so that what is open counts; never a mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

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
CAPTION = (
    "Kaplan-Meier, to the minute; what is open counts as longer than so far. "
    "Intervals are 95 % and assume no distribution; a mean would say nothing here."
)
COLUMNS = (
    Column("span", "What", "text", "From the start of the impact until noticed; the others from then on."),
    Column("group", "Of", "text"),
    Column("n", "n", "count", "Incidents for which both ends, or the time so far, are known."),
    Column("open", "not ended", "count", "They count as longer than so far."),
    Column("unknown", "unknown", "count", "Of zero or below, or doubted: in none of the numbers."),
    Column("p50", "p50", "duration", "Half of them took at most this long."),
    Column("p50_low", "at least", "duration", "95 % interval, whatever the distribution."),
    Column("p50_high", "at most", "duration"),
    Column("p90", "p90", "duration", "Nine of ten took at most this long."),
    Column("p95", "p95", "duration"),
    Column("p95_low", "at least", "duration"),
    Column("p95_high", "at most", "duration"),
    Column("smallest", "would show", "share", "The smallest shortening that would show, half before and half after."),
)


@dataclass(frozen=True)
class Lasted:
    """So many spans of one group lasted so many minutes, and ended, or have lasted so long so far.

    `minutes` None: of zero or below, or with a doubted end, so nobody knows.
    """

    span: str
    group: str
    minutes: int | None
    ended: bool
    count: int


@dataclass(frozen=True)
class Sample:
    """The spans of one group, expanded: minutes, which ended, and how many more are unknown."""

    minutes: np.ndarray
    ended: np.ndarray
    unknown: int

    @cached_property
    def curve(self) -> survival.Curve:
        """Kaplan-Meier."""
        return survival.curve(*self.plain)

    @property
    def plain(self) -> tuple[list[float], list[bool]]:
        """As the statistics take it."""
        return self.minutes.tolist(), self.ended.tolist()

    @property
    def spread(self) -> float | None:
        """The deviation of the logs of what ended; None where there are too few, or all took equally long."""
        ended = self.minutes[self.ended & (self.minutes > 0)]
        spread = float(np.log(ended).std(ddof=1)) if len(ended) >= 2 * FEW else 0.0
        return spread if spread >= power.SAME else None

    @property
    def smallest(self) -> float | None:
        """The smallest shortening (0..1) that would have shown, half of them before and half after; None: not any."""
        if self.spread is None:
            return None
        return power.smallest_shorter(int(np.count_nonzero(self.ended & (self.minutes > 0))) // 2, self.spread)


def answer(rows: Iterable[Lasted]) -> Answer:
    """A line for each span; below FEW only the counts are told."""
    found = samples(rows)
    lines = [line(span, "", found[span, ""]) for span in SPANS if (span, "") in found]
    whole = found.get(("resolve", ""))
    curve = whole.curve if whole else None
    return Answer(
        headline=headline(curve),
        caption=CAPTION,
        columns=[column for column in COLUMNS if column.name != "group"],
        lines=lines,
        n=curve.count if curve else 0,
        figure=steps.survival([("all incidents", curve)]) if curve and curve.count >= FEW else None,
        notes=[*_smallest(whole), *unknown(found)],
    )


def headline(curve: survival.Curve | None) -> str:
    """Half, and one in twenty; what the data cannot tell is said."""
    if curve is None or curve.count < FEW:
        return f"Too few incidents to say how long they take: {curve.count if curve else 'none'}."
    if curve.median is None:
        return "More than half are still open, so nobody can tell yet how long half of them take."
    half = f"Half are resolved in {kit.lasting(curve.median * 60)}"
    tail = curve.quantile(0.95)
    if tail is None or not enough(curve.count, 0.95):
        return f"{half}; there are too few to tell the longest ones apart."
    return f"{half}; one in twenty takes over {kit.lasting(tail * 60)}."


def enough(count: int, at: float) -> bool:
    """Whether so many tell a quantile: the upper rank of its interval is among them."""
    return intervals.ranks(count, at)[1] <= count


def samples(rows: Iterable[Lasted]) -> dict[tuple[str, str], Sample]:
    """By span and group."""
    kept: dict[tuple[str, str], list[Lasted]] = {}
    for row in rows:
        kept.setdefault((row.span, row.group), []).append(row)
    return {key: _sample(of) for key, of in kept.items()}


def _sample(rows: Sequence[Lasted]) -> Sample:
    known = [row for row in rows if row.minutes is not None]
    counts = [row.count for row in known]
    return Sample(
        np.repeat([float(row.minutes or 0) for row in known], counts),
        np.repeat(np.array([row.ended for row in known], dtype=bool), counts),
        sum(row.count for row in rows if row.minutes is None),
    )


def line(span: str, group: str, sample: Sample) -> Line:
    """What is told of one group."""
    curve = sample.curve
    told = curve.count >= FEW
    values: dict[str, object] = {
        "span": SPANS[span],
        "group": group,
        "n": curve.count,
        "open": curve.count - curve.ended,
        "unknown": sample.unknown,
        "smallest": sample.smallest if span == "resolve" else None,
    }
    for at in QUANTILES:
        value = curve.quantile(at) if told and (at == QUANTILES[0] or enough(curve.count, at)) else None
        values[f"p{at * 100:.0f}"] = None if value is None else value * 60
    for at in (0.5, 0.95):
        bounds = _bounds(sample, at) if told else intervals.Interval(None, None)
        values[f"p{at * 100:.0f}_low"] = None if bounds.low is None else bounds.low * 60
        values[f"p{at * 100:.0f}_high"] = None if bounds.high is None else bounds.high * 60
    return Line(values)


def _bounds(sample: Sample, at: float) -> intervals.Interval:
    """By ranks while everything has ended; a bound among what is open is none."""
    bounds = intervals.of_quantile(sample.minutes.tolist(), at)
    first_open = float(sample.minutes[~sample.ended].min()) if not sample.ended.all() else float("inf")
    high = bounds.high if bounds.high is not None and bounds.high < first_open else None
    low = bounds.low if bounds.low is not None and bounds.low < first_open else None
    return intervals.Interval(low, high)


def unknown(found: Mapping[tuple[str, str], Sample]) -> list[str]:
    """Times that were typed roughly, or after the fact, are told and count in none."""
    count = sum(sample.unknown for sample in found.values())
    if not count:
        return []
    told = "1 time is" if count == 1 else f"{count} times are"
    return [f"{told} of zero or below, or contradict the file they came from: unknown, and in no number here."]


def _smallest(sample: Sample | None) -> list[str]:
    """The smallest change of durations that could have been seen, half of the incidents before and half after."""
    if sample is None or sample.spread is None:
        return []
    if sample.smallest is None:
        return ["So few incidents could not show any change of these times."]
    return [f"Only times {kit.percent(sample.smallest)} shorter, or more, would have shown with these incidents."]
