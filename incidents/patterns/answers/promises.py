"""Do we keep our promises? Actions done by their due date and within their priority's promise, and verified ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from incidents.patterns.answers.shape import FEW, Answer, Base, Column, Line
from incidents.patterns.figures import kit
from incidents.patterns.statistics import intervals

PRIORITIES = {"": "all", "high": "high", "normal": "normal", "low": "low"}
NO_WIDTH = "\u200b"  # makes labels differ that read the same
DUE, PROMISED, VERIFIED = "Done by the due date", "Done within the promise", "Verified"
COLUMNS = (
    Column("what", "What", "text"),
    Column("priority", "Priority", "text", "High promises four weeks, normal eight, low none."),
    Column(
        "missing", "Still to do", "count", "Late and open, or done and to be verified; leads to the board of actions."
    ),
    Column("kept", "Kept", "number"),
    Column("of", "Of", "number", "Due, or promised, before this day and not declined by then; or done."),
    Column("share", "Share", "share"),
    Column("low", "at least", "share", "95 % interval (Wilson)."),
    Column("high", "at most", "share", "95 % interval (Wilson)."),
)


COUNTED = {  # what was kept, of how many, and what is still to do
    DUE: ("on_time", "due", "overdue"),
    PROMISED: ("within", "promised", "beyond"),
    VERIFIED: ("verified", "done", "waiting"),
}


@dataclass(frozen=True)
class Kept:
    """Of so many actions of one priority: due, on time and late while open, promised likewise, done and verified."""

    priority: str
    actions: int
    due: int
    on_time: int
    overdue: int
    promised: int
    within: int
    beyond: int
    done: int
    verified: int

    @property
    def waiting(self) -> int:
        """Done, and to be verified."""
        return self.done - self.verified


def answer(rows: Iterable[Kept], base: Base, *, boards: Mapping[str, str]) -> Answer:
    """All actions, then each priority, for each of the three; `boards` has an address by `what`."""
    given = list(rows)
    lines = []
    for what, counted in _counted(given).items():
        for priority, (kept, of, missing) in counted.items():
            if of:
                address = boards[what] + (f"&priority={priority}" if priority else "")
                lines.append(_line(what, priority, (kept, of, missing), base, address))
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


def headline(whole: Mapping[str, tuple[int, int, int]], base: Base) -> str:
    """The share done by the due date, and the share verified; few are counted."""
    parts = []
    for what, none, among, words in (
        (DUE, "no action was due yet", "actions that were due", "done by their due date"),
        (VERIFIED, "none is done yet", "done ones", "verified"),
    ):
        kept, of, _ = whole[what]
        if not of:
            parts.append(none)
        elif of < FEW or base.few:
            parts.append(f"{kept} of {of} {among} {'was' if kept == 1 else 'were'} {words}")
        else:
            parts.append(f"{kit.percent(kept / of)} of {among} were {words}")
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def _counted(rows: Sequence[Kept]) -> dict[str, dict[str, tuple[int, int, int]]]:
    """(kept, of, still to do) by what and priority, all together first."""
    counted: dict[str, dict[str, tuple[int, int, int]]] = {}
    for what, names in COUNTED.items():
        counted[what] = {
            priority: (
                _summed(rows, priority, names[0]),
                _summed(rows, priority, names[1]),
                _summed(rows, priority, names[2]),
            )
            for priority in PRIORITIES
        }
    return counted


def _summed(rows: Sequence[Kept], priority: str, name: str) -> int:
    return sum(getattr(row, name) for row in rows if priority in {"", row.priority})


def _line(what: str, priority: str, counted: tuple[int, int, int], base: Base, address: str) -> Line:
    kept, of, missing = counted
    told = of >= FEW and not base.few
    bounds = intervals.share(kept, of) if told else intervals.Interval(None, None)
    values = {
        "what": what,
        "priority": PRIORITIES[priority],
        "missing": missing,
        "kept": kept,
        "of": of,
        "share": kept / of if told else None,
        "low": bounds.low,
        "high": bounds.high,
    }
    return Line(values, {"address": address} if missing else {})


def _figure(lines: Sequence[Line]) -> kit.Figure:
    values = [line.values for line in lines]
    names = [
        value["what"] if value["priority"] == PRIORITIES[""] else f"– {value['priority']}{NO_WIDTH * place}"
        for place, value in enumerate(values)
    ]
    return kit.shares(
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
        label_width=150,
    )
