"""The share that has come back, as time goes on."""

from __future__ import annotations

from incidents.patterns.figures import kit
from incidents.patterns.statistics.survival import Curve

MOST_STEPS = 400  # drawn; more lie closer than a pixel
SOONEST = 0.5  # hours: logarithms have no zero
TICKS = {1: "1 h", 6: "6 h", 24: "1 d", 72: "3 d", 168: "7 d", 720: "30 d", 2160: "90 d", 8760: "1 y"}
Point = tuple[float, float, float, float]


def curve(found: Curve) -> kit.Figure:
    """One minus the survival curve of hours, with its interval, on a logarithmic axis."""
    points = _points(found)
    hours = [point[0] for point in points]
    edge = {
        "type": "scatter",
        "mode": "lines",
        "x": hours,
        "line": {"shape": "hv", "width": 0},
        "hoverinfo": "skip",
    }
    shown = [tick for tick in TICKS if tick <= max(found.longest, 24)]
    return {
        "data": [
            {**edge, "y": [point[2] for point in points]},
            {**edge, "y": [point[3] for point in points], "fill": "tonexty", "fillcolor": "var(--accent-soft)"},
            {
                "type": "scatter",
                "mode": "lines",
                "x": hours,
                "y": [point[1] for point in points],
                "line": {"shape": "hv", "width": 2, "color": "var(--accent)"},
                "hovertext": [
                    f"{kit.percent(share)} within {kit.lasting(at * 3600)} ({kit.between(low, high)})"
                    for at, share, low, high in points
                ],
                "hovertemplate": "%{hovertext}<extra></extra>",
            },
        ],
        "layout": {
            "showlegend": False,
            "margin": {"l": 44, "r": 12, "t": 8, "b": 32},
            "xaxis": {"type": "log", "tickvals": shown, "ticktext": [TICKS[tick] for tick in shown]},
            "yaxis": {"range": [0, 1.02], "tickformat": ".0%", "nticks": 5},
            "hovermode": "x",
        },
    }


def _points(found: Curve) -> list[Point]:
    """(hours, share that came back, low, high)."""
    stride = max(1, len(found.steps) // MOST_STEPS)
    kept = [step for place, step in enumerate(found.steps) if place % stride == 0 or place == len(found.steps) - 1]
    points: list[Point] = [(SOONEST, 0.0, 0.0, 0.0)]
    points += [(max(step.time, SOONEST), 1 - step.survival, 1 - step.high, 1 - step.low) for step in kept]
    last = points[-1]
    return [*points, (max(found.longest, last[0]), *last[1:])]
