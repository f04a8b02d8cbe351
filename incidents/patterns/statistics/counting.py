"""Findings by layer and month as rows, lines and one sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from math import comb, erfc, sqrt

from incidents.patterns.rows import Cell, Line, Row

REVIEWED = "reviewed"
ENOUGH_FINDINGS = 5
ENOUGH_INCIDENTS = 30
LEVEL = 0.05
EXACT_UP_TO = 1000


def fill(cells: Iterable[Cell], *, months: Sequence[date], layers: Sequence[str]) -> list[Row]:
    """A row for every month and layer in their order, also where nothing was found."""
    reviewed: Counter[tuple[date, str]] = Counter()
    provisional: Counter[tuple[date, str]] = Counter()
    for cell in cells:
        counted = reviewed if cell.state == REVIEWED else provisional
        counted[cell.month, cell.layer] += cell.findings
    return [
        Row(month, layer, reviewed[month, layer], provisional[month, layer]) for month in months for layer in layers
    ]


def by_month(rows: Sequence[Row]) -> list[Line]:
    """The rows as lines of a table, a month each, with their sums."""
    lines: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        lines[row.month].append(row)
    return [_line(month, cells) for month, cells in lines.items()]


def overall(rows: Sequence[Row]) -> Line:
    """The last line of the table: each layer over all months; its cells carry the first month."""
    layers: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        layers[row.layer].append(row)
    cells = [
        Row(of[0].month, layer, sum(row.reviewed for row in of), sum(row.provisional for row in of))
        for layer, of in layers.items()
    ]
    return _line(None, cells)


def totals(rows: Iterable[Row]) -> dict[str, int]:
    """Findings per layer, most first; layers with as many keep the order of the rows."""
    found: Counter[str] = Counter()
    for row in rows:
        found[row.layer] += row.findings
    return dict(found.most_common())


def headline(rows: Sequence[Row], *, tagged: int, period: str) -> str:
    """The chart in one sentence. `tagged` incidents carry the findings; `period` reads like "in 12 months".

    With few incidents it only counts; with many it names a leader when the lead is more than chance would give.
    """
    ranked = list(totals(rows).items())
    everything = sum(found for _, found in ranked)
    if everything < ENOUGH_FINDINGS:
        return f"Too few findings to say anything: {everything or 'none'} {period}."
    most = ranked[0][1]
    leaders = [layer for layer, found in ranked if found == most]
    if len(leaders) > 1:
        return _tie(leaders, most)
    leader = leaders[0].capitalize()
    if most == everything:
        only = f"All {everything} findings are in {leaders[0]}"
        return f"{only} so far: too few to call it a pattern." if tagged < ENOUGH_INCIDENTS else f"{only}."
    if tagged < ENOUGH_INCIDENTS:
        return f"So far {leaders[0]} leads with {most} of {everything} findings: too few to call it a pattern."
    runner_up, second = ranked[1]
    if not leads(most, second, findings=everything, incidents=tagged):
        return f"{leader} has {most} of {everything} findings, {runner_up} {second}: too close to tell which leads."
    return f"{leader} leads with {most} of {everything} findings."


def leads(most: int, second: int, *, findings: int, incidents: int) -> bool:
    """Whether the largest count is above the next one by more than chance would give at LEVEL.

    The exact two-sided binomial test of winner against runner-up holds its level although the winner was picked
    (Hung & Fithian 2019, rank verification). Findings of one incident come together, so both counts are scaled as if
    each incident brought one finding.
    """
    share = min(1.0, incidents / findings) if findings else 1.0
    return even_odds(round(most * share), round(second * share)) < LEVEL


def even_odds(one: int, other: int) -> float:
    """P-value, two-sided, of a split at least as uneven as `one` to `other` when both are as likely.

    Exact binomial; from EXACT_UP_TO on its normal approximation with continuity correction (within 0.001).
    """
    tries, larger = one + other, max(one, other)
    if tries > EXACT_UP_TO:
        return erfc(max(0.0, larger - tries / 2 - 0.5) / sqrt(tries / 2))
    tail = sum(comb(tries, count) for count in range(larger, tries + 1))
    return min(1.0, 2 * tail / (1 << tries))


def _line(month: date | None, cells: Sequence[Row]) -> Line:
    return Line(month, tuple(cells), sum(row.reviewed for row in cells), sum(row.provisional for row in cells))


def _tie(leaders: Sequence[str], most: int) -> str:
    each = f"{most} finding{'s' if most > 1 else ''} each"
    if len(leaders) > 3:
        return f"No layer leads: {len(leaders)} of them tie at {each}."
    words = f"{', '.join(leaders[:-1])} and {leaders[-1]}"
    return f"{words[0].upper()}{words[1:]} tie at {each}."
