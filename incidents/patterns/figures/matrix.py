"""Two answers about the same cases as a square: where they agree lies on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.patterns.figures import kit

LARGEST, SMALLEST = 36, 15  # pixels across


@dataclass(frozen=True)
class Cell:
    """So many cases with the first answer `down` and the second `across`; whether both are the same."""

    down: str
    across: str
    count: int
    same: bool
    behind: kit.Behind


def confusion(cells: Sequence[Cell], order: Sequence[str], *, down: str, across: str) -> kit.Figure:
    """A square for each cell, its area by its count, which stands in it; agreement in green, the rest in amber."""
    most = max(cell.count for cell in cells)
    axis = {"type": "category", "showgrid": True, "ticks": "", "zeroline": False, "range": [-0.6, len(order) - 0.4]}
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers+text",
                "cliponaxis": False,
                "x": [cell.across for cell in cells],
                "y": [cell.down for cell in cells],
                "text": [str(cell.count) for cell in cells],
                "textfont": {"size": 12, "color": "var(--ink)", "weight": 600},
                "marker": {
                    "symbol": "square",
                    "size": [max(SMALLEST, LARGEST * (cell.count / most) ** 0.5) for cell in cells],
                    "color": ["var(--good) 40%" if cell.same else "var(--warn) 40%" for cell in cells],
                    "line": {"width": 1, "color": ["var(--good)" if cell.same else "var(--warn)" for cell in cells]},
                    "opacity": 1,
                },
                "customdata": [cell.behind for cell in cells],
                "hovertext": [f"{down} {cell.down}, {across} {cell.across}: {cell.count}" for cell in cells],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        ],
        "layout": {
            "showlegend": False,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": {
                **axis,
                "categoryorder": "array",
                "categoryarray": list(order),
                "title": {"text": across, "standoff": 6},
            },
            "yaxis": {
                **axis,
                "range": [len(order) - 0.4, -0.6],
                "categoryorder": "array",
                "categoryarray": list(order),
                "title": {"text": down, "standoff": 14},
            },
        },
    }
