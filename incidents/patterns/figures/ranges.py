"""What was observed beside what was allowed: a range for each row, one line for all budgets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from incidents.patterns.figures import kit

TICKS = {
    0.1: "0.1 ×",
    0.25: "¼ ×",
    0.5: "½ ×",
    1.0: "budget",
    2.0: "2 ×",
    4.0: "4 ×",
    10.0: "10 ×",
    100.0: "100 ×",
}
LEAST = 0.05  # logarithms have no zero


@dataclass(frozen=True)
class Range:
    """Observed over allowed: the lowest, the middle (None: too few to say) and the highest of a row."""

    name: str
    lowest: float
    half: float | None
    highest: float
    hover: str
    behind: kit.Behind


def beside_budget(rows: Sequence[Range]) -> kit.Figure:
    """A bar from the lowest to the highest of each row, the first on top, ends as dots, the middle as a diamond."""
    low = min([0.5, *(max(LEAST, row.lowest) for row in rows)]) / 1.15
    high = max([2.0, *(row.highest for row in rows)]) * 1.15
    ticks = [tick for tick in TICKS if low <= tick <= high]
    return {
        "data": [*(_bar(row) for row in rows), _middles([row for row in rows if row.half is not None])],
        "layout": {
            "showlegend": False,
            "margin": {"l": 8, "r": 16, "t": 8, "b": 28},
            "hovermode": "closest",
            "xaxis": {
                "type": "log",
                "range": [math.log10(low), math.log10(high)],
                "tickvals": ticks,
                "ticktext": [TICKS[tick] for tick in ticks],
                "tickangle": 0,
                "title": {"text": "p95 beside the budget", "standoff": 4},
            },
            "yaxis": {
                "type": "category",
                "categoryorder": "array",
                "categoryarray": [row.name for row in rows],
                "range": [len(rows) - 0.4, -0.8],
                "showline": False,
                "showticklabels": False,
                "showgrid": False,
                "ticks": "",
            },
            "annotations": [_name(row) for row in rows],
            "shapes": [
                {
                    "type": "line",
                    "yref": "paper",
                    "y0": 0,
                    "y1": 1,
                    "x0": 1,
                    "x1": 1,
                    "line": {"color": "var(--ink)", "width": 1.5},
                }
            ],
        },
    }


def _bar(row: Range) -> kit.Figure:
    colour = "var(--bad)" if row.highest > 1 else "var(--good)"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": row.name,
        "x": [max(LEAST, row.lowest), max(LEAST, row.highest)],
        "y": [row.name] * 2,
        "line": {"color": colour, "width": 4},
        "marker": {"color": colour, "size": 9},
        "customdata": [row.behind] * 2,
        "hovertext": [row.hover] * 2,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _name(row: Range) -> kit.Figure:
    """The name over its bar: beside it, a long one would leave no room for the bars on a phone."""
    return {
        "text": kit.plain(row.name),
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "y": row.name,
        "yshift": 13,
        "showarrow": False,
        "font": {"color": "var(--soft)", "size": 12},
        "bgcolor": "var(--card)",
        "borderpad": 0,
    }


def _middles(rows: Sequence[Range]) -> kit.Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "half",
        "x": [max(LEAST, row.half or 0) for row in rows],
        "y": [row.name for row in rows],
        "marker": {
            "symbol": "diamond",
            "size": 13,
            "color": "var(--ink)",
            "line": {"width": 2, "color": "var(--card)"},
        },
        "customdata": [row.behind for row in rows],
        "hovertext": [row.hover for row in rows],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
