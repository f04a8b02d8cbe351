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
            "yaxis": _names([bar.name for bar in of]),
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


@dataclass(frozen=True)
class Against:
    """A name with its count and the count that was expected; `framed` where chance would seldom give as many."""

    name: str
    count: int
    expected: float | None
    colour: str
    hover: str
    behind: kit.Behind
    framed: bool


def against(of: Sequence[Against]) -> kit.Figure:
    """Horizontal bars, the first on top, each with a stroke at what was expected."""
    places = list(range(len(of)))
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": places,
                "x": [one.count for one in of],
                "text": [str(one.count) for one in of],
                "textposition": "auto",
                "textfont": {"color": "var(--ink)"},
                "marker": {
                    "color": [f"var(--{one.colour}) 50%" for one in of],
                    "line": {
                        "width": [2 if one.framed else 0 for one in of],
                        "color": [f"var(--{one.colour})" for one in of],
                    },
                },
                "customdata": [one.behind for one in of],
                "hovertext": [one.hover for one in of],
                "hovertemplate": "%{hovertext}<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "y": places,
                "x": [one.expected for one in of],
                "marker": {"symbol": "line-ns", "size": 22, "line": {"color": "var(--ink)", "width": 2}},
                "hovertext": [one.hover for one in of],
                "hovertemplate": "%{hovertext}<extra></extra>",
            },
        ],
        "layout": {
            "showlegend": False,
            "hovermode": "closest",
            "margin": {"l": 8, "r": 16, "t": 4, "b": 28},
            "xaxis": {"rangemode": "tozero", "nticks": 6},
            "yaxis": _names([one.name for one in of]),
        },
    }


def _names(names: Sequence[str]) -> kit.Figure:
    return {
        "range": [len(names) - 0.5, -0.5],
        "tickvals": list(range(len(names))),
        "ticktext": [kit.wrapped(name) for name in names],
        "showline": False,
        "ticks": "",
        "showgrid": False,
    }
