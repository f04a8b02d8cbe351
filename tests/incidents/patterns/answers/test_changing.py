"""A month stands out only where its own rows say so; few incidents and months without record are not judged."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import changing, words
from incidents.patterns.answers.changing import Since
from incidents.patterns.answers.shape import Answer, Base
from incidents.patterns.window import Window, add_months
from tests.incidents.patterns.factories import month

# Monthly outages of OpenAI, June 2022 to August 2024 (Chu et al., ICPE 2025); limits recomputed from them.
OPENAI = [4, 3, 8, 9, 1, 4, 8, 15, 17, 22, 9, 15, 12, 18, 14, 19, 6, 16, 10, 11, 14, 34, 17, 24, 14, 10, 15]
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def answered(counts: list[int], *, first: str = "2024-01", since: str | None = None, new: int = 0) -> Answer:
    begins = month(first)
    last = add_months(begins, len(counts) - 1)
    window = Window.from_query({"from": f"{begins:%Y-%m}", "to": f"{last:%Y-%m}"}, NOW)
    found = {add_months(begins, place): count for place, count in enumerate(counts) if count}
    told = Since(month(since) if since else None, 9, new)
    return changing.answer(found, Base(sum(counts), 0, 0, 0), window, told)


def test_27_months_of_openai_flag_march_2024_and_nothing_else() -> None:
    one = answered(OPENAI, first="2022-06", since="2022-06")
    assert [line.values["month"] for line in one.lines if line.values["signal"]] == [date(2024, 3, 1)]
    assert one.headline == "March 2024 stands out; the other months vary as they do by themselves."
    assert "mean 12.9, natural limits 0.0 to 30.2" in one.caption
    assert one.notes == [
        "They scatter 3.9 times as much as independent events would (p <0.001): incidents come in clusters."
    ]


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ([0] * 8, "No incidents in the complete months."),
        ([1] + [0] * 7, "1 incident: too few to tell a change from chance."),
        ([2, 3, 1, 20, 1, 2], "29 incidents: too few to tell a change from chance."),
        ([10, 12, 9, 11, 10], "Too few complete months to tell a change from chance: 5 of 6."),
        ([10, 12, 9, 11, 10, 12], "No month stands out: counts vary as they do by themselves."),
        ([5] * 9, "No month stands out: counts vary as they do by themselves."),
        (
            [4, 6] * 5 + [6, 7, 6, 7, 6, 7, 6, 7],
            "No single month stands out, but something shifted: 8 in a row on one side by May 2025.",
        ),
    ],
)
def test_the_sentence(counts: list[int], says: str) -> None:
    assert answered(counts).headline == says


def test_under_thirty_incidents_nothing_is_judged() -> None:
    few = answered([2, 3, 1, 20, 1, 2])
    assert set(few.column("signal")) == {""}
    assert few.figure is not None
    assert few.figure["layout"]["shapes"] == []
    assert few.caption == "Incidents by the month in which they were noticed."
    assert few.notes == []


def test_months_before_the_first_record_are_no_zeros() -> None:
    zeros = answered([0] * 6 + [9, 11, 10, 12, 9, 11])
    cut = answered([0] * 6 + [9, 11, 10, 12, 9, 11], since="2024-07", new=2)
    assert zeros.headline != cut.headline == "No month stands out: counts vary as they do by themselves."
    assert cut.column("incidents") == [9, 11, 10, 12, 9, 11]
    assert cut.notes == [
        "Nothing is on record before July 2024: those months are left out, they are no zeros.",
        "2 of 9 services came into service within this time: what they add is no change of the others.",
    ]


@pytest.mark.parametrize(
    ("months", "says"),
    [
        (["2024-03"], "March 2024"),
        (["2026-06", "2026-07"], "June and July 2026"),
        (["2026-06", "2026-07", "2026-09"], "June, July and September 2026"),
        (["2025-12", "2026-03"], "December 2025 and March 2026"),
        (["2026-01", "2026-02", "2026-03", "2026-04"], "January, February, March and April 2026"),
        (
            ["2025-01", "2025-02", "2026-03", "2026-04", "2026-05"],
            "January, February 2025, March 2026 and 2 other months",
        ),
    ],
)
def test_months_read_well(months: list[str], says: str) -> None:
    assert words.months([month(one) for one in months]) == says


@given(st.lists(st.integers(0, 60), min_size=1, max_size=30))
def test_the_figure_draws_the_rows_and_the_sentence_names_those_outside(counts: list[int]) -> None:
    one = answered(counts)
    outside = [line.values["month"] for line in one.lines if line.values["signal"] == changing.RULES["outside"]]
    assert sum(one.column("incidents")) == sum(counts) == one.n
    if outside:
        assert one.headline.startswith(words.months(outside))
    if one.figure is not None:
        (trace,) = one.figure["data"]
        assert trace["y"] == one.column("incidents")
        assert trace["x"] == [day.isoformat() for day in one.column("month")]
    if sum(counts) < 30:
        assert not outside
