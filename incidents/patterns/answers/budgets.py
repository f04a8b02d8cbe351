"""Where do budgets break? Of each stage how often reviews found it over its budget, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit, ranges
from incidents.patterns.statistics import intervals

PLAINLY = 1.05  # times the budget: what is told as 1.1 or more
NOWHERE = "no part named"
COLUMNS = (
    Column("stage", "Stage", "text", "The whole answer of a service, a part, a seam, or a name that a review gave."),
    Column("reviews", "Reviews", "count", "That say something of how long it took, drafts included."),
    Column("no_budget", "without budget", "number", "Rows of these reviews that name no budget."),
    Column("budget", "Budget, ms", "number", "The latest that a review names."),
    Column("measured", "p95 measured", "number", "Rows with a p95 and a budget."),
    Column("over", "p95 over budget", "number"),
    Column("share", "Share", "share", "Of the rows with a p95 and a budget."),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
    Column("lowest", "p95 ÷ budget, lowest", "number", "1 is the budget."),
    Column("half", "half at most", "number", "The middle one of p95 ÷ budget."),
    Column("nine", "nine of ten at most", "number"),
    Column("highest", "highest", "number"),
    Column("measured_p99", "p99 measured", "number"),
    Column("over_p99", "p99 over budget", "number"),
    Column("findings", "Latency findings", "number", "Incidents with a latency finding that names this part or seam."),
)


@dataclass(frozen=True)
class Stage:
    """What reviews say of one stage. The last five before `findings` are of observed p95 over budget, None for none."""

    key: str
    name: str
    reviews: int
    no_budget: int
    budget: int | None
    measured: int
    over: int
    measured_p99: int
    over_p99: int
    lowest: float | None
    half: float | None
    nine: float | None
    highest: float | None
    findings: int


def answer(rows: Iterable[Stage], base: Base) -> Answer:
    """The stages, most often over budget first; below FEW measurements counts and the extremes, no quantiles."""
    ranked = sorted(
        rows, key=lambda row: (-row.over, -row.measured, -row.reviews, not row.name, row.name.lower(), row.key)
    )
    lines = [_line(row, base) for row in ranked]
    drawn = [line for line in lines if line.values["measured"]]
    return Answer(
        headline=headline(ranked, base),
        caption="How long stages took while it went wrong, beside what they may take, as reviews of incidents say.",
        columns=COLUMNS,
        lines=lines,
        n=sum(row.measured for row in ranked),
        figure=ranges.beside_budget([_range(line) for line in drawn]) if drawn else None,
        notes=_notes(ranked),
        height="tall" if len(drawn) > 8 else "",
    )


def headline(ranked: Sequence[Stage], base: Base) -> str:
    """Which stage was over its budget most often; ties are all named, and what cannot be told is said."""
    measured, bare = sum(row.measured for row in ranked), sum(row.no_budget for row in ranked)
    if not any(row.reviews for row in ranked):
        return "No review of these incidents says how long a stage took."
    if not measured:
        missing = f": {bare} rows name no budget" if bare > 1 else ": one row names no budget" if bare else ""
        return f"No review measured a p95 against a budget{missing}."
    most = ranked[0].over
    if not most:
        return (
            f"No stage was over its budget, in {measured} measurements."
            if measured > 1
            else ("The only stage measured was within its budget.")
        )
    first = [row for row in ranked if row.over == most]
    if len(first) > 1:
        named = words.listed([row.name for row in first[:3]]) if len(first) <= 3 else f"{len(first)} stages"
        return f"{named} were over their budgets most often, {words.times(most)} each."
    (row,) = first
    said = f"{row.name} was over its budget in {row.over} of {row.measured} measurements"
    if base.few or row.measured < FEW or row.half is None or row.half < PLAINLY:
        return f"{said}."
    return f"{said}, half of the time {row.half:.1f} times the budget or more."


def _notes(ranked: Sequence[Stage]) -> list[str]:
    """What is not known, and what these numbers are not."""
    notes = []
    bare = [row.name for row in ranked if row.reviews and row.no_budget and row.budget is None]
    if bare:
        more = f" and {len(bare) - 5} more" if len(bare) > 5 else ""
        notes.append(f"No budget set: {words.listed(bare) if len(bare) <= 5 else ', '.join(bare[:5]) + more}.")
    nowhere = sum(row.findings for row in ranked if not row.key)
    if nowhere:
        notes.append(f"{nowhere} incidents have a latency finding that names no part.")
    if any(row.measured for row in ranked):
        notes.append("Reviews look at what went wrong: how often a stage keeps its budget on other days is not here.")
    return notes


def _line(row: Stage, base: Base) -> Line:
    told = row.measured >= FEW and not base.few
    bounds = intervals.share(row.over, row.measured) if told else intervals.Interval(None, None)
    values = {
        "stage": row.name or NOWHERE,
        "reviews": row.reviews,
        "no_budget": row.no_budget,
        "budget": row.budget,
        "measured": row.measured,
        "over": row.over,
        "share": row.over / row.measured if told else None,
        "low": bounds.low,
        "high": bounds.high,
        "lowest": row.lowest,
        "half": row.half if row.measured >= FEW else None,
        "nine": row.nine if row.measured >= FEW else None,
        "highest": row.highest,
        "measured_p99": row.measured_p99,
        "over_p99": row.over_p99,
        "findings": row.findings,
    }
    return Line(values, {"stage": row.key} if row.reviews else {})


def _range(line: Line) -> ranges.Range:
    values = line.values
    half = "" if values["half"] is None else f", half at most {values['half']:.1f}"
    return ranges.Range(
        values["stage"],
        values["lowest"],
        values["half"],
        values["highest"],
        f"{kit.plain(values['stage'])}, {values['reviews']} reviews: p95 over its budget of {values['budget']:,} ms "
        f"{values['over']} of {values['measured']} times<br>"
        f"{values['lowest']:.1f} to {values['highest']:.1f} times it{half}",
        line.behind,
    )
