"""Time lost against time allowed: a bar for each service, what it may lose as a mark across it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.patterns.figures import kit

ROOM = 2.5  # of the longest bar, for the words after it
TICKS = (60, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 432000, 864000, 1728000, 2592000, 7776000)
WIDEST = 22  # characters of a name


@dataclass(frozen=True)
class Bar:
    """Seconds lost at least and at most, seconds allowed (None: nothing promised), and unknown incidents."""

    name: str
    low: float
    high: float
    allowed: float | None
    unknown: int
    behind: kit.Behind
    behind_unknown: kit.Behind

    @property
    def told(self) -> str:
        """What stands after the bar."""
        lost = [kit.lasting(self.low)] if self.behind else []
        return " + ".join([*lost, *([f"{self.unknown} unknown"] if self.unknown else [])])

    @property
    def colour(self) -> str:
        """Over what is allowed, perhaps over it, within it, or nothing promised."""
        if self.allowed is None:
            return "var(--soft)"
        return "var(--bad)" if self.low > self.allowed else "var(--warn)" if self.high > self.allowed else "var(--good)"


def bars(rows: Sequence[Bar]) -> kit.Figure:
    """Horizontal bars, the first on top: at least solid, at most hatched, allowed as a mark, unknown in words."""
    longest = max(row.high for row in rows) or 3600.0
    allowed = [row.allowed for row in rows if row.allowed is not None and row.allowed <= longest * 1.5]
    reach = max([longest, *allowed])
    spread = [row.high - row.low for row in rows]
    return {
        "data": [
            _bar(rows, [row.low for row in rows], ""),
            *([_bar(rows, spread, "/")] if any(spread) else []),
            _allowed(rows, reach),
            _words(rows, reach),
        ],
        "layout": {
            "barmode": "stack",
            "showlegend": False,
            "hovermode": "closest",
            "margin": {"l": 8, "r": 8, "t": 8, "b": 28},
            "xaxis": {"range": [0, reach * ROOM], "showgrid": True, **_ticks(reach)},
            "yaxis": {
                "autorange": "reversed",
                "showgrid": False,
                "zeroline": False,
                "tickvals": list(range(len(rows))),
                "ticktext": [kit.plain(_short(row.name)) for row in rows],
                "showline": False,
                "ticks": "",
                "tickfont": {"size": 12.5},
            },
        },
    }


def _bar(rows: Sequence[Bar], values: Sequence[float], hatch: str) -> kit.Figure:
    return {
        "type": "bar",
        "orientation": "h",
        "name": "at most" if hatch else "at least",
        "y": list(range(len(rows))),
        "x": list(values),
        "marker": {
            "color": [row.colour for row in rows],
            "pattern": {"shape": hatch, "fillmode": "replace", "size": 5, "solidity": 0.35},
        },
        "customdata": [row.behind for row in rows],
        "hovertext": [_hover(row) for row in rows],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _allowed(rows: Sequence[Bar], reach: float) -> kit.Figure:
    drawn = [(place, row) for place, row in enumerate(rows) if row.allowed is not None and row.allowed <= reach]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "allowed",
        "y": [place for place, _ in drawn],
        "x": [row.allowed for _, row in drawn],
        "marker": {"symbol": "line-ns", "size": 24, "line": {"width": 3, "color": "var(--ink)"}},
        "hovertext": [f"{kit.plain(row.name)}: {kit.lasting(row.allowed or 0)} allowed" for _, row in drawn],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _words(rows: Sequence[Bar], reach: float) -> kit.Figure:
    return {
        "type": "scatter",
        "mode": "text",
        "y": list(range(len(rows))),
        "x": [max(row.high, row.allowed if row.allowed is not None and row.allowed <= reach else 0) for row in rows],
        "text": [f"  {row.told}" for row in rows],
        "textposition": "middle right",
        "textfont": {"size": 12},
        "customdata": [row.behind_unknown or row.behind for row in rows],
        "hoverinfo": "skip",
    }


def _ticks(reach: float) -> kit.Figure:
    """Ticks at times that people say, two or so up to the longest."""
    step = next((tick for tick in TICKS if reach / tick <= 2.5), TICKS[-1])
    at = [step * place for place in range(int(reach // step) + 1)]
    return {"tickangle": 0, "tickvals": at, "ticktext": [kit.lasting(tick) if tick else "0" for tick in at]}


def _between(low: float, high: float) -> str:
    least, most = kit.lasting(low), kit.lasting(high)
    return least if least == most else f"{least} to {most}"


def _hover(row: Bar) -> str:
    allowed = "no objective" if row.allowed is None else f"allowed {kit.lasting(row.allowed)}"
    unknown = f"<br>{row.unknown} unknown" if row.unknown else ""
    return f"{kit.plain(row.name)}: {_between(row.low, row.high)}<br>{allowed}{unknown}"


def _short(name: str) -> str:
    return name if len(name) <= WIDEST else f"{name[: WIDEST - 1]}…"
