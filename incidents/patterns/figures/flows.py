"""What flows from one list of names to another."""

from __future__ import annotations

from collections.abc import Sequence

from incidents.patterns.figures import kit

Flow = tuple[str, str, int, kit.Behind]


def sankey(flows: Sequence[Flow]) -> kit.Figure:
    """Layers on the left flow to layers on the right; counts stand beside the names and are conserved."""
    left = list(dict.fromkeys(source for source, *_ in flows))
    right = list(dict.fromkeys(target for _, target, *_ in flows))
    out = {name: sum(count for source, _, count, _ in flows if source == name) for name in left}
    into = {name: sum(count for _, target, count, _ in flows if target == name) for name in right}
    return {
        "data": [
            {
                "type": "sankey",
                "arrangement": "fixed",
                "textfont": {"color": "var(--ink)", "weight": 600},
                "node": {
                    "label": [f"{name} {out[name]}" for name in left] + [f"{name} {into[name]}" for name in right],
                    "color": [f"var(--{name})" for name in [*left, *right]],
                    "pad": 14,
                    "thickness": 12,
                    "line": {"width": 0},
                    "hovertemplate": "%{label}<extra></extra>",
                },
                "link": {
                    "source": [left.index(source) for source, *_ in flows],
                    "target": [len(left) + right.index(target) for _, target, *_ in flows],
                    "value": [count for _, _, count, _ in flows],
                    "color": [f"var(--{target}) 24%" for _, target, *_ in flows],
                    "customdata": [behind for *_, behind in flows],
                    "hovertemplate": "blamed %{source.label}<br>found %{target.label}<br>%{value}<extra></extra>",
                },
            }
        ],
        "layout": {"margin": {"l": 8, "r": 8, "t": 8, "b": 16}, "font": {"size": 12.5}},
    }
