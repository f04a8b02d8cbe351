"""What is said of actions follows from how many stand how for how long, and from what was due."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import follow_through, promises
from incidents.patterns.answers.follow_through import Lasted
from incidents.patterns.answers.promises import DUE, PROMISED, VERIFIED, Kept
from incidents.patterns.answers.shape import Answer, Base

MANY = Base(incidents=500, tagged=400, untagged=0, open=0)
FEW = Base(incidents=29, tagged=29, untagged=0, open=0)
BOARDS = {DUE: "/actions/?state=overdue", PROMISED: "/actions/?state=open", VERIFIED: "/actions/?state=waiting"}


def followed(*rows: Lasted, base: Base = MANY) -> Answer:
    return follow_through.answer(rows, base, board="/actions/?state=open")


@pytest.mark.parametrize(
    ("rows", "base", "says"),
    [
        ([], MANY, "No review of these incidents has written down an action."),
        ([Lasted("open", 3, 1)], MANY, "One action: 1 open, 0 done and not verified, 0 verified, 0 not to be done."),
        (
            [Lasted("open", 3, 20), Lasted("verified", 2, 20)],
            FEW,
            "40 actions: 20 open, 0 done and not verified, 20 verified, 0 not to be done.",
        ),
        (
            [Lasted("done", 20, 30), Lasted("open", 90, 10)],
            MANY,
            "Half of the actions are done within 20 d; the oldest open one has waited 90 d.",
        ),
        ([Lasted("done", 20, 30)], MANY, "Half of the actions are done within 20 d."),
        (
            [Lasted("done", 20, 10), Lasted("open", 90, 25)],
            MANY,
            "Too few actions are done to say when half of them will be: 10 of 35; the oldest open one has waited 90 d.",
        ),
        # Not to be done is never done, also once as many are settled as are done.
        (
            [Lasted("done", 20, 20), Lasted("declined", 90, 25)],
            MANY,
            "Too few actions are done to say when half of them will be: 20 of 45.",
        ),
    ],
)
def test_how_long_they_wait(rows: list[Lasted], base: Base, says: str) -> None:
    assert followed(*rows, base=base).headline == says


def test_open_ones_by_age_lead_to_the_board() -> None:
    one = followed(Lasted("open", 3, 2), Lasted("open", 30, 4), Lasted("done", 100, 30))
    assert one.column("age") == ["any", "1 week", "2 weeks", "4 weeks", "8 weeks", "3 months"]
    assert one.column("open") == [6, 4, 4, 4, 0, 0]
    assert [bool(line.behind) for line in one.lines] == [True] * 4 + [False] * 2


def test_few_have_counts_and_neither_curve_nor_shares() -> None:
    one = followed(Lasted("open", 30, 4))
    assert one.figure is None
    assert set(one.column("share")) == {None}
    assert set(followed(Lasted("open", 30, 40), base=FEW).column("low")) == {None}


def test_what_was_done_before_it_was_written_down_is_not_known() -> None:
    one = followed(Lasted("done", None, 2), Lasted("done", 4, 30))
    assert one.n == 30
    assert one.notes[0] == "2 were done before they were written down: how long they took is not known."


actions = st.lists(
    st.builds(
        Lasted, st.sampled_from(["open", "done", "verified", "declined"]), st.integers(1, 500), st.integers(1, 9)
    ),
    min_size=1,
    max_size=25,
)


@given(actions)
def test_the_figure_is_the_table(rows: list[Lasted]) -> None:
    one = followed(*rows)
    assert one.n == sum(row.count for row in rows)
    assert one.column("open")[0] == sum(row.count for row in rows if row.how == "open")
    shares = one.column("share")
    assert shares == sorted(shares, key=lambda share: -(share or 0))
    assert (one.figure is None) == (one.n < 30)
    if one.figure is None:
        return
    *_, curve = one.figure["data"]
    days = {words: age for age, words in follow_through.AGES.items()}
    for line in one.lines:
        minutes = days[line.values["age"]] * 1440
        drawn = [y for x, y in zip(curve["x"], curve["y"], strict=True) if x <= max(minutes, 720.0)]
        assert drawn[-1] == pytest.approx(line.values["share"])


def test_the_share_not_done_is_what_it_is_while_nothing_is_censored() -> None:
    one = followed(*(Lasted("done", days, 1) for days in range(1, 41)), Lasted("declined", 400, 10))
    assert dict(zip(one.column("age"), one.column("share"), strict=True))["4 weeks"] == pytest.approx(22 / 50)


COUNTS = [one.name for one in fields(Kept) if one.name != "priority"]


def kept(priority: str = "normal", **more: Any) -> Kept:
    return Kept(priority, **{**dict.fromkeys(COUNTS, 0), **more})


@pytest.mark.parametrize(
    ("rows", "base", "says"),
    [
        ([], MANY, "No action was due yet; none is done yet."),
        ([kept(due=1, on_time=1)], MANY, "1 of 1 actions that were due was done by their due date; none is done yet."),
        (
            [kept(due=4, on_time=3, done=3)],
            MANY,
            "3 of 4 actions that were due were done by their due date; 0 of 3 done ones were verified.",
        ),
        (
            [kept(due=40, on_time=30, done=30, verified=15)],
            FEW,
            "30 of 40 actions that were due were done by their due date; 15 of 30 done ones were verified.",
        ),
        (
            [kept(due=30, on_time=25, done=20, verified=5), kept("high", due=10, on_time=5, done=20, verified=5)],
            MANY,
            "75 % of actions that were due were done by their due date; 25 % of done ones were verified.",
        ),
    ],
)
def test_promises(rows: list[Kept], base: Base, says: str) -> None:
    assert promises.answer(rows, base, boards=BOARDS).headline == says


counted = st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(st.fixed_dictionaries({name: st.tuples(counted, counted, counted) for name in ("high", "normal", "low")}))
def test_promises_add_up_and_their_figure_is_the_table(given_: dict[str, tuple[tuple[int, int], ...]]) -> None:
    rows = [
        kept(
            name,
            due=due,
            on_time=on,
            overdue=(due - on) // 2,
            promised=promised,
            within=within,
            beyond=promised - within,
            done=done,
            verified=verified,
        )
        for name, ((on, due), (within, promised), (verified, done)) in given_.items()
    ]
    one = promises.answer(rows, MANY, boards=BOARDS)
    for what in (DUE, PROMISED, VERIFIED):
        lines = [line.values for line in one.lines if line.values["what"] == what]
        assert sum(value["of"] for value in lines) == 2 * sum(
            value["of"] for value in lines if value["priority"] == "all"
        )
    for line in one.lines:
        assert line.values["missing"] <= line.values["of"] - line.values["kept"]
        assert bool(line.behind) == (line.values["missing"] > 0)
    shares = [line.values["share"] for line in one.lines if line.values["share"] is not None]
    if not shares:
        assert one.figure is None
        return
    (bars,) = one.figure["data"]
    assert bars["x"] == shares
    assert len(set(bars["y"])) == len(shares)
