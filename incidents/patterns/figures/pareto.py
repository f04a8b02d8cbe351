"""What is most, and what the first ones add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.patterns.figures import kit


@dataclass(frozen=True)
class Bar:
    """A name with its count, the share (0..1) of it and all above, its colour, its hover and what is behind it."""

    name: str
    count: int
    together: float
    colour: str
    hover: str
    behind: kit.Behind


def bars(of: Sequence[Bar]) -> kit.Figure:
    """Horizontal bars, the first on top, and over them a line of the shares that they add up to, on its own axis."""
    return {
        "data": [_counts(of), _line(of)],
        "layout": {
            "showlegend": False,
            "hovermode": "closest",
            "margin": {"l": 8, "r": 24, "t": 28, "b": 28},
            "xaxis": {"showgrid": False, "nticks": 5, "rangemode": "tozero"},
            "xaxis2": {
                "overlaying": "x",
                "side": "top",
                "range": [0, 1.02],
                "tickvals": [0, 0.5, 1],
                "tickformat": ".0%",
                "showgrid": True,
            },
            "yaxis": {
                "range": [len(of) - 0.5, -0.5],
                "tickvals": list(range(len(of))),
                "ticktext": [kit.wrapped(bar.name) for bar in of],
                "showline": False,
                "ticks": "",
                "showgrid": False,
            },
        },
    }


def _counts(of: Sequence[Bar]) -> kit.Figure:
    return {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(of))),
        "x": [bar.count for bar in of],
        "text": [str(bar.count) for bar in of],
        "textposition": "auto",
        "textfont": {"color": "var(--ink)"},
        "marker": {"color": [f"var(--{bar.colour}) 50%" for bar in of]},
        "customdata": [bar.behind for bar in of],
        "hovertext": [bar.hover for bar in of],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _line(of: Sequence[Bar]) -> kit.Figure:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "xaxis": "x2",
        "y": list(range(len(of))),
        "x": [bar.together for bar in of],
        "line": {"color": "var(--ink)", "width": 1.5},
        "marker": {"color": "var(--ink)", "size": 5},
        "hovertext": [bar.hover for bar in of],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
