"""The rules of grouping, pure: keys, windows, flapping, and a trial without a database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidents.response import grouping
from incidents.response.grouping import KEY_LENGTH, Group, Rules, Seen
from tests.factories import NOON


def after(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def seen(at: float, ends: float | None, *, problem: str = "a", key: str = "k", last: float | None = None) -> Seen:
    """An episode told as it happened."""
    told = at if ends is None else ends
    return Seen(
        problem=problem,
        key=key,
        at=NOON + after(at),
        received_at=NOON + after(at),
        last_received_at=NOON + after(told if last is None else last),
        resolved_at=None if ends is None else NOON + after(ends),
    )


def test_a_key_names_its_labels_in_the_order_of_the_policy() -> None:
    rules = Rules(labels=("region", "tenant"))
    assert (
        grouping.key("service:1", {"tenant": "x", "region": "eu", "pod": "p"}, rules) == "service:1|region=eu|tenant=x"
    )
    assert grouping.key("service:1", {}, rules) == "service:1|region=|tenant="
    assert grouping.key("service:1", {"region": "eu"}, Rules()) == "service:1"


def test_a_long_key_stays_within_its_column_and_apart() -> None:
    rules = Rules(labels=("region",))
    keys = {grouping.key("service:1", {"region": "x" * 400 + end}, rules) for end in "ab"}
    assert len(keys) == 2
    assert all(len(key) <= KEY_LENGTH and key.startswith("service:") for key in keys)


@pytest.mark.parametrize(
    ("starts", "counts"),
    [([], []), ([0], [1]), ([0, 59, 60, 61], [1, 2, 2, 3]), ([0, 0, 0], [3, 3, 3]), ([0, 30, 200], [1, 2, 1])],
)
def test_beginnings_lately_are_those_within_the_period_up_to_each(starts: list[int], counts: list[int]) -> None:
    assert grouping.lately([NOON + after(start) for start in starts], after(60)) == counts


@pytest.mark.parametrize(
    ("at", "received", "taken"), [(30, 30, True), (30.1, 30.1, False), (5, 31, False), (5, 6, True)]
)
def test_the_window_looks_at_both_clocks(at: float, received: float, taken: bool) -> None:
    group = Group(opened_at=NOON, last_at=NOON)
    assert grouping.takes(group, Rules(), at=NOON + after(at), received_at=NOON + after(received)) is taken


def test_an_open_group_never_comes_back() -> None:
    rules = Rules(reopen=after(10))
    assert not grouping.comes_back(Group(NOON, NOON), rules, at=NOON, received_at=NOON)


def test_nothing_makes_no_groups() -> None:
    assert grouping.simulate([], Rules()) == []


def test_a_group_ends_when_all_is_over_and_quiet() -> None:
    stream = [seen(0, 1), seen(0.5, 5, problem="b"), seen(5.5, 6, problem="c"), seen(8, 9, problem="d")]
    assert grouping.simulate(stream, Rules(quiet=after(1))) == [0, 0, 0, 1]
    assert grouping.simulate(stream, Rules(quiet=after(3))) == [0, 0, 0, 0]
    assert grouping.simulate(stream, Rules(quiet=after(1), reopen=after(5))) == [0, 0, 0, 0]


def test_keys_are_kept_apart_and_the_order_given_does_not_matter() -> None:
    stream = [seen(0, None, key="x"), seen(1, None, problem="b", key="y"), seen(2, None, problem="c", key="x")]
    assert grouping.simulate(stream, Rules()) == [0, 1, 0]
    assert grouping.simulate(stream[::-1], Rules()) == [0, 1, 0][::-1]


def test_what_goes_on_past_the_window_does_not_renew_it_for_others() -> None:
    rules = Rules(window=after(4), quiet=after(2))
    stream = [seen(minute, minute + 1) for minute in (0, 2, 4, 6, 30)]
    assert grouping.simulate([*stream, seen(31, 32, problem="b")], rules) == [0, 0, 0, 0, 0, 1]


def test_a_flapping_problem_stays_and_its_group_waits_for_the_calm() -> None:
    stream = [seen(minute, minute + 1) for minute in (0, 10, 20, 30, 55, 120)]
    assert grouping.simulate(stream, Rules(quiet=after(1))) == [0, 1, 2, 3, 3, 4]
    assert grouping.simulate(stream, Rules(quiet=after(1), flaps=0)) == [0, 1, 2, 3, 4, 5]
