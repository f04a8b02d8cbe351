"""What the sentence says of who was hurt more than promised follows from the table; unknown is told, never counted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import hurt
from incidents.patterns.answers.hurt import Objective, Pain
from incidents.patterns.answers.shape import Answer
from incidents.patterns.window import NO_SERVICE
from tests.incidents.patterns.factories import month, window

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = 3600.0
JUNE = window(from_="2026-06-01", to="2026-06-30")  # 99 % allow 7 h 12


def pain(service: int, low: float, high: float | None = None, *, known: int = 1, unknown: int = 0) -> Pain:
    """Hours in June."""
    most = low if high is None else high
    return Pain(service, month("2026-06"), known, unknown, known, unknown, low * HOUR, most * HOUR)


def asked(*pains: Pain, percent: float | None = 99) -> Answer:
    objectives = {
        number: Objective(f"s{number}", f"Service {number}", percent, LONG_AGO, None) for number in range(1, 9)
    }
    return hurt.answer(pains, objectives, JUNE)


@pytest.mark.parametrize(
    ("pains", "percent", "says"),
    [
        ([], 99, "No incident hurt users in June 2026."),
        (
            [pain(1, 0, known=0, unknown=1)],
            99,
            (
                "How much it hurt cannot be told: of 1 incident in June 2026 none has both its start "
                "and its share of traffic on record."
            ),
        ),
        (
            [pain(1, 0, known=0, unknown=2), pain(2, 0, known=0, unknown=1)],
            99,
            (
                "How much it hurt cannot be told: of 3 incidents in June 2026 none has both its start "
                "and its share of traffic on record."
            ),
        ),
        (
            [pain(1, 10), pain(2, 1)],
            99,
            "Service 1 hurt its users more than its objective allows: at least 10 h, allowed 7 h 12.",
        ),
        ([pain(1, 10), pain(2, 8)], 99, "Service 1 and Service 2 hurt their users more than their objectives allow."),
        (
            [pain(number, 10) for number in range(1, 6)],
            99,
            "Service 1, Service 2, Service 3 and 2 more hurt their users more than their objectives allow.",
        ),
        (
            [pain(1, 2, 8, unknown=1)],
            99,
            (
                "Service 1 may have hurt its users more than its objective allows: 2 h to 8 h, allowed 7 h 12; "
                "1 of 2 incidents is unknown and not in it."
            ),
        ),
        (
            [pain(1, 2, 8), pain(2, 3, 9)],
            99,
            "Service 2 and Service 1 may have hurt their users more than their objectives allow.",
        ),
        ([pain(1, 7.2)], 99, "No service hurt its users more than its objective allows."),
        (
            [pain(1, 2), pain(2, 0, known=0, unknown=2)],
            99,
            (
                "As far as is known, no service hurt its users more than its objective allows; "
                "2 of 3 incidents are unknown and not in it."
            ),
        ),
        (
            [pain(1, 2), pain(0, 1)],
            99,
            "As far as is known, no service hurt its users more than its objective allows.",
        ),
        (
            [pain(1, 2), pain(2, 1)],
            None,
            "Users were hurt for at least 3 h in June 2026, and no objective says how much is too much.",
        ),
    ],
)
def test_the_sentence(pains: list[Pain], percent: float | None, says: str) -> None:
    assert asked(*pains, percent=percent).headline == says


PAINS = st.lists(
    st.builds(
        lambda service, low, more, known, unknown: pain(
            service, low * bool(known), (low + more) * bool(known), known=known, unknown=unknown + (not known)
        ),
        st.integers(0, 8),
        st.floats(0, 20),
        st.floats(0, 5),
        st.integers(0, 4),
        st.integers(0, 3),
    ),
    max_size=9,
    unique_by=lambda one: one.service,
)


@given(PAINS)
def test_the_figure_draws_the_lines_of_all_months_and_the_sentence_their_sum(pains: list[Pain]) -> None:
    answer = asked(*pains)
    wholes = [line.values for line in answer.lines if line.values["month"] == hurt.ALL]
    assert len(answer.lines) == 2 * len(wholes)
    if not wholes:
        assert answer.figure is None
        return
    assert answer.figure is not None
    traces = {trace.get("name", "words"): trace for trace in answer.figure["data"]}
    assert traces["at least"]["x"] == [one["low"] or 0 for one in wholes]
    spread = traces.get("at most", {"x": [0] * len(wholes)})["x"]
    assert spread == [(one["high"] or 0) - (one["low"] or 0) for one in wholes]
    allowed = [one["allowed"] for one in wholes]
    assert set(traces["allowed"]["x"]) <= set(allowed)
    for text, one in zip(traces["words"]["text"], wholes, strict=True):
        assert (f"{one['unknown']} unknown" in text) == bool(one["unknown"])
    over = [one for one in wholes if one["low"] is not None and one["allowed"] and one["low"] > one["allowed"]]
    assert (" hurt " in answer.headline and "may have" not in answer.headline) or not over
    for one in over[:3]:
        assert one["service"] in answer.headline
    assert answer.n == sum(one["incidents"] - one["unknown"] for one in wholes)


def test_a_service_without_a_name_has_no_objective_and_is_not_told_to_lack_one() -> None:
    answer = asked(pain(0, 3), pain(1, 1), percent=None)
    assert [line.values["service"] for line in answer.lines[::2]] == ["No service named", "Service 1"]
    assert answer.lines[0].behind == {"service": NO_SERVICE, "hurt": "any"}
    assert "Without an objective: Service 1." in answer.notes


def test_what_is_unknown_is_a_dash_and_no_share_of_the_budget() -> None:
    values: dict[str, Any] = dict(asked(pain(1, 0, known=0, unknown=3)).lines[0].values)
    assert (values["low"], values["high"], values["used"], values["unknown"]) == (None, None, None, 3)
