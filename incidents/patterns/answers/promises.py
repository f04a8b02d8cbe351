"""Do we keep our promises? Actions done by their due date and within their priority's promise, and verified ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit
from incidents.patterns.statistics import intervals

PRIORITIES = {"": "all", "high": "high", "normal": "normal", "low": "low"}
DUE, PROMISED, VERIFIED = "Done by the due date", "Done within the promise", "Verified"
COLUMNS = (
    Column("what", "What", "text"),
    Column("priority", "Priority", "text", "High promises four weeks, normal eight, low none."),
    Column("missing", "Not", "count", "Leads to the board: overdue, open, or to be verified."),
    Column("kept", "Kept", "number"),
    Column("of", "Of", "number", "Due, or promised, before this day and not declined by then; or done."),
    Column("share", "Share", "share"),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
)


@dataclass(frozen=True)
class Kept:
    """Of so many actions of one priority: due and on time, promised and within it, done and verified."""

    priority: str
    actions: int
    due: int
    on_time: int
    promised: int
    within: int
    done: int
    verified: int


def answer(rows: Iterable[Kept], base: Base, *, boards: Mapping[str, str]) -> Answer:
    """All actions, then each priority, for each of the three; `boards` has an address by `what`."""
    given = list(rows)
    lines = []
    for what, counted in _counted(given).items():
        for priority, (kept, of) in counted.items():
            if of:
                address = boards[what] + (f"&priority={priority}" if priority else "")
                lines.append(_line(what, priority, (kept, of), base, address))
    drawn = [line for line in lines if line.values["share"] is not None]
    whole = {what: counted[""] for what, counted in _counted(given).items()}
    return Answer(
        headline=headline(whole, base),
        caption=(
            "Actions of the reviews of these incidents. On time: of those due before this day (UTC). Verified: of "
            "those done, by somebody else than their doer."
        ),
        columns=COLUMNS,
        lines=lines,
        n=sum(row.actions for row in given),
        figure=_figure(drawn) if drawn else None,
        notes=["Due dates and priorities count as they stand now: earlier ones are not kept."] if lines else [],
    )


def headline(whole: Mapping[str, tuple[int, int]], base: Base) -> str:
    """The share done by the due date, and the share verified; few are counted."""
    parts = []
    for what, none, among, words in (
        (DUE, "no action was due yet", "actions that were due", "done by their due date"),
        (VERIFIED, "none is done yet", "done ones", "verified"),
    ):
        kept, of = whole[what]
        if not of:
            parts.append(none)
        elif of < FEW or base.few:
            parts.append(f"{kept} of {of} {among} {'was' if kept == 1 else 'were'} {words}")
        else:
            parts.append(f"{kit.percent(kept / of)} of {among} were {words}")
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def _counted(rows: Sequence[Kept]) -> dict[str, dict[str, tuple[int, int]]]:
    """(kept, of) by what and priority, all together first."""
    counted: dict[str, dict[str, tuple[int, int]]] = {}
    for what, kept, of in ((DUE, "on_time", "due"), (PROMISED, "within", "promised"), (VERIFIED, "verified", "done")):
        counted[what] = {
            priority: (
                sum(getattr(row, kept) for row in rows if priority in {"", row.priority}),
                sum(getattr(row, of) for row in rows if priority in {"", row.priority}),
            )
            for priority in PRIORITIES
        }
    return counted


def _line(what: str, priority: str, counted: tuple[int, int], base: Base, address: str) -> Line:
    kept, of = counted
    told = of >= FEW and not base.few
    bounds = intervals.share(kept, of) if told else intervals.Interval(None, None)
    values = {
        "what": what,
        "priority": PRIORITIES[priority],
        "missing": of - kept,
        "kept": kept,
        "of": of,
        "share": kept / of if told else None,
        "low": bounds.low,
        "high": bounds.high,
    }
    return Line(values, {"address": address} if of > kept else {})


def _figure(lines: Sequence[Line]) -> kit.Figure:
    values = [line.values for line in lines]
    names = [
        value["what"] if value["priority"] == PRIORITIES[""] else f"– {value['priority']}{' ' * place}"
        for place, value in enumerate(values)
    ]
    figure = kit.shares(
        names,
        [value["share"] for value in values],
        [(value["low"], value["high"]) for value in values],
        colours=["var(--accent)" if value["priority"] == PRIORITIES[""] else "var(--accent) 50%" for value in values],
        hovers=[
            f"{value['what']}, {value['priority']}: {value['kept']} of {value['of']}, {kit.percent(value['share'])}"
            f" ({kit.between(value['low'], value['high'])})"
            for value in values
        ],
        behind=[line.behind for line in lines],
    )
    figure["layout"]["margin"]["l"] = 150
    return figure
