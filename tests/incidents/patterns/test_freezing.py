"""What a review keeps of an answer is the answer: nothing is lost on the way to JSON and back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns import freezing
from incidents.patterns.answers.shape import Answer, Column, Line
from incidents.patterns.questions.asking import Question

QUESTION = Question("layers", "Which layers fail?", lambda _: ANSWER)
MOMENTS = st.datetimes(timezones=st.just(UTC))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.dates(),
    MOMENTS,
)
ANSWER = Answer(
    headline="Data is in 40 % of incidents.",
    caption="Of 10.",
    columns=(Column("month", "Month", "month"), Column("seen", "Seen", "moment"), Column("share", "Share", "share")),
    lines=[
        Line(
            {"month": date(2026, 3, 1), "seen": datetime(2026, 3, 4, 5, 6, tzinfo=UTC), "share": 0.4}, {"layer": "data"}
        )
    ],
    n=10,
    figure={"data": [{"x": ["2026-03"], "customdata": [{"layer": "data"}, None]}], "layout": {}},
    notes=["None in org."],
    height="tall",
    pivot=("month", "seen", "share"),
)


def test_an_answer_comes_back_as_it_was() -> None:
    kept = json.loads(json.dumps(freezing.frozen(QUESTION, ANSWER)))
    back = freezing.thawed(kept)
    assert back == ANSWER
    assert (freezing.question_of(kept).slug, freezing.question_of(kept).title) == ("layers", "Which layers fail?")


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES})), st.dictionaries(st.text(), st.text()))
def test_whatever_its_rows_hold(rows: list[dict[str, object]], behind: dict[str, str]) -> None:
    lines = [Line(row, behind) for row in rows]
    given_ = Answer("One.", "Of all.", (Column("a", "A"), Column("b", "B")), lines, 3, notes=["None."])
    assert freezing.thawed(json.loads(json.dumps(freezing.frozen(QUESTION, given_)))) == given_


def test_what_a_later_version_does_not_know_is_left_out_and_what_it_lacks_is_as_by_default() -> None:
    kept = freezing.frozen(QUESTION, ANSWER) | {"colour_of_old": "mauve"}
    kept["columns"][0]["width_of_old"] = 3
    del kept["notes"]
    back = freezing.thawed(kept)
    assert (back.columns, back.notes) == (ANSWER.columns, ())


def test_numbers_of_the_statistics_library_are_kept_and_what_is_no_number_is_not_known() -> None:
    values = {"a": np.int64(7), "b": np.float64(0.25), "c": Decimal("12.5"), "d": float("nan"), "e": np.bool_(True)}
    columns = tuple(Column(name, name) for name in values)
    answer = Answer("One.", "Of all.", columns, [Line(values)], 1, figure={"data": [{"y": np.array([1, 2])}]})
    back = freezing.thawed(freezing.frozen(QUESTION, answer))
    assert back.lines[0].values == {"a": 7, "b": 0.25, "c": 12.5, "d": None, "e": True}
    assert back.figure == {"data": [{"y": [1, 2]}]}
