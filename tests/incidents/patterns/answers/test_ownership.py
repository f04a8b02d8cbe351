"""What is said of owners and hand-offs follows from gaps and counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import handoffs, ownership
from incidents.patterns.answers.handoffs import Passed
from incidents.patterns.answers.ownership import Gap, Opened, Service
from incidents.patterns.answers.shape import Answer, Base

MANY = Base(incidents=500, tagged=400, untagged=0, open=0)
FEW = Base(incidents=29, tagged=29, untagged=0, open=0)
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def service(number: int, *gaps: tuple[int, int] | tuple[int, int, bool], days: int = 100, name: str = "") -> Service:
    """A service that was there for so many days, with gaps from day to day, on purpose or not."""
    drawn = [Gap(JANUARY + gap[0] * DAY, JANUARY + gap[1] * DAY, len(gap) == 3 and bool(gap[2])) for gap in gaps]
    return Service(number, f"s{number}", name or f"S{number}", "t1", JANUARY, JANUARY + days * DAY, drawn)


def opened(number: int | None, unowned: int, known: int, incidents: int | None = None) -> Opened:
    named = (f"s{number}", f"S{number}", "t1") if number else (None, None, None)
    return Opened(number, *named, incidents if incidents is not None else known, known, unowned)


def answered(services: list[Service], *incidents: Opened, base: Base = MANY) -> Answer:
    return ownership.answer(services, incidents, base)


@pytest.mark.parametrize(
    ("services", "incidents", "says"),
    [
        ([], [], "No service was there in this time."),
        ([], [opened(None, 2, 3)], "2 of 3 incidents opened with nobody accountable."),
        ([service(1)], [], "Somebody was accountable for every service all the time."),
        (
            [service(1, (0, 9, True))],
            [opened(1, 0, 4)],
            (
                "Somebody was accountable for every service all the time, or none on purpose; "
                "0 of 4 incidents opened with nobody accountable."
            ),
        ),
        ([service(1, (0, 5), (20, 25))], [], "Nobody was accountable for 10 % of the time, of the only service."),
        (
            [service(1, (0, 5), (20, 25)), service(2), service(3, (0, 10, True))],
            [opened(1, 3, 8), opened(None, 1, 2)],
            (
                "Nobody was accountable for 3 % of the time, in 1 of 3 services; "
                "4 of 10 incidents opened with nobody accountable."
            ),
        ),
    ],
)
def test_the_sentence(services: list[Service], incidents: list[Opened], says: str) -> None:
    assert answered(services, *incidents).headline == says


def test_incidents_have_their_interval_and_few_have_none() -> None:
    rows = [opened(1, 12, 80)]
    assert "15 % of incidents opened with nobody accountable (9 to 24 %)" in answered([service(1)], *rows).caption
    assert "(" not in answered([service(1)], *rows, base=FEW).caption
    assert "(" not in answered([service(1)], opened(1, 1, 4)).caption


def test_what_is_not_recorded_and_what_is_not_narrowed_is_told() -> None:
    one = ownership.answer(
        [service(1)], [opened(1, 1, 4, incidents=9)], Base(9, 0, 0, 0), narrowed=("severity", "who noticed")
    )
    assert list(one.notes) == [
        "Filtering by severity and who noticed narrows the incidents, not the time of the services.",
        "Of 5 incidents it is not recorded who was accountable.",
    ]


def test_two_services_of_one_name_are_told_apart() -> None:
    one = answered([service(1, name="Search"), service(2, name="Search")])
    assert one.column("service") == ["Search (s1)", "Search (s2)"]


def test_of_many_services_those_with_gaps_are_drawn() -> None:
    one = answered([service(number, *([(0, 1)] if number > 20 else [])) for number in range(1, 41)])
    assert one.figure is not None
    drawn = one.figure["layout"]["yaxis"]["categoryarray"]
    assert drawn == [f"S{number}" for number in [*range(1, 5), *range(21, 41)]]
    assert len(one.lines) == 40
    assert "16 more services are in the table; those drawn have the gaps first." in one.notes


strips = st.lists(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.booleans()), max_size=5), min_size=1, max_size=9
)


@given(strips)
def test_the_figure_is_the_table(drawn: list[list[tuple[int, int, bool]]]) -> None:
    services = []
    for number, stretches in enumerate(drawn, 1):
        gaps, at = [], 0
        for pause, long, on_purpose in stretches:
            gaps.append((at + pause, at + pause + long, on_purpose))
            at += pause + long
        services.append(service(number, *gaps))
    one = answered(services, *(opened(number, number % 3, 5) for number in range(1, len(services) + 1)))
    assert one.figure is not None
    summed = {
        (trace["meta"], line.values["service"]): sum(
            length for name, length in zip(trace["y"], trace["x"], strict=True) if name == line.values["service"]
        )
        for trace in one.figure["data"]
        for line in one.lines
    }
    for line in one.lines:
        for kind, column in (("there", "there"), ("nobody", "unowned"), ("on_purpose", "on_purpose")):
            assert summed.get((kind, line.values["service"]), 0) == line.values[column] * 1000
    assert one.n == sum(one.column("known"))
    behind = {line.values["service"]: line.behind for line in one.lines}
    for trace in one.figure["data"]:
        assert trace["customdata"] == [behind[name] for name in trace["y"]]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "No incidents in this time."),
        ([Passed(0, False, 1)], "The only incident was not handed on."),
        ([Passed(0, False, 9)], "No incident was handed on."),
        ([Passed(2, True, 1)], "The only incident was handed on, 1 of them straight back."),
        ([Passed(0, False, 9), Passed(1, False, 3)], "3 of 12 incidents were handed on, none of them straight back."),
        (
            [Passed(0, False, 9), Passed(3, False, 3), Passed(3, True, 2), Passed(5, True, 1)],
            "6 of 15 incidents were handed on, 3 of them straight back.",
        ),
    ],
)
def test_hand_offs(rows: list[Passed], says: str) -> None:
    assert handoffs.answer(rows, MANY).headline == says


passed = st.dictionaries(st.tuples(st.integers(0, 5), st.booleans()), st.integers(1, 60)).map(
    lambda found: [Passed(times, back and times > 1, count) for (times, back), count in found.items()]
)


@given(passed)
def test_hand_offs_add_up_and_the_figure_is_the_table(rows: list[Passed]) -> None:
    one = handoffs.answer(rows, MANY)
    total = sum(row.incidents for row in rows)
    assert one.n == total
    if not total:
        assert not one.lines
        return
    assert sum(one.column("incidents")[:-1]) == total
    assert one.column("incidents")[-1] == sum(row.incidents for row in rows if row.back)
    assert (one.figure is None) == (total < 5)
    if one.figure is not None:
        (bars,) = one.figure["data"]
        assert (bars["y"], bars["x"]) == (one.column("passed"), one.column("share"))


def test_few_incidents_have_no_shares_of_hand_offs() -> None:
    one = handoffs.answer([Passed(0, False, 20)], FEW)
    assert one.figure is None
    assert set(one.column("share")) == {None}
