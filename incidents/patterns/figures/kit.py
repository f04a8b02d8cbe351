"""What figures share: words for numbers, axes, bars with intervals."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

Behind = Mapping[str, str]
Figure = dict[str, Any]


def percent(share: float) -> str:
    """A share in whole percent, in tenths below one percent; `<0.1 %` for what would read as none."""
    told = share * 100
    if 0 < told < 0.1:
        return "<0.1 %"
    return f"{told:.0f} %" if told >= 1 or told == 0 else f"{told:.1f} %"


def between(low: float | None, high: float | None) -> str:
    """The bounds of a share: `66 to 94 %`; an open side is said."""
    if low is None or high is None:
        return f"at least {percent(low)}" if low is not None else f"at most {percent(high)}" if high else "not bounded"
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def lasting(seconds: float) -> str:
    """A time that something took: `45 s`, `12 min`, `3 h 05`, `4 d`; none is `0`."""
    if seconds == 0:
        return "0"
    minutes = round(seconds / 60)
    if seconds < 60:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest:02d}" if rest else f"{hours} h"
    return f"{seconds / 86400:.0f} d"


def plain(text: str) -> str:
    """A name that somebody chose, for Plotly, which reads tags in its texts."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(text: str, width: int = 22) -> str:
    """The same on two lines at most, cut where it is longer."""
    lines = textwrap.wrap(text, width, max_lines=2, placeholder=" …")
    return "<br>".join(map(plain, lines))


def hidden_axis(**more: Any) -> dict[str, Any]:
    """An axis whose marks are labelled directly."""
    return {"showgrid": False, "showline": False, "zeroline": False, "ticks": "", "showticklabels": False, **more}


def shares(
    labels: Sequence[str],
    values: Sequence[float],
    bounds: Sequence[tuple[float, float]],
    *,
    colours: Sequence[str],
    hovers: Sequence[str],
    behind: Sequence[Behind],
    label_width: int = 96,
) -> Figure:
    """Horizontal bars of shares (0..1), the first on top, each with its interval and its number at the end.

    `label_width` is in pixels; beside wide labels the axis has fewer numbers.
    """
    reach = max([high for _, high in bounds] or [1.0])
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": list(labels),
                "x": list(values),
                # Pale with an edge, so that the interval can be seen across it.
                "marker": {"color": [_pale(one) for one in colours], "line": {"color": list(colours), "width": 1.5}},
                "error_x": _intervals(values, bounds),
                "customdata": list(behind),
                "hovertext": list(hovers),
                "hovertemplate": "%{hovertext}<extra></extra>",
            }
        ],
        "layout": {
            "showlegend": False,
            "margin": {"l": label_width, "r": 56, "t": 4, "b": 28},
            "xaxis": {
                "range": [0, reach * 1.02],
                "tickformat": ".0%",
                "nticks": 3 if label_width > 96 else 5,
                "showgrid": True,
            },
            "yaxis": {
                "autorange": "reversed",
                "showline": False,
                "ticks": "",
                "ticksuffix": " ",
                "tickfont": {"size": 12.5},
            },
            "annotations": [_at_the_end(label, value) for label, value in zip(labels, values, strict=True)],
        },
    }


def _intervals(values: Sequence[float], bounds: Sequence[tuple[float, float]]) -> Figure:
    """A line across the end of each bar, from its lower to its upper bound."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value for value, (_, high) in zip(values, bounds, strict=True)],
        "arrayminus": [value - low for value, (low, _) in zip(values, bounds, strict=True)],
        "color": "var(--ink)",
        "thickness": 1.4,
        "width": 4,
    }


def _pale(colour: str) -> str:
    """A named colour, letting half of what is behind it through; one that says how much stays as it is."""
    return f"{colour} 45%" if colour.endswith(")") else colour


def _at_the_end(label: str, value: float) -> Figure:
    """The number at the end of a bar's row."""
    return {
        "text": percent(value),
        "font": {"weight": 600},  # <b> would be an inline style, which the policy refuses
        "x": 1,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 6,
        "y": label,
        "showarrow": False,
    }
