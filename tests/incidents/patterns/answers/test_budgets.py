"""What is said of budgets follows from the stages' own rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import budgets
from incidents.patterns.answers.budgets import Stage
from incidents.patterns.answers.shape import Base

MANY = Base(incidents=500, tagged=400, untagged=0, open=0)
FEW = Base(incidents=29, tagged=29, untagged=0, open=0)


def stage(name: str, over: int = 0, measured: int = 0, **more: Any) -> Stage:
    """A stage measured so often at twice its budget, or at its budget exactly."""
    values: dict[str, Any] = {
        "reviews": measured,
        "no_budget": 0,
        "budget": 800 if measured else None,
        "measured_p99": 0,
        "over_p99": 0,
        "lowest": (2.0 if over == measured else 1.0) if measured else None,
        "half": (2.0 if over * 2 > measured else 1.0) if measured else None,
        "nine": (2.0 if over else 1.0) if measured else None,
        "highest": (2.0 if over else 1.0) if measured else None,
        "findings": 0,
    }
    return Stage(f"name:{name.lower()}" if name else "", name, measured=measured, over=over, **{**values, **more})


@pytest.mark.parametrize(
    ("rows", "base", "says"),
    [
        ([], MANY, "No review of these incidents says how long a stage took."),
        ([stage("", findings=3)], MANY, "No review of these incidents says how long a stage took."),
        ([stage("Rerank", reviews=1)], MANY, "No review measured a p95 against a budget."),
        (
            [stage("Rerank", reviews=1, no_budget=1)],
            MANY,
            "No review measured a p95 against a budget: one row names no budget.",
        ),
        (
            [stage("Rerank", reviews=2, no_budget=2)],
            MANY,
            "No review measured a p95 against a budget: 2 rows name no budget.",
        ),
        ([stage("Rerank", 0, 1)], MANY, "The only stage measured was within its budget."),
        ([stage("Rerank", 0, 6), stage("Search", 0, 3)], MANY, "No stage was over its budget, in 9 measurements."),
        ([stage("Rerank", 3, 4)], MANY, "Rerank was over its budget in 3 of 4 measurements."),
        (
            [stage("Rerank", 3, 9), stage("Search", 3, 3)],
            MANY,
            "Rerank and Search were over their budgets most often, 3 times each.",
        ),
        ([stage(name, 2, 3) for name in "ABCD"], MANY, "4 stages were over their budgets most often, twice each."),
        ([stage("Rerank", 7, 9)], FEW, "Rerank was over its budget in 7 of 9 measurements."),
        (
            [stage("Rerank", 7, 9), stage("Search", 2, 30)],
            MANY,
            "Rerank was over its budget in 7 of 9 measurements, half of the time 2.0 times the budget or more.",
        ),
        ([stage("Rerank", 4, 9)], MANY, "Rerank was over its budget in 4 of 9 measurements."),
    ],
)
def test_the_sentence(rows: list[Stage], base: Base, says: str) -> None:
    assert budgets.answer(rows, base).headline == says


def test_few_measurements_have_extremes_and_no_quantiles_or_shares() -> None:
    one = budgets.answer([stage("Rerank", 3, 4)], MANY)
    for name in ("share", "low", "high", "half", "nine"):
        assert one.column(name) == [None]
    assert (one.column("lowest"), one.column("highest")) == ([1.0], [2.0])


def test_few_incidents_have_no_shares() -> None:
    assert budgets.answer([stage("Rerank", 3, 9)], FEW).column("share") == [None]


def test_what_has_no_budget_and_what_names_no_part_is_told() -> None:
    rows = [stage("Rerank", reviews=2, no_budget=2), stage("", findings=3), stage("Search", 1, 6, no_budget=1)]
    one = budgets.answer(rows, MANY)
    assert one.notes[:2] == ["No budget set: Rerank.", "3 incidents have a latency finding that names no part."]
    assert one.column("stage") == ["Search", "Rerank", "no part named"]


measured = st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(st.lists(measured, max_size=12))
def test_the_figure_is_the_table(counts: list[tuple[int, int]]) -> None:
    rows = [stage(f"S{place}", over, n) for place, (over, n) in enumerate(counts)]
    rows.append(stage("bare", reviews=1, no_budget=1))
    one = budgets.answer(rows, MANY)
    assert one.n == sum(n for _, n in counts)
    lines = [line for line in one.lines if line.values["measured"]]
    if not lines:
        assert one.figure is None
        return
    *bars, middles = one.figure["data"]
    assert [(bar["name"], *bar["x"]) for bar in bars] == [
        (line.values["stage"], line.values["lowest"], line.values["highest"]) for line in lines
    ]
    assert dict(zip(middles["y"], middles["x"], strict=True)) == {
        line.values["stage"]: line.values["half"] for line in lines if line.values["half"] is not None
    }
    assert [bar["customdata"][0] for bar in bars] == [line.behind for line in lines]
