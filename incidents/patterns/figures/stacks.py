"""Counts by month, stacked by what they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from incidents.patterns.figures import kit


@dataclass(frozen=True)
class Part:
    """A colour of the stack and what it stands for."""

    key: str
    name: str
    colour: str


@dataclass(frozen=True)
class Bar:
    """A count of one part in one month, and what is behind it."""

    month: date
    part: str
    count: int
    behind: kit.Behind


def months(bars: Sequence[Bar], parts: Sequence[Part]) -> kit.Figure:
    """A bar a month, its parts stacked in their order; parts that nowhere count are left out."""
    drawn = [part for part in parts if any(bar.count for bar in bars if bar.part == part.key)]
    return {
        "data": [_trace(part, [bar for bar in bars if bar.part == part.key]) for part in drawn],
        "layout": {
            "barmode": "stack",
            "showlegend": True,
            "legend": {"traceorder": "normal"},
            "hovermode": "closest",
            "margin": {"l": 32, "r": 8, "t": 48, "b": 32},
            "xaxis": {"type": "date", "tickformat": "%b\n%Y", "ticklabelmode": "period"},
            "yaxis": {"nticks": 5, "rangemode": "tozero"},
        },
    }


def _trace(part: Part, bars: Sequence[Bar]) -> kit.Figure:
    return {
        "type": "bar",
        "name": part.name,
        "meta": part.key,
        "x": [bar.month.isoformat() for bar in bars],
        "y": [bar.count for bar in bars],
        "xperiod": "M1",
        "xperiodalignment": "middle",
        "marker": {"color": part.colour, "cornerradius": 0, "line": {"width": 0.5, "color": "var(--card)"}},
        "customdata": [bar.behind for bar in bars],
        "hovertext": [f"{bar.month:%B %Y}: {bar.count}, {part.name.lower()}" for bar in bars],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
