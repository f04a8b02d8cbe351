"""From recorded latencies to the bars of their waterfall, in thousandths of the picture's width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.postmortems.models import StageLatency

ACROSS = 1000.0


@dataclass(frozen=True)
class Bar:
    """One stage from `x`: its budget, then what was observed; `over_*` is what of p95 lies beyond the budget.

    None where a value is not known.
    """

    stage: StageLatency
    x: float
    budget: float | None
    p50_at: float | None
    p95: float | None
    p99_at: float | None
    p95_at: float | None
    over_x: float | None
    over: float | None
    share: str = ""  # how far the observed value is over the budget, in words: `p95 1.6 × its budget`


def of(stages: Sequence[StageLatency]) -> list[Bar]:
    """All stages on one scale. A stage begins where the budgets of those before it end; the whole answer at 0."""
    begins, placed = 0.0, []
    for stage in stages:
        placed.append((stage, 0.0 if stage.is_whole else begins))
        if not stage.is_whole:
            begins += stage.budget_ms or 0
    longest = max((at + _longest(stage) for stage, at in placed), default=0)
    if not longest:
        return []
    return [_bar(stage, at, ACROSS / (longest * 1.02)) for stage, at in placed]


def _longest(stage: StageLatency) -> int:
    return max(stage.budget_ms or 0, stage.p50_ms or 0, stage.p95_ms or 0, stage.p99_ms or 0)


def _bar(stage: StageLatency, begins: float, scale: float) -> Bar:
    def at(value: int | None) -> float | None:
        return None if value is None else round((begins + value) * scale, 1)

    x = round(begins * scale, 1)
    p95, budget = stage.p95_ms, stage.budget_ms
    beyond = p95 is not None and budget is not None and p95 > budget
    return Bar(
        stage=stage,
        x=x,
        budget=None if budget is None else round(budget * scale, 1),
        p50_at=at(stage.p50_ms),
        p95=None if p95 is None else round(p95 * scale, 1),
        p99_at=at(stage.p99_ms),
        p95_at=at(p95),
        over_x=at(budget) if beyond else None,
        over=round((p95 - budget) * scale, 1) if beyond and p95 is not None and budget is not None else None,
        share=_share(stage),
    )


def _share(stage: StageLatency) -> str:
    if not stage.over or not stage.budget_ms:
        return ""
    return f"{stage.over} {getattr(stage, f'{stage.over}_ms') / stage.budget_ms:.1f} × its budget"
