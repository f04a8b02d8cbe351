"""Did anything change? Incidents a month on an individuals chart with run rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def answer(found: Mapping[date, int], base: Base, window: Window) -> Answer:
    """A point a month; limits from the complete months, when there are control.FEWEST of them."""
    months, cut = window.months, set(window.partial)
    whole = [month for month in months if month not in cut]
    counts: list[int] = [found.get(month, 0) for month in whole]
    chart = control.xmr(counts) if len(whole) >= control.FEWEST and any(counts) else None
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
        headline=headline(chart, signals, counts),
        caption=caption(chart),
        columns=COLUMNS,
        lines=lines,
        n=base.incidents,
        figure=series.months([_point(line) for line in lines], chart) if base.incidents else None,
        notes=_notes(counts, chart),
    )


def headline(chart: control.Chart | None, signals: Mapping[date, str], counts: Sequence[int]) -> str:
    """Whether any month stands out of what the others do by themselves."""
    if chart is None:
        if not any(counts):
            return "No incidents in the complete months."
        return f"Too few complete months to tell a change from chance: {len(counts)} of {control.FEWEST}."
    outside = [month for month, rule in signals.items() if rule == "outside"]
    if outside:
        named = " and ".join(f"{month:%B %Y}" for month in outside[:3])
        more = f" and {len(outside) - 3} more" if len(outside) > 3 else ""
        verb = "stand" if len(outside) > 1 else "stands"
        return f"{named}{more} {verb} out; the other months vary as they always do."
    if signals:
        month, rule = next(iter(signals.items()))
        return f"No single month stands out, but something shifted: {RULES[rule]} by {month:%B %Y}."
    return "No month stands out: counts vary as they do by themselves."


def caption(chart: control.Chart | None) -> str:
    """What was drawn, with its limits."""
    if chart is None:
        return "Incidents by the month in which they were noticed."
    return (
        f"Incidents by the month in which they were noticed; mean {chart.mean:.1f}, natural limits "
        f"{chart.lower:.1f} to {chart.upper:.1f} (XmR, from the complete months)."
    )


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
