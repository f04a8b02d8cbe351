"""How long it takes is told by quantiles, with what is open, and never by a mean."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import durations, durations_by
from incidents.patterns.answers.durations import Lasted
from incidents.patterns.answers.shape import Answer, Base
from incidents.patterns.questions.durations import GROUPINGS


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


def test_times_of_zero_or_below_are_unknown_and_told() -> None:
    one = durations.answer(
        [
            *(Lasted("resolve", "", minutes, True, 1) for minutes in (10, 20, 30, 40, 50)),
            Lasted("resolve", "", None, True, 3),
            Lasted("detect", "", None, True, 1),
        ]
    )
    assert one.n == 5
    by_span = {line.values["span"]: line.values for line in one.lines}
    assert (by_span["Until resolved"]["n"], by_span["Until resolved"]["unknown"]) == (5, 3)
    assert (by_span["Until noticed"]["n"], by_span["Until noticed"]["p50"]) == (0, None)
    assert one.notes[-1] == (
        "4 times are of zero or below, or contradict the file they came from: unknown, and in no number here."
    )


def test_no_mean_anywhere() -> None:
    assert not any("mean" in column.name or "average" in column.label.lower() for column in durations.COLUMNS)


# ---- by group ----

OWNED = GROUPINGS["owned"]
MANY = Base(60, 60, 0, 0)


def spans(group: str, minutes: Iterable[int], *, ended: bool = True) -> list[Lasted]:
    return [Lasted("resolve", group, one, ended, 1) for one in minutes]


def test_two_groups_are_compared_by_their_curves() -> None:
    fast, slow = spans("owned", range(1, 30)), spans("unowned", range(20, 600, 20))
    one = durations_by.answer([*fast, *slow], MANY, OWNED)
    assert one.headline == (
        "Half of the owned are resolved in 15 min, half of the unowned in 5 h: "
        "they differ by more than chance (log-rank p <0.001)."
    )
    assert any(note.startswith("Only a difference of") for note in one.notes)
    same = durations_by.answer([*fast, *spans("unowned", range(1, 30))], MANY, OWNED)
    assert same.headline.endswith("no more apart than chance would have them (log-rank p 1.000).")


def test_a_group_that_is_mostly_open_has_no_half_yet() -> None:
    waiting = spans("unowned", [700] * 20, ended=False)
    one = durations_by.answer([*spans("owned", range(1, 30)), *waiting, *spans("unowned", [5] * 9)], MANY, OWNED)
    assert "half of the unowned not yet:" in one.headline


@pytest.mark.parametrize(
    ("rows", "base", "says"),
    [
        ([], Base(0, 0, 0, 0), "Too few incidents to compare how long they take by owner: none."),
        (spans("owned", range(1, 40)), MANY, "Too few incidents to compare how long they take by owner: 60."),
        (
            [*spans("owned", range(1, 10)), *spans("unowned", range(100, 110))],
            Base(19, 19, 0, 0),
            "Too few incidents to compare how long they take by owner: 19.",
        ),
    ],
)
def test_few_are_not_compared(rows: list[Lasted], base: Base, says: str) -> None:
    one = durations_by.answer(rows, base, OWNED)
    assert one.headline == says
    assert not any("difference" in note for note in one.notes)


def test_a_layer_that_takes_longer_is_named_and_the_others_are_not_ranked() -> None:
    layers = GROUPINGS["layer"]
    alike = [row for layer in ("data", "org", "guardrail") for row in spans(layer, range(1, 30))]
    one = durations_by.answer([*alike, *spans("latency", range(200, 230))], MANY, layers)
    assert one.headline == (
        "Against all the others together, by more than chance: latency takes longer; "
        "data, guardrail and org take less time."
    )
    sooner = durations_by.answer([*alike, *spans("latency", [2] * 6)], MANY, layers)
    assert sooner.headline.startswith(
        "Latency takes less time than the others, by more than chance: half are resolved in 2 min, of the others "
    )
    none = durations_by.answer(alike, MANY, layers)
    assert none.headline == "No layer takes longer or shorter than the others by more than chance."


def test_of_many_groups_those_with_most_incidents_are_drawn_and_the_table_has_all() -> None:
    sizes = {"data": 9, "integration": 12, "latency": 5, "evaluation": 30, "org": 8, "model": 4}
    rows = [row for layer, size in sizes.items() for row in spans(layer, range(1, size + 1))]
    one = durations_by.answer(rows, MANY, GROUPINGS["layer"])
    assert one.figure is not None
    assert [trace["name"] for trace in one.figure["data"]] == [
        "data (n = 9)",
        "integration (n = 12)",
        "evaluation (n = 30)",
        "org (n = 8)",
    ]
    assert [note["text"] for note in one.figure["layout"]["annotations"]] == [
        "data",
        "integration",
        "evaluation",
        "org",
    ]
    assert dict(zip(one.column("group"), one.column("n"), strict=True)) == sizes
    assert dict(zip(one.column("group"), one.column("p50"), strict=True))["model"] is None


@given(
    st.lists(
        st.tuples(st.sampled_from(["owned", "unowned", "not recorded"]), st.integers(0, 900), st.booleans()),
        max_size=90,
    )
)
def test_groups_add_up_and_two_alike_are_never_told_apart(found: list[tuple[str, int, bool]]) -> None:
    rows = [Lasted("resolve", *one, 1) for one in found]
    one = durations_by.answer(rows, MANY, OWNED)
    assert sum(one.column("n")) == one.n == len(rows)
    assert sum(one.column("open")) == sum(not ended for *_, ended in found)
    twins = [Lasted("resolve", group, row.minutes, row.ended, 1) for row in rows for group in ("owned", "unowned")]
    assert "they differ" not in durations_by.answer(twins, MANY, OWNED).headline


def test_times_that_are_all_equal_have_no_smallest_change() -> None:
    answer = durations.answer([Lasted("resolve", "", 61, True, 40)])
    assert not answer.notes
    alike = [*spans("owned", [61] * 40), *spans("unowned", [61] * 40)]
    assert not any("difference" in note for note in durations_by.answer(alike, MANY, OWNED).notes)
