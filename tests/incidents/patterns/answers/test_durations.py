"""How long it takes is told by quantiles, with what is open, and never by a mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import durations
from incidents.patterns.answers.durations import Lasted
from incidents.patterns.answers.shape import Answer


def resolved(*minutes: int, still_open: tuple[int, ...] = ()) -> Answer:
    ended = [Lasted("resolve", "", one, True, 1) for one in minutes]
    return durations.answer([*ended, *(Lasted("resolve", "", one, False, 1) for one in still_open)])


@pytest.mark.parametrize(
    ("minutes", "still_open", "says"),
    [
        ((), (), "Too few incidents to say how long they take: none."),
        ((5, 5, 5, 5), (), "Too few incidents to say how long they take: 4."),
        ((10, 20, 30, 40, 50), (), "Half are resolved in 30 min; there are too few to tell the longest ones apart."),
        (
            (10, 20),
            (5, 5, 30, 60, 90),
            "More than half are still open, so nobody can tell yet how long half of them take.",
        ),
        (tuple(range(1, 101)), (), "Half are resolved in 50 min; one in twenty takes over 1 h 35."),
    ],
)
def test_the_sentence(minutes: tuple[int, ...], still_open: tuple[int, ...], says: str) -> None:
    assert resolved(*minutes, still_open=still_open).headline == says


def test_what_is_open_moves_the_median_and_is_counted() -> None:
    closed = resolved(10, 20, 30, 40, 50)
    with_open = resolved(10, 20, 30, 40, 50, still_open=(45, 60, 60))
    assert closed.column("p50") == [30 * 60]
    assert with_open.column("p50") == [40 * 60]
    assert (with_open.column("n"), with_open.column("open")) == ([8], [3])


def test_few_have_counts_and_no_quantiles() -> None:
    few = resolved(1, 2, 3)
    assert few.column("n") == [3]
    assert few.column("p50") == [None]
    assert few.figure is None


@given(st.lists(st.tuples(st.integers(0, 5000), st.booleans()), min_size=5, max_size=60))
def test_quantiles_lie_within_their_intervals(spans: list[tuple[int, bool]]) -> None:
    one = durations.answer([Lasted("resolve", "", minutes, ended, 1) for minutes, ended in spans])
    (line,) = one.lines
    for at in ("p50", "p95"):
        value, low, high = line.values[at], line.values[f"{at}_low"], line.values[f"{at}_high"]
        if value is not None:
            assert low is None or low <= value
            assert high is None or high >= value


def test_two_groups_are_compared_by_their_curves() -> None:
    rows = [Lasted("resolve", "owned", minutes, True, 1) for minutes in range(1, 30)]
    slow = [Lasted("resolve", "unowned", minutes * 20, True, 1) for minutes in range(1, 30)]
    one = durations.answer([*rows, *slow], groups=("owned", "unowned"))
    told = "Half are resolved in: owned 15 min, unowned 5 h; they differ more than chance (log-rank p <0.001)."
    assert one.headline == told
    same = durations.answer(
        [*rows, *(Lasted("resolve", "unowned", row.minutes, True, 1) for row in rows)], groups=("owned", "unowned")
    )
    assert "no more than chance would" in same.headline


def test_times_that_are_all_equal_have_no_smallest_change() -> None:
    answer = durations.answer([Lasted("resolve", "", 61, True, 40)])
    assert not answer.notes
