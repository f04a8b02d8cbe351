"""A list of incidents says by which mark it was reached."""

from __future__ import annotations

import pytest

from incidents.patterns.answers.kinds import SEAM
from incidents.patterns.answers.modes import NO_MODE
from incidents.patterns.queries import marks
from incidents.patterns.selection import NAMES, Selection
from incidents.patterns.wording import OF_ANY, OF_ONE, selected
from incidents.response.vocabulary import Green

CLOSED = {
    "green": Green.values,
    "owned": marks.OWNED,
    "hurt": marks.HURT,
    "only": marks.ONLY,
    "returned": ("yes", "no"),
}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "layer"])
def test_each_part_of_a_selection_has_its_words(name: str) -> None:
    assert name in OF_ANY or {value for part, value in OF_ONE if part == name} == set(CLOSED[name])


def test_the_parts_are_told_and_the_layer_and_month_are_not_told_twice() -> None:
    assert selected(Selection(layer="data", blame="model", green="yes", mode="data.stale_index")) == [
        "failure mode stale index",
        "first blamed: model",
        "monitors were green",
    ]
    assert selected(Selection()) == []


def test_what_stands_for_none_is_told_as_none() -> None:
    assert selected(Selection(mode=NO_MODE, kind=SEAM, handed="0")) == [
        "without a failure mode",
        "at a seam",
        "never handed on",
    ]
