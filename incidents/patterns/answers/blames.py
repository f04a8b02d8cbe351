"""Is it the model? First blame against primary finding, with the share that the system had caused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Column, Line
from incidents.patterns.figures import flows, kit
from incidents.patterns.statistics import intervals

MODEL = "model"
COLUMNS = (
    Column("blame", "First blamed", "layer"),
    Column("found", "Found", "layer", "The layer of the primary finding; empty: not found yet."),
    Column("incidents", "Incidents", "count"),
    Column("reviewed", "of these reviewed", "count", "Whose primary finding a postmortem confirmed."),
    Column("right", "Blame was right", "share", "Of the incidents with this blame and a primary finding."),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
)


@dataclass(frozen=True)
class Flow:
    """Incidents blamed first on one layer and found in another (or, with "", not found yet)."""

    blame: str
    found: str
    reviewed: int
    incidents: int


def answer(rows: Iterable[Flow], *, layers: Sequence[str]) -> Answer:
    """A line for each blame and what was found, in the order of the layers; per blame how often it was right."""
    order = {layer: place for place, layer in enumerate([*layers, ""])}
    ranked = sorted(rows, key=lambda row: (order[row.blame], row.found != row.blame, order[row.found]))
    found = [row for row in ranked if row.found]
    waiting = sum(row.incidents for row in ranked if not row.found)
    notes = [f"{waiting} more were blamed on a layer and have no primary finding yet."] if waiting else []
    return Answer(
        headline=headline(found, waiting=sum(row.incidents for row in ranked if row.blame == MODEL and not row.found)),
        caption=caption(found),
        columns=COLUMNS,
        lines=[_line(row, found) for row in ranked],
        n=sum(row.incidents for row in found),
        figure=flows.sankey([(row.blame, row.found, row.incidents, _behind(row)) for row in found]) if found else None,
        notes=notes,
        height="tall",
    )


def headline(found: Sequence[Flow], *, waiting: int = 0) -> str:
    """How often the model was blamed and how often it was found; without blame of it, how often any blame was right.

    `waiting` were blamed on the model and have no primary finding yet.
    """
    blamed = sum(row.incidents for row in found if row.blame == MODEL)
    held = sum(row.incidents for row in found if row.blame == MODEL and row.found == MODEL)
    if blamed:
        first = f"Blamed on the model {words.times(blamed)}, found there {words.times(held) if held else 'never'}"
        return f"{first}." if blamed >= FEW else f"{first}: too few to say more."
    if waiting:
        return f"Blamed on the model {words.times(waiting)}, and in none of these is it known yet what it was."
    everything = sum(row.incidents for row in found)
    if not everything:
        return "Nobody's first blame can be compared with a finding yet."
    right = sum(row.incidents for row in found if row.blame == row.found)
    return f"The model was never blamed first; other first blames were right {right} of {everything} times."


def caption(found: Sequence[Flow]) -> str:
    """The share of model-blamed incidents that the system had caused, with its interval."""
    blamed = sum(row.incidents for row in found if row.blame == MODEL)
    system = sum(row.incidents for row in found if row.blame == MODEL and row.found != MODEL)
    told = "First blame to primary finding."
    if blamed < FEW:
        return told
    bounds = intervals.share(system, blamed)
    share = kit.percent(system / blamed)
    return f"{told} {share} of the blames on the model were system-caused ({kit.between(bounds.low, bounds.high)})."


def _line(row: Flow, found: Sequence[Flow]) -> Line:
    same = [one for one in found if one.blame == row.blame]
    blamed = sum(one.incidents for one in same)
    right = sum(one.incidents for one in same if one.found == row.blame)
    told = row.found == row.blame and blamed >= FEW
    bounds = intervals.share(right, blamed) if told else intervals.Interval(None, None)
    values = {
        "blame": row.blame,
        "found": row.found,
        "incidents": row.incidents,
        "reviewed": row.reviewed,
        "right": right / blamed if told else None,
        "low": bounds.low,
        "high": bounds.high,
    }
    return Line(values, _behind(row))


def _behind(row: Flow) -> dict[str, str]:
    return {"blame": row.blame, "found": row.found} if row.found else {"blame": row.blame, "only": "not_found"}
