"""Did anything change? Incidents a month on an individuals chart with run rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from incidents.patterns.answers import words
from incidents.patterns.answers.shape import Answer, Base, Column, Line
from incidents.patterns.figures import series
from incidents.patterns.statistics import control
from incidents.patterns.window import Window

COLUMNS = (
    Column("month", "Month", "month", "In which the incidents were noticed (UTC)."),
    Column("incidents", "Incidents", "count"),
    Column("signal", "Signal", "text", "Which rule chance would seldom meet."),
    Column("complete", "Complete", "text", "A month that is cut short is drawn and not judged."),
)
RULES = {
    "outside": "outside the limits",
    "near_limit": "three of four near a limit",
    "run": f"{control.RUN} in a row on one side",
}


@dataclass(frozen=True)
class Since:
    """When the services asked for were first on record; of `services`, how many came into service in the window."""

    first: date | None = None
    services: int = 0
    new: int = 0


NO_RECORD = Since()


def answer(found: Mapping[date, int], base: Base, window: Window, since: Since = NO_RECORD) -> Answer:
    """A point a month from the first record on; limits from the complete months, when there are control.FEWEST.

    Months before anything was on record are no months without incidents: they are left out.
    """
    months = [month for month in window.months if since.first is None or month >= since.first.replace(day=1)]
    cut = set(window.partial)
    whole = [month for month in months if month not in cut]
    counts: list[int] = [found.get(month, 0) for month in whole]
    judged = not base.few and len(whole) >= control.FEWEST and any(counts)
    chart = control.xmr(counts) if judged else None
    signals = {whole[signal.place]: signal.rule for signal in chart.signals} if chart else {}
    lines = [
        Line(
            {
                "month": month,
                "incidents": found.get(month, 0),
                "signal": RULES.get(signals.get(month, ""), ""),
                "complete": "no" if month in cut else "yes",
            },
            {"month": f"{month:%Y-%m}"} if found.get(month) else {},
        )
        for month in months
    ]
    return Answer(
        headline=headline(chart, signals, counts, base),
        caption=caption(chart),
        columns=COLUMNS,
        lines=lines,
        n=base.incidents,
        figure=series.months([_point(line) for line in lines], chart) if base.incidents else None,
        notes=[*_notes(counts, chart), *_exposure(len(window.months) - len(months), since)],
    )


def headline(chart: control.Chart | None, signals: Mapping[date, str], counts: Sequence[int], base: Base) -> str:
    """Whether any month stands out of what the others do by themselves."""
    if chart is None:
        if not any(counts):
            return "No incidents in the complete months."
        if base.few:
            told = f"{base.incidents} incident{'' if base.incidents == 1 else 's'}"
            return f"{told}: too few to tell a change from chance."
        return f"Too few complete months to tell a change from chance: {len(counts)} of {control.FEWEST}."
    outside = [month for month, rule in signals.items() if rule == "outside"]
    shifted = [(month, rule) for month, rule in signals.items() if rule != "outside"]
    if outside:
        verb = "stand" if len(outside) > 1 else "stands"
        others = "the other months vary as they do by themselves"
        if shifted:
            others = f"and something shifted: {_shift(*shifted[0])}"
        return f"{words.months(outside)} {verb} out; {others}."
    if shifted:
        return f"No single month stands out, but something shifted: {_shift(*shifted[0])}."
    return "No month stands out: counts vary as they do by themselves."


def _shift(month: date, rule: str) -> str:
    return f"{RULES[rule]} by {month:%B %Y}"


def caption(chart: control.Chart | None) -> str:
    """What was drawn, with its limits."""
    if chart is None:
        return "Incidents by the month in which they were noticed."
    return (
        f"Incidents by the month in which they were noticed; mean {chart.mean:.1f}, natural limits "
        f"{chart.lower:.1f} to {chart.upper:.1f} (XmR, from the complete months)."
    )


def _exposure(left_out: int, since: Since) -> list[str]:
    """What is not the same in all months."""
    notes = []
    if left_out and since.first:
        notes.append(f"Nothing is on record before {since.first:%B %Y}: those months are left out, they are no zeros.")
    if since.new:
        told = f"{since.new} of {since.services} services came into service within this time"
        notes.append(f"{told}: what they add is no change of the others.")
    return notes


def _point(line: Line) -> series.Point:
    values = line.values
    return series.Point(
        values["month"], values["incidents"], values["signal"], values["complete"] == "yes", line.behind
    )


def _notes(counts: Sequence[int], chart: control.Chart | None) -> tuple[str, ...]:
    """Counts that scatter more than independent events would are told, instead of alarms that Poisson limits give."""
    if chart is None:
        return ()
    found = control.dispersion(counts)
    if found.ratio > 1 and found.p_value < 0.05:
        told = f"They scatter {found.ratio:.1f} times as much as independent events would"
        return (f"{told} (p {words.p_value(found.p_value)}): incidents come in clusters.",)
    return ()
