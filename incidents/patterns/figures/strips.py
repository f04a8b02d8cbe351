"""Findings by layer and month: a strip of monthly bars for each layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from incidents.patterns.rows import Row
from incidents.patterns.statistics import counting

LABELS = 96  # pixels left of the strips
PANEL_GAP = 0.28  # of each layer's strip
_STATES = (("reviewed", ""), ("provisional", "/"))


def findings_by_layer(rows: Sequence[Row], *, behind: Callable[[Row, str], Mapping[str, str]]) -> dict[str, Any]:
    """A strip of monthly bars for each layer, most findings on top: reviewed solid, provisional hatched above it.

    All strips share one scale. `behind` gives the selection behind a bar (row and state), its `customdata`.
    """
    found = counting.totals(rows)
    strips = {layer: _strip(position, len(found)) for position, layer in enumerate(found)}
    top = max((row.findings for row in rows), default=0) or 1
    layout: dict[str, Any] = {
        "barmode": "stack",
        "showlegend": False,
        "hovermode": "closest",
        "margin": {"l": LABELS, "r": 8, "t": 8, "b": 8},
        "xaxis": _months(rows, anchor=_axis("y", len(found))),
        "annotations": [
            _label(layer, count, _axis("y", place)) for place, (layer, count) in enumerate(found.items(), 1)
        ],
    }
    for place, layer in enumerate(found, 1):
        layout[_axis("yaxis", place)] = _scale(top, strips[layer])
    data = [
        _bars(layer, state, hatch, [row for row in rows if row.layer == layer], axis=_axis("y", place), behind=behind)
        for place, layer in enumerate(found, 1)
        for state, hatch in _STATES
    ]
    return {"data": data, "layout": layout}


def _bars(
    layer: str,
    state: str,
    hatch: str,
    rows: Sequence[Row],
    *,
    axis: str,
    behind: Callable[[Row, str], Mapping[str, str]],
) -> dict[str, Any]:
    colour = f"var(--{layer})"
    return {
        "type": "bar",
        "name": f"{layer}, {state}",
        "meta": {"layer": layer, "state": state},
        "x": [row.month.isoformat() for row in rows],
        "y": [getattr(row, state) for row in rows],
        "xperiod": "M1",
        "xperiodalignment": "middle",
        "yaxis": axis,
        "customdata": [behind(row, state) for row in rows],
        "hovertemplate": f"%{{x|%B %Y}}<br>{layer}: %{{y}} {state}<extra></extra>",
        "marker": {
            "color": colour,
            "line": {"width": [1 if hatch and getattr(row, state) else 0 for row in rows], "color": colour},
            "pattern": {"shape": hatch, "fillmode": "replace", "size": 5, "solidity": 0.35},
        },
    }


def _months(rows: Sequence[Row], *, anchor: str) -> dict[str, Any]:
    """Every month of the window has its place, also when nothing was found in it."""
    months = sorted({row.month for row in rows})
    axis: dict[str, Any] = {
        "type": "date",
        "anchor": anchor,
        "tickformat": "%b\n%Y",
        "ticklabelmode": "period",
        "showgrid": False,
    }
    if months:
        last = months[-1]
        after = last.replace(year=last.year + last.month // 12, month=last.month % 12 + 1)
        axis["range"] = [months[0].isoformat(), after.isoformat()]
    if len(months) <= 6:
        axis["dtick"] = "M1"
    return axis


def _scale(top: int, strip: tuple[float, float]) -> dict[str, Any]:
    return {
        "domain": list(strip),
        "range": [0, top * 1.05],
        "tickvals": [0, top],
        "side": "right",
        "showline": False,
        "ticks": "",
        "zeroline": True,
        "zerolinewidth": 1,
    }


def _label(layer: str, count: int, axis: str) -> dict[str, Any]:
    return {
        "text": f"{layer}<br>{count}",
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "xshift": -LABELS,
        "yref": f"{axis} domain",
        "y": 0.5,
        "yanchor": "middle",
        "align": "left",
        "showarrow": False,
        "font": {"color": f"var(--{layer})" if count else "var(--faint)", "weight": 600},
    }


def _strip(position: int, of: int) -> tuple[float, float]:
    """The share of the chart's height that a layer's strip takes, counted from the top."""
    height = 1 / of
    upper = 1 - position * height
    return round(upper - height * (1 - PANEL_GAP), 4), round(upper, 4)


def _axis(name: str, place: int) -> str:
    """Plotly numbers axes from 2 on; the first has no number."""
    return name if place == 1 else f"{name}{place}"
