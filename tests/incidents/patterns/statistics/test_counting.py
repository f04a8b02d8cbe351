"""The sentences and the sums, against numbers worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.rows import Cell, Row
from incidents.patterns.statistics import counting
from incidents.response.vocabulary import Layer

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
LAYERS = tuple(Layer.values)


def rows(**found: int) -> list[Row]:
    """One month with these findings, half of them reviewed."""
    return [Row(JAN, layer, found.get(layer, 0) // 2, (found.get(layer, 0) + 1) // 2) for layer in LAYERS]


def says(*, tagged: int = 100, **found: int) -> str:
    return counting.headline(rows(**found), tagged=tagged, period="in 12 months")


cells = st.lists(
    st.builds(
        Cell,
        month=st.sampled_from([JAN, FEB]),
        layer=st.sampled_from(LAYERS),
        state=st.sampled_from(["reviewed", "provisional"]),
        findings=st.integers(1, 50),
    ),
    max_size=30,
    unique_by=lambda cell: (cell.month, cell.layer, cell.state),
)


def test_every_month_and_layer_has_its_row_in_order() -> None:
    filled = counting.fill(
        [Cell(FEB, "data", "reviewed", 3), Cell(FEB, "data", "provisional", 1)], months=(JAN, FEB), layers=LAYERS
    )
    assert [(row.month, row.layer) for row in filled] == [(month, layer) for month in (JAN, FEB) for layer in LAYERS]
    assert [row for row in filled if row.findings] == [Row(FEB, "data", 3, 1)]
    assert filled[7].findings == 4


@given(cells)
def test_nothing_is_lost_or_doubled_on_the_way_to_the_table(given_cells: list[Cell]) -> None:
    filled = counting.fill(given_cells, months=(JAN, FEB), layers=LAYERS)
    for state in ("reviewed", "provisional"):
        counted = sum(cell.findings for cell in given_cells if cell.state == state)
        assert sum(getattr(row, state) for row in filled) == counted
        assert sum(getattr(line, state) for line in counting.by_month(filled)) == counted
        assert getattr(counting.overall(filled), state) == counted
        assert sum(getattr(cell, state) for cell in counting.overall(filled).cells) == counted
    assert sum(counting.totals(filled).values()) == sum(cell.findings for cell in given_cells)
    assert filled == counting.fill(reversed(given_cells), months=(JAN, FEB), layers=LAYERS)


def test_lines_are_months_in_order() -> None:
    filled = counting.fill([], months=(JAN, FEB), layers=LAYERS)
    assert [line.month for line in counting.by_month(filled)] == [JAN, FEB]
    assert [cell.layer for cell in counting.overall(filled).cells] == list(LAYERS)
    assert counting.overall(filled).month is None


def test_totals_put_the_most_first_and_keep_the_order_of_ties() -> None:
    assert list(counting.totals(rows(org=2, data=2, latency=3)).items())[:3] == [
        ("latency", 3),
        ("data", 2),
        ("org", 2),
    ]


@pytest.mark.parametrize(
    ("found", "tagged", "sentence"),
    [
        ({}, 0, "Too few findings to say anything: none in 12 months."),
        ({"data": 2}, 2, "Too few findings to say anything: 2 in 12 months."),
        ({"data": 4}, 400, "Too few findings to say anything: 4 in 12 months."),
        ({"data": 3, "latency": 3, "org": 1}, 7, "Data and latency tie at 3 findings each."),
        ({"data": 40, "latency": 40, "org": 40, "model": 1}, 90, "Data, latency and org tie at 40 findings each."),
        (dict.fromkeys(LAYERS, 1), 7, "No layer leads: 7 of them tie at 1 finding each."),
        ({"org": 6}, 6, "All 6 findings are in org so far: too few to call it a pattern."),
        ({"org": 60}, 55, "All 60 findings are in org."),
        (
            {"integration": 7, "data": 6, "latency": 6},
            19,
            "So far integration leads with 7 of 19 findings: too few to call it a pattern.",
        ),
        (
            {"integration": 29},
            29,
            "All 29 findings are in integration so far: too few to call it a pattern.",
        ),
        (
            {"integration": 28, "data": 1},
            29,
            "So far integration leads with 28 of 29 findings: too few to call it a pattern.",
        ),
        ({"integration": 40, "data": 20, "org": 35 - 20}, 75, "Integration leads with 40 of 75 findings."),
        (
            {"integration": 21, "latency": 19, "org": 5},
            45,
            "Integration has 21 of 45 findings, latency 19: too close to tell which leads.",
        ),
    ],
)
def test_the_sentence_says_what_the_rows_show(found: dict[str, int], tagged: int, sentence: str) -> None:
    assert says(tagged=tagged, **found) == sentence


def test_findings_that_come_together_prove_less() -> None:
    # 40 to 20 is beyond chance (p = 0.013) when each stands alone, not when 2.5 come with each incident (16 to 8).
    assert says(integration=40, data=20, org=15, tagged=75) == "Integration leads with 40 of 75 findings."
    assert "too close" in says(integration=40, data=20, org=15, tagged=30)


@given(st.dictionaries(st.sampled_from(LAYERS), st.integers(0, 60)), st.integers(0, 200))
def test_a_named_leader_has_the_most_and_the_numbers_are_those_of_the_rows(found: dict[str, int], tagged: int) -> None:
    sentence = says(tagged=tagged, **found)
    total = sum(found.values())
    if "leads with" in sentence:
        most = max(found.values())
        leader = next(layer for layer in found if found[layer] == most)
        assert leader in sentence.lower()
        assert f"{most} of {total} findings" in sentence
        assert sorted(found.values())[-2:][0] < most
    if tagged < counting.ENOUGH_INCIDENTS:
        assert not sentence.endswith("which leads.")
        assert "too few" in sentence.lower() or "tie" in sentence


@pytest.mark.parametrize(
    ("one", "other", "p"),
    [
        (0, 0, 1.0),
        (7, 7, 1.0),
        (5, 0, 2 / 32),
        (6, 0, 2 / 64),
        (8, 1, 2 * (9 + 1) / 512),
        (1, 8, 2 * (9 + 1) / 512),
        (9, 1, 2 * (10 + 1) / 1024),  # Fisher's lady would not be convinced by less
    ],
)
def test_the_exact_test_of_even_odds(one: int, other: int, p: float) -> None:
    assert counting.even_odds(one, other) == pytest.approx(p, abs=1e-12)


def test_the_exact_test_holds_large_counts() -> None:
    assert counting.even_odds(6000, 5000) < 1e-20
    assert counting.even_odds(500_000, 500_000) == 1.0


@given(st.integers(0, 500))
def test_the_approximation_takes_over_without_a_step(larger: int) -> None:
    one, other = 500 + larger, 500 - larger
    exact = counting.even_odds(one, other)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "EXACT_UP_TO", 0)
        assert counting.even_odds(one, other) == pytest.approx(exact, abs=0.001)


def test_a_lead_needs_counts() -> None:
    assert counting.leads(10, 0, findings=10, incidents=10)
    assert not counting.leads(5, 0, findings=5, incidents=5)
    assert not counting.leads(0, 0, findings=0, incidents=0)
