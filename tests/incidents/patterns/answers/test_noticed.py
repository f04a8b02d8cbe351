"""Who noticed, and how long monitors were green: shares with their interval, counts where there are few."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import green, noticed
from incidents.patterns.answers.green import Shown
from incidents.patterns.answers.noticed import Noticed
from incidents.patterns.answers.shape import Answer
from incidents.response.vocabulary import DetectedBy
from tests.incidents.patterns.factories import month, window

SOURCES = dict(DetectedBy.choices)
SPRING = window(from_="2026-03-01", to="2026-05-31")


def asked(**found: int) -> Answer:
    rows = [Noticed(month("2026-04"), "" if source == "nobody" else source, count) for source, count in found.items()]
    return noticed.answer(rows, SPRING, sources=SOURCES)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({}, "Too few incidents say who noticed to tell anything: none."),
        ({"nobody": 40, "monitor": 4}, "Too few incidents say who noticed to tell anything: 4."),
        (
            {"vendor": 2, "user_report": 3, "audit": 4, "monitor": 20},
            "So far people outside noticed 5 of 29 incidents before any monitor did, monitors 20.",
        ),
        (
            {"vendor": 2, "user_report": 18, "audit": 5, "monitor": 20, "online_eval": 5},
            (
                "People outside noticed 40 % of incidents before any monitor did (28 to 54 %); "
                "monitors were first in 50 %."
            ),
        ),
        (
            {"monitor": 30},
            (
                "People outside noticed 0 % of incidents before any monitor did (0 to 11 %); "
                "monitors were first in 100 %."
            ),
        ),
    ],
)
def test_the_sentence(found: dict[str, int], says: str) -> None:
    assert asked(**found).headline == says


def test_those_that_do_not_say_are_in_no_share() -> None:
    one = asked(monitor=3, user_report=2, nobody=5)
    shares = {
        line.values["source"]: line.values["share"] for line in one.lines if line.values["month"] == month("2026-04")
    }
    assert (shares["Monitor"], shares["User report"], shares["Not recorded"]) == (0.6, 0.4, None)
    assert one.n == 5
    assert "5 do not say who noticed: they are in no share." in one.notes
    assert set(asked(monitor=4).column("share")) == {None}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["2026-03", "2026-04", "2026-05"]), st.sampled_from(["", *SOURCES])),
        st.integers(1, 40),
        min_size=1,
    )
)
def test_the_figure_is_the_table_by_family(found: dict[tuple[str, str], int]) -> None:
    one = noticed.answer([Noticed(month(at), by, count) for (at, by), count in found.items()], SPRING, sources=SOURCES)
    assert one.figure is not None
    drawn = {
        (day, trace["meta"]): count
        for trace in one.figure["data"]
        for day, count in zip(trace["x"], trace["y"], strict=True)
        if count
    }
    words = {label: value for value, label in SOURCES.items()} | {noticed.NOT_RECORDED: ""}
    told: dict[tuple[str, str], int] = {}
    for line in one.lines:
        key = (line.values["month"].isoformat(), noticed.FAMILIES[words[line.values["source"]]])
        told[key] = told.get(key, 0) + line.values["incidents"]
    assert {key: count for key, count in told.items() if count} == drawn
    assert sum(one.column("incidents")) == sum(found.values())


# ---- green while wrong ----


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "Nobody recorded whether monitors were green while users were hurt."),
        ([Shown("unknown", None, 9)], "Nobody recorded whether monitors were green while users were hurt."),
        ([Shown("no", None, 9)], "Monitors showed all 9 incidents."),
        ([Shown("no", None, 1)], "Monitors showed the one incident."),
        (
            [Shown("yes", None, 6), Shown("yes", 30, 4), Shown("no", None, 2)],
            (
                "Monitors were green while users were hurt in 10 of 12 incidents; "
                "too few of their times are known to say for how long."
            ),
        ),
        (
            [Shown("yes", 30, 3), Shown("yes", 60, 2), Shown("yes", None, 1), Shown("no", None, 2)],
            (
                "Monitors were green while users were hurt in 6 of 8 incidents, at least 3 h 30 in all; "
                "half of these went unnoticed for 30 min or more."
            ),
        ),
    ],
)
def test_green_while_wrong(rows: list[Shown], says: str) -> None:
    assert green.answer(rows).headline == says


def test_times_that_are_not_known_are_told_and_in_no_number() -> None:
    one = green.answer([Shown("yes", 30, 5), Shown("yes", None, 2), Shown("unknown", None, 3)])
    assert one.n == 5
    assert one.column("incidents") == [7, 0, 3]
    assert one.column("timed") == [5, None, None]
    assert one.column("hours") == [5 * 1800, None, None]
    assert list(one.notes) == [
        "Of 2 with green monitors nobody knows for how long: they are in no time.",
        "3 do not say what the monitors showed.",
    ]
