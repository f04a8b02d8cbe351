"""Which rules suggest right? Of each rule that people judged, how often they accepted what it said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit
from incidents.patterns.statistics import intervals

COLUMNS = (
    Column("rule", "Rule", "text", "All its versions together."),
    Column("version", "Newest judged", "text", "The newest of its versions that somebody judged."),
    Column("judged", "Judged", "count", "Suggestions that somebody accepted or corrected, the last word on each."),
    Column("accepted", "Accepted", "count"),
    Column("layer_right", "Layer right", "count", "Accepted, or only the mode was corrected."),
    Column("share", "Accepted of judged", "share"),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
)


@dataclass(frozen=True)
class Judged:
    """The verdicts on one rule: how many, how many accepted it, and for how many at least its layer was right."""

    book: str
    rule: str
    version: int
    judged: int
    accepted: int
    layer_right: int

    @property
    def name(self) -> str:
        """`rule 4`, or `built-in rule retries`."""
        return f"built-in rule {self.rule}" if self.book == "built_in" else f"rule {self.rule}"


def answer(rows: Iterable[Judged], base: Base) -> Answer:
    """The rules, most judged first; a rule judged less than FEW times has counts only."""
    ranked = sorted(rows, key=lambda row: (-row.judged, row.name))
    lines = [_line(row, base) for row in ranked]
    drawn = [line for line in lines if line.values["share"] is not None]
    return Answer(
        headline=headline(ranked),
        caption="What people said to suggested layers: the last word on each incident, of every rule and version.",
        columns=COLUMNS,
        lines=lines,
        n=sum(row.judged for row in ranked),
        figure=_figure(drawn) if drawn else None,
        notes=["Only suggestions that somebody judged count; nobody judges at random."] if ranked else [],
    )


def headline(ranked: Sequence[Judged]) -> str:
    """How many suggestions were accepted, of how many rules."""
    judged, accepted = sum(row.judged for row in ranked), sum(row.accepted for row in ranked)
    if not judged:
        return "Nobody has accepted or corrected a suggested layer yet."
    rules = "one rule" if len(ranked) == 1 else f"{len(ranked)} rules"
    said = f"People accepted {accepted} of {judged} suggested layers, of {rules}"
    return f"{said}: too few to say more." if judged < FEW else f"{said}."


def _line(row: Judged, base: Base) -> Line:
    told = row.judged >= FEW and not base.few
    bounds = intervals.share(row.accepted, row.judged) if told else intervals.Interval(None, None)
    values = {
        "rule": row.name,
        "version": f"v{row.version}",
        "judged": row.judged,
        "accepted": row.accepted,
        "layer_right": row.layer_right,
        "share": row.accepted / row.judged if told else None,
        "low": bounds.low,
        "high": bounds.high,
    }
    return Line(values, {"rule": f"{row.book}:{row.rule}"})


def _figure(lines: Sequence[Line]) -> kit.Figure:
    values = [line.values for line in lines]
    return kit.shares(
        [value["rule"] for value in values],
        [value["share"] for value in values],
        [(value["low"], value["high"]) for value in values],
        colours=["var(--accent)"] * len(values),
        hovers=[
            f"{value['rule']}: accepted {value['accepted']} of {value['judged']}, {kit.percent(value['share'])}"
            f" ({kit.between(value['low'], value['high'])})"
            for value in values
        ],
        behind=[line.behind for line in lines],
    )
