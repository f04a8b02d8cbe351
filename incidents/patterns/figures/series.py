"""Counts in the order of time, with the limits between which they vary by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from incidents.patterns.figures import kit
from incidents.patterns.statistics.control import Chart


@dataclass(frozen=True)
class Point:
    """A count of a month, what it signals (empty: nothing), whether the month is whole, and what is behind it."""

    month: date
    count: int
    signal: str
    whole: bool
    behind: Mapping[str, str]


def months(points: Sequence[Point], chart: Chart | None) -> kit.Figure:
    """A line with a mark a month: signals larger and in red, months cut short hollow; mean and limits as lines."""
    shapes = [] if chart is None else [_level(chart.mean, "solid"), *(_level(at, "dash") for at in _limits(chart))]
    labels = [] if chart is None else [_label(chart.mean, "mean"), *(_label(at, "limit") for at in _limits(chart))]
    top = max([point.count for point in points] + ([chart.upper] if chart else []))
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": [point.month.isoformat() for point in points],
                "y": [point.count for point in points],
                "xperiod": "M1",
                "xperiodalignment": "middle",
                "line": {"color": "var(--line-strong)", "width": 1.5},
                "marker": {
                    "size": [11 if point.signal else 8 for point in points],
                    "color": ["var(--bad)" if point.signal else "var(--accent)" for point in points],
                    "symbol": [_symbol(point) for point in points],
                },
                "customdata": [point.behind for point in points],
                "hovertext": [_hover(point) for point in points],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        ],
        "layout": {
            "showlegend": False,
            "margin": {"l": 32, "r": 72, "t": 8, "b": 32},
            "xaxis": {"type": "date", "tickformat": "%b\n%Y", "ticklabelmode": "period"},
            "yaxis": {"range": [0, top * 1.08 or 1], "nticks": 5},
            "shapes": shapes,
            "annotations": labels,
        },
    }


def _limits(chart: Chart) -> list[float]:
    return [chart.upper, chart.lower] if chart.lower > 0 else [chart.upper]


def _level(at: float, dash: str) -> kit.Figure:
    line = {"color": "var(--soft)", "width": 1, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": line, "layer": "below"}


def _label(at: float, word: str) -> kit.Figure:
    return {
        "text": f"{word} {at:.1f}",
        "x": 1,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 4,
        "y": at,
        "showarrow": False,
        "font": {"color": "var(--soft)", "size": 11},
    }


def _symbol(point: Point) -> str:
    shape = "diamond" if point.signal else "circle"
    return shape if point.whole else f"{shape}-open"


def _hover(point: Point) -> str:
    cut = "" if point.whole else ", not complete"
    signal = f"<br>{point.signal}" if point.signal else ""
    return f"{point.month:%B %Y}: {point.count}{cut}{signal}"
