"""Survival curves: the share that lasts longer, on an axis of time."""

from __future__ import annotations

from collections.abc import Sequence

from incidents.patterns.figures import kit
from incidents.patterns.statistics.survival import Curve

MOST_STEPS = 400  # drawn; more lie closer than a pixel
COLOURS = ("var(--accent)", "var(--warn)", "var(--good)", "var(--bad)", "var(--data)", "var(--org)", "var(--guardrail)")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
TICKS = (1, 5, 15, 60, 240, 720, 1440, 4320, 10080, 43200, 129600, 525600)  # minutes


def survival(curves: Sequence[tuple[str, Curve]], *, first: float = 0.5) -> kit.Figure:
    """A curve for each name, with its interval while there is only one; a logarithmic axis of minutes from `first`."""
    longest = max(curve.longest for _, curve in curves)
    data = [_curve(name, curve, place, first) for place, (name, curve) in enumerate(curves)]
    if len(curves) == 1:
        data = [*_band(curves[0][1], first), *data]
    ticks = [tick for tick in TICKS if first <= tick <= max(longest, TICKS[2])]
    return {
        "data": data,
        "layout": {
            "showlegend": len(curves) > 1,
            "margin": {"l": 44, "r": 12, "t": 8 if len(curves) == 1 else 32, "b": 32},
            "xaxis": {"type": "log", "tickvals": ticks, "ticktext": [kit.lasting(tick * 60) for tick in ticks]},
            "yaxis": {"range": [0, 1.02], "tickformat": ".0%", "nticks": 5},
            "hovermode": "x",
        },
    }


def _points(curve: Curve, first: float) -> list[tuple[float, float, float, float]]:
    """(minutes, share, low, high); logarithms have no zero, so what ended at once stands at `first`."""
    stride = max(1, len(curve.steps) // MOST_STEPS)
    kept = [step for place, step in enumerate(curve.steps) if place % stride == 0 or place == len(curve.steps) - 1]
    points = [(first, 1.0, 1.0, 1.0)]
    points += [(max(step.time, first), step.survival, step.low, step.high) for step in kept]
    last = points[-1]
    return [*points, (max(curve.longest, last[0]), *last[1:])]


def _curve(name: str, curve: Curve, place: int, first: float) -> kit.Figure:
    points = _points(curve, first)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{name} (n = {curve.count})",
        "x": [point[0] for point in points],
        "y": [point[1] for point in points],
        "line": {"shape": "hv", "width": 2, "color": COLOURS[place % 7], "dash": DASHES[place % 7]},
        "hovertext": [f"{kit.percent(share)} take longer than {kit.lasting(at * 60)}" for at, share, *_ in points],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _band(curve: Curve, first: float) -> list[kit.Figure]:
    """The interval as two invisible edges, the area between them filled."""
    points = _points(curve, first)
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
