"""Strips of time, one for each name: when it was there, and which stretches of it stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.patterns.figures import kit

KINDS = {
    "there": ("somebody accountable", "var(--good) 35%", "", 0.5),
    "nobody": ("nobody accountable", "var(--bad)", "", 0.8),
    "on_purpose": ("nobody on purpose", "var(--soft)", "/", 0.8),
}


@dataclass(frozen=True)
class Span:
    """A stretch of one of KINDS on the strip of `name`, with what is behind it."""

    name: str
    begins: datetime
    ends: datetime
    kind: str
    hover: str
    behind: kit.Behind


def timeline(spans: Sequence[Span], order: Sequence[str]) -> kit.Figure:
    """The strips in `order`, the first on top; stretches lie over the time in which the name was there."""
    used = [kind for kind in KINDS if any(span.kind == kind for span in spans)]
    return {
        "data": [_bars(kind, [span for span in spans if span.kind == kind]) for kind in used],
        "layout": {
            "barmode": "overlay",
            "barcornerradius": 0,
            "hovermode": "closest",
            "showlegend": True,
            "margin": {"l": 8, "r": 12, "t": 32, "b": 28},
            "xaxis": {
                "type": "date",
                "tickformat": "%b\n%Y",
                "range": [min(span.begins for span in spans).isoformat(), max(span.ends for span in spans).isoformat()],
            },
            "yaxis": {
                "type": "category",
                "categoryorder": "array",
                "categoryarray": list(order),
                "tickvals": list(order),
                "ticktext": [kit.plain(name) for name in order],
                "range": [len(order) - 0.5, -0.5],
                "showline": False,
                "showgrid": False,
                "ticks": "",
            },
        },
    }


def _bars(kind: str, spans: Sequence[Span]) -> kit.Figure:
    name, colour, hatch, width = KINDS[kind]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "meta": kind,
        "y": [span.name for span in spans],
        "base": [span.begins.isoformat() for span in spans],
        "x": [(span.ends - span.begins).total_seconds() * 1000 for span in spans],
        "width": width,
        "marker": {
            "color": colour,
            "pattern": {"shape": hatch, "fillmode": "replace", "size": 5, "solidity": 0.4},
            "line": {"width": 1 if hatch else 0, "color": colour},
        },
        "customdata": [span.behind for span in spans],
        "hovertext": [span.hover for span in spans],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
