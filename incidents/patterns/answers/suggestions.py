"""Are we right? The layer that a rule suggested against the layer that people found: a confusion matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import ENOUGH, FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit, matrix
from incidents.patterns.statistics import agreement, intervals

SWAPS = 10  # mistakes; below it Bowker's chi-squared is no good approximation
NORMAL = 1.959964  # of a 95 % interval
COLUMNS = (
    Column("suggested", "Suggested", "layer", "The layer that a rule suggested."),
    Column("found", "Found", "layer", "The layer of the primary finding."),
    Column("incidents", "Incidents", "count"),
    Column("reviewed", "of these reviewed", "count", "Whose primary finding a postmortem confirmed."),
)


@dataclass(frozen=True)
class Pair:
    """Incidents for which one layer was suggested and one found (or, with "", not found yet)."""

    suggested: str
    found: str
    reviewed: int
    incidents: int


def answer(rows: Iterable[Pair], base: Base, *, layers: Sequence[str]) -> Answer:
    """A line for every pair of layers that were suggested or found, also where nothing was, in the layers' order."""
    given = list(rows)
    known = {(row.suggested, row.found): row for row in given if row.found}
    used = [layer for layer in layers if any(layer in pair for pair in known)]
    square = [[known.get((one, other), Pair(one, other, 0, 0)) for other in used] for one in used]
    table = [[pair.incidents for pair in row] for row in square]
    waiting = sum(row.incidents for row in given if not row.found)
    judged = sum(map(sum, table))
    notes = [f"{waiting} more have a suggestion and no primary finding yet."] if waiting else []
    if judged:
        notes.append("Whoever sees a suggestion first may follow it, so agreement is told at its best.")
    return Answer(
        headline=headline(table, base),
        caption=caption(table, base),
        columns=COLUMNS,
        lines=[_line(pair) for row in square for pair in row],
        n=judged,
        figure=_figure(square, used) if judged else None,
        notes=[*notes, *_leaning(table, used, base)],
        pivot=("suggested", "found", "incidents"),
    )


def headline(table: agreement.Table, base: Base) -> str:
    """How often both named the same layer."""
    judged, agreed = sum(map(sum, table)), agreement.agreed(table)
    if not judged:
        return "No suggestion can be compared with a finding yet."
    said = f"Rules suggested the layer that people found {agreed} of {judged} times"
    if judged < FEW:
        return f"{said}: too few to say more."
    if base.few or judged < ENOUGH:
        return f"{said}."
    return f"Rules suggested the layer that people found {kit.percent(agreed / judged)} of the time."


def caption(table: agreement.Table, base: Base) -> str:
    """What was compared, and from ENOUGH on how sure the share is and how far it is beyond chance."""
    judged, agreed = sum(map(sum, table)), agreement.agreed(table)
    told = "Suggested layer against primary finding; who was blamed first is not a suggestion."
    if base.few or judged < ENOUGH:
        return told
    bounds = intervals.share(agreed, judged)
    share = f"{agreed} of {judged} agree ({kit.between(bounds.low, bounds.high)})"
    found = agreement.kappa(table)
    if found is None:
        return f"{told} {share}; all of them in one layer, so chance would do as well."
    value, error = found
    low, high = max(-1.0, value - NORMAL * error), min(1.0, value + NORMAL * error)
    return (
        f"{told} {share}; kappa {value:.2f} ({low:.2f} to {high:.2f}, standard error {error:.2f}), where 0 is what "
        "chance gives and 1 is always."
    )


def _leaning(table: agreement.Table, used: Sequence[str], base: Base) -> list[str]:
    """Whether mistakes lean one way, by Bowker's test; the pair that leans most is named."""
    judged = sum(map(sum, table))
    wrong = judged - agreement.agreed(table)
    if base.few or judged < ENOUGH or not wrong:
        return []
    if wrong < SWAPS:
        return [f"Too few differ ({wrong}) to tell whether they lean one way."]
    found = agreement.bowker(table)
    told = f"(Bowker p {words.p_value(found.p_value)})"
    if found.p_value >= 1 - intervals.LEVEL:
        return [f"Where they differ, neither direction is more frequent than chance would make it {told}."]
    one, other = max(
        ((i, j) for i in range(len(used)) for j in range(len(used)) if i != j and table[i][j]),
        key=lambda at: _pull(table[at[0]][at[1]], table[at[1]][at[0]]),
    )
    there, back = words.times(table[one][other]), words.times(table[other][one]) if table[other][one] else "never"
    pair = f"{used[one]} was suggested and {used[other]} found {there}, the other way round {back}"
    return [f"Where they differ, they lean one way {told}: most of all {pair}."]


def _pull(there: int, back: int) -> tuple[float, int]:
    """How much a pair of opposite cells adds to Bowker's statistic; the larger cell of the two comes first."""
    return ((there - back) ** 2 / (there + back), there)


def _line(pair: Pair) -> Line:
    values = {
        "suggested": pair.suggested,
        "found": pair.found,
        "incidents": pair.incidents,
        "reviewed": pair.reviewed,
    }
    return Line(values, _behind(pair))


def _behind(pair: Pair) -> dict[str, str]:
    return {"suggested": pair.suggested, "found": pair.found} if pair.incidents else {}


def _figure(square: Sequence[Sequence[Pair]], used: Sequence[str]) -> kit.Figure:
    cells = [
        matrix.Cell(pair.suggested, pair.found, pair.incidents, pair.suggested == pair.found, _behind(pair))
        for row in square
        for pair in row
        if pair.incidents
    ]
    return matrix.confusion(cells, used, down="suggested", across="found")
