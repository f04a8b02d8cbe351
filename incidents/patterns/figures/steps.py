"""Survival curves: the share that lasts longer, on an axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

from incidents.patterns.figures import kit
from incidents.patterns.statistics.survival import Curve

MOST_STEPS = 400  # drawn; more lie closer than a pixel
COLOURS = ("var(--accent)", "var(--warn)", "var(--good)", "var(--bad)", "var(--data)", "var(--org)", "var(--guardrail)")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
TICKS = (1, 5, 15, 60, 240, 720, 1440, 4320, 10080, 43200, 129600, 525600)  # minutes

HEIGHTS = (0.8, 0.6, 0.42, 0.26, 0.14)  # where the names of curves stand, one below the other
MOST_CURVES = len(HEIGHTS)
Points = Sequence[tuple[float, float, float, float]]  # minutes, share, low, high


def survival(
    curves: Sequence[tuple[str, Curve]], colours: Sequence[str] = COLOURS, *, first: float = 0.5
) -> kit.Figure:
    """A curve for each name, with its interval while there is only one; a logarithmic axis of minutes from `first`.

    Up to MOST_CURVES curves carry their names; more are told apart by a legend.
    """
    longest = max(curve.longest for _, curve in curves)
    named = 1 < len(curves) <= MOST_CURVES
    data = [
        _curve(f"{name} (n = {curve.count})", _points(curve, first), place, colours[place % len(colours)])
        for place, (name, curve) in enumerate(curves)
    ]
    if len(curves) == 1:
        data = [*_band(_points(curves[0][1], first)), *data]
    ticks = [tick for tick in TICKS if first <= tick <= max(longest, TICKS[2])]
    labels = [_label(name, curve, place, colours[place]) for place, (name, curve) in enumerate(curves)] if named else []
    return {
        "data": data,
        "layout": {
            "showlegend": len(curves) > MOST_CURVES,
            "margin": {"l": 44, "r": 12, "t": 32 if len(curves) > MOST_CURVES else 8, "b": 32},
            "xaxis": {"type": "log", "tickvals": ticks, "ticktext": [kit.lasting(tick * 60) for tick in ticks]},
            "yaxis": {"range": [0, 1.02], "tickformat": ".0%", "nticks": 5},
            "hovermode": "x",
            "annotations": labels,
        },
    }


def _label(name: str, curve: Curve, place: int, colour: str) -> kit.Figure:
    """The name right of where its curve falls to the height that is its own; where it never does, at its end."""
    at = curve.quantile(1 - HEIGHTS[place])
    height = HEIGHTS[place] if at is not None else curve.at(curve.longest)
    return {
        "text": name,
        "x": log10(max(curve.longest if at is None else at, 0.5)),
        "y": height,
        "xanchor": "right" if at is None else "left",
        "yanchor": "bottom",
        "xshift": 0 if at is None else 4,
        "showarrow": False,
        "font": {"color": colour, "size": 12.5, "weight": 600},
        "bgcolor": "var(--card)",
    }


def _points(curve: Curve, first: float) -> Points:
    """(minutes, share, low, high); logarithms have no zero, so what ended at once stands at `first`."""
    stride = max(1, len(curve.steps) // MOST_STEPS)
    kept = [step for place, step in enumerate(curve.steps) if place % stride == 0 or place == len(curve.steps) - 1]
    points = [(first, 1.0, 1.0, 1.0)]
    points += [(max(step.time, first), step.survival, step.low, step.high) for step in kept]
    last = points[-1]
    return [*points, (max(curve.longest, last[0]), *last[1:])]


def _curve(name: str, points: Points, place: int, colour: str) -> kit.Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [point[0] for point in points],
        "y": [point[1] for point in points],
        "line": {"shape": "hv", "width": 2, "color": colour, "dash": DASHES[place % 7]},
        "hovertext": [f"{kit.percent(share)} take longer than {kit.lasting(at * 60)}" for at, share, *_ in points],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _band(points: Points) -> list[kit.Figure]:
    """The interval as two invisible edges, the area between them filled."""
    edge = {
        "type": "scatter",
        "mode": "lines",
        "x": [point[0] for point in points],
        "line": {"shape": "hv", "width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    low, high = ([point[place] for point in points] for place in (2, 3))
    return [edge | {"y": low}, edge | {"y": high, "fill": "tonexty", "fillcolor": "var(--accent-soft)"}]
