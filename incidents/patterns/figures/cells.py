"""Counts that stand in rows and columns: a cell each, shaded. Drawn as bars, for Plotly's own heat maps are pictures
inside the page, which the policy refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incidents.patterns.figures import kit

SHADE = 60  # percent of the colour at the largest count: ink stays readable on it
GAP = 0.03  # of a cell's width, on either side


@dataclass(frozen=True)
class Cell:
    """A cell at a row and a column (from 0): what it says, its colour and shade (0..1), and what is behind it.

    One that is `ringed` stands out of what chance would bring.
    """

    row: int
    column: int
    text: str
    colour: str
    shade: float
    hover: str
    behind: kit.Behind
    ringed: bool = False


@dataclass(frozen=True)
class Head:
    """What stands above a column."""

    text: str
    colour: str = "ink"


def matrix(rows: Sequence[str], columns: Sequence[Head], cells: Sequence[Cell]) -> kit.Figure:
    """The cells under the heads of their columns, the first row on top."""
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": [cell.row for cell in cells],
                "base": [cell.column + GAP for cell in cells],
                "x": [1 - 2 * GAP for _ in cells],
                "text": [cell.text for cell in cells],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "constraintext": "none",
                "textangle": 0,
                "textfont": {"color": "var(--ink)", "size": 12.5},
                "marker": {
                    "color": [f"var(--{cell.colour}) {round(SHADE * cell.shade)}%" for cell in cells],
                    "line": {
                        "width": [2 if cell.ringed else 0 for cell in cells],
                        "color": [f"var(--{cell.colour})" for cell in cells],
                    },
                    "cornerradius": 2,
                },
                "customdata": [cell.behind for cell in cells],
                "hovertext": [cell.hover for cell in cells],
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        ],
        "layout": {
            "barmode": "overlay",
            "bargap": 0.06,
            "showlegend": False,
            "hovermode": "closest",
            "margin": {"l": 8, "r": 4, "t": 26, "b": 4},
            "xaxis": kit.hidden_axis(range=[0, len(columns)]),
            "yaxis": {
                "range": [len(rows) - 0.5, -0.5],
                "tickvals": list(range(len(rows))),
                "ticktext": [kit.wrapped(row) for row in rows],
                "showgrid": False,
                "showline": False,
                "zeroline": False,
                "ticks": "",
            },
            "annotations": [_head(head, place) for place, head in enumerate(columns)],
        },
    }


def _head(head: Head, place: int) -> dict[str, Any]:
    return {
        "text": kit.plain(head.text),
        "x": place + 0.5,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": f"var(--{head.colour})", "size": 12, "weight": 600},
    }
