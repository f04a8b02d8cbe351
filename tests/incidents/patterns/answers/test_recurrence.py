"""What comes back, how soon, where more than its share, and whether fixes held."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.patterns.answers import fixes, recurrence, repeats
from incidents.patterns.answers.fixes import Fix
from incidents.patterns.answers.recurrence import Gap
from incidents.patterns.answers.repeats import Hits, Watched
from incidents.patterns.answers.shape import Answer, Base
from incidents.patterns.statistics import survival

MARCH = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
DAY = 24


def back(*days: float, still: Sequence[float] = (), incidents: int = 100, untold: int = 0) -> Answer:
    gaps = [*(Gap(day * DAY, True) for day in days), *(Gap(day * DAY, False) for day in still)]
    return recurrence.answer(gaps, untold, Base(incidents, incidents, 0, 0))


@pytest.mark.parametrize(
    ("days", "still", "incidents", "says"),
    [
        ((), (), 100, "Too few findings with a mode and a service to say what comes back: none."),
        ((3,), (4, 5, 6), 100, "Too few findings with a mode and a service to say what comes back: 4."),
        ((), (4, 5, 6, 7, 8), 100, "Nothing came back so far: 5 failures, no mode twice in a service."),
        ((3, 4, 5), (6, 7), 29, "So far 3 of 5 came back: too few to say how soon."),
        ((3, 4, 5), (6, 7), 30, "Half come back within 5 days."),
        ((1, 1, 1), (6, 7), 30, "Half come back within 24 h."),
        ((3, 4, 5), (60, 70), 30, "Half come back within 5 days; 60 % within 30 days (25 to 95 %)."),
        ((3,), (60, 70, 80, 90), 30, "Fewer than half come back: 20 % within 30 days (3 to 80 %)."),
        ((3,), (6, 7, 8, 9), 30, "Fewer than half came back so far."),
    ],
)
def test_how_soon_is_said_only_as_far_as_it_can_be(
    days: tuple[float, ...], still: tuple[float, ...], incidents: int, says: str
) -> None:
    assert back(*days, still=still, incidents=incidents).headline == says


def test_what_has_not_come_back_counts_as_longer() -> None:
    told = {line.values["within"]: line.values for line in back(3, 10, 40, still=(5, 35, 100, 100)).lines}
    assert list(told) == ["1 day", "7 days", "30 days", "90 days"]
    assert (told["7 days"]["returned"], told["7 days"]["watched"]) == (1, 5)
    assert told["1 day"]["share"] == 0
    assert told["30 days"]["share"] == pytest.approx(1 - 6 / 7 * 4 / 5)


def test_few_have_counts_and_no_shares() -> None:
    few = back(3, still=(100, 100))
    assert few.figure is None
    assert few.column("returned") == [0, 1, 1, 1]
    assert set(few.column("share")) == {None}


spans = st.lists(st.tuples(st.integers(0, 9000), st.booleans(), st.integers(1, 4)), min_size=1, max_size=40)


@given(spans)
def test_the_table_lies_on_the_curve_of_the_figure(given_spans: list[tuple[int, bool, int]]) -> None:
    gaps = [Gap(float(hours), ended, count) for hours, ended, count in given_spans]
    one = recurrence.answer(gaps, 0, Base(100, 100, 0, 0))
    assert one.n == sum(gap.count for gap in gaps)
    for line in one.lines:
        share, low, high = (line.values[name] for name in ("share", "low", "high"))
        if share is not None:
            assert low - 1e-9 <= share <= high + 1e-9
    if one.figure is None:
        return
    drawn = one.figure["data"][-1]
    assert drawn["y"] == sorted(drawn["y"])
    for line in one.lines:
        hours = int(line.values["within"].split()[0]) * DAY
        reached = [y for x, y in zip(drawn["x"], drawn["y"], strict=True) if x <= hours]
        assert line.values["share"] is None or reached[-1] == pytest.approx(line.values["share"])


def test_what_cannot_say_whether_it_came_back_is_counted() -> None:
    told = "7 findings name no mode or no service, so nobody can tell whether they came back."
    assert told in back(3, 4, 5, 6, 7, untold=7).notes


# ---- as computed from published data ----


@pytest.mark.parametrize(
    ("service", "median", "within"),
    [("API", 1.99, 0.821), ("ChatGPT", 2.03, 0.822), ("Labs", 3.28, 0.562), ("Playground", 16.8, 0.303)],
)
def test_how_soon_a_vendor_fails_again(shared: Path, service: str, median: float, within: float) -> None:
    path = shared / "incident-data" / "llm-service-analysis-icpe25" / "clean" / "incident_stages.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows: list[Mapping[str, str]] = [row for row in csv.DictReader(file) if row[service] == "1"]
    begun = [datetime.fromisoformat(row["start_timestamp"]).timestamp() / 3600 for row in rows]
    now = datetime.fromisoformat("2024-08-31T23:59:59+00:00").timestamp() / 3600
    gaps = [Gap(hours, ended) for hours, ended in zip(*survival.gaps(begun, now), strict=True)]
    found = recurrence.curve(gaps)
    assert found.median is not None
    assert round(found.median / DAY, 2) == median
    (week,) = [line for line in back_of(gaps).lines if line.values["within"] == "7 days"]
    assert round(week.values["share"], 3) == within


def back_of(gaps: Sequence[Gap]) -> Answer:
    return recurrence.answer(gaps, 0, Base(500, 500, 0, 0))


# ---- more than elsewhere ----


def hits(service: str, mode: str, incidents: int) -> Hits:
    return Hits(service.lower(), service, mode.lower(), mode, "data", incidents)


def compared(found: Sequence[Hits], *watched: tuple[str, float], incidents: int = 100) -> Answer:
    rows = [Watched(name.lower(), name, days) for name, days in watched]
    return repeats.answer(found, rows, Base(incidents, incidents, 0, 0))


TWO = (("A", 365.0), ("B", 365.0))


@pytest.mark.parametrize(
    ("found", "watched", "incidents", "says"),
    [
        ((), TWO, 100, "No failure mode came back in the same service."),
        ((hits("A", "M", 1),), TWO, 100, "No failure mode came back in the same service."),
        (
            (hits("A", "M", 9),),
            TWO,
            29,
            "1 mode came twice or more in a service: too few incidents to say whether that is chance.",
        ),
        (
            (hits("A", "M", 9),),
            TWO[:1],
            100,
            "1 mode came twice or more in a service; with one service there is nothing to compare with.",
        ),
        (
            (hits("A", "M", 4), hits("B", "M", 4)),
            TWO,
            100,
            "No mode came 5 times in a service, so nobody can tell whether any comes back beyond chance.",
        ),
        (
            (hits("A", "M", 20), hits("B", "M", 20)),
            TWO,
            100,
            "No mode comes back in any service more often than its days in service would have it.",
        ),
        ((hits("A", "M", 30), hits("B", "M", 5)), TWO, 100, "“M” comes back in A: 30 times, 17.5 expected."),
        (
            (hits("A", "M", 30), hits("B", "M", 30)),
            (("A", 300.0), ("B", 30.0)),
            100,
            "“M” comes back in B: 30 times, 5.5 expected.",
        ),
    ],
)
def test_a_repeat_is_named_only_beyond_its_share_by_days_in_service(
    found: tuple[Hits, ...], watched: tuple[tuple[str, float], ...], incidents: int, says: str
) -> None:
    assert compared(found, *watched, incidents=incidents).headline == says


def test_services_without_the_mode_widen_the_family() -> None:
    """The same count is less of a surprise among a hundred services that were all looked at."""
    found = (hits("A", "M", 9), *(hits("B", f"N{place}", 5) for place in range(3)))
    near = compared(found, *TWO).column("p_value")[0]
    far = compared(found, *TWO, *((f"S{place}", 7.3) for place in range(100))).column("p_value")[0]
    assert near < far


@given(st.dictionaries(st.tuples(st.sampled_from("ABC"), st.sampled_from("MNOP")), st.integers(1, 40)))
def test_expectations_add_up_and_the_figure_is_the_table(given_hits: dict[tuple[str, str], int]) -> None:
    found = [hits(service, mode, count) for (service, mode), count in given_hits.items()]
    one = compared(found, ("A", 365.0), ("B", 100.0), ("C", 20.0))
    assert one.n == len(one.lines) == sum(count > 1 for count in given_hits.values())
    for line in one.lines:
        total = sum(count for (_, mode), count in given_hits.items() if mode == line.values["mode"])
        days = {"A": 365.0, "B": 100.0, "C": 20.0}[line.values["service"]]
        assert line.values["expected"] == pytest.approx(total * days / 485)
    if one.figure is not None:
        bars, strokes = one.figure["data"]
        assert bars["x"] == one.column("incidents")[:12]
        assert strokes["x"] == one.column("expected")[:12]
        assert bars["customdata"] == [line.behind for line in one.lines][:12]


# ---- did the fix hold? ----


def fix(place: int, *, again: int | None = None, watched: int = 60) -> Fix:
    """Verified so many days after MARCH, and back after so many days; else watched for that long."""
    verified = MARCH + timedelta(days=place)
    return Fix(
        f"Fix {place}", "A", "M", "data", verified, None if again is None else 7,
        None if again is None else verified + timedelta(days=again), verified + timedelta(days=watched), f"/p/{place}/",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "untold", "says"),
    [
        ([], 0, "No action was verified in this time, so nobody can tell whether fixes hold."),
        ([], 3, "None of 3 verified actions says which mode it prevents, so nobody can tell whether they hold."),
        ([fix(1)], 0, "The 1 verified fix has held so far: too few to say more."),
        ([fix(1), fix(2)], 0, "All 2 verified fixes held so far: too few to say more."),
        (
            [fix(1), fix(2, again=12)],
            0,
            "1 of 2 verified fixes held so far: too few to say more; what 1 was to prevent came back after 12 d.",
        ),
        ([fix(place) for place in range(6)], 0, "All 6 verified fixes held so far."),
        (
            [*(fix(place) for place in range(6)), fix(7, again=12), fix(8, again=30)],
            2,
            "6 of 8 verified fixes held so far; what 2 were to prevent came back, the first after 12 d.",
        ),
    ],
)
def test_whether_fixes_held(found: list[Fix], untold: int, says: str) -> None:
    assert fixes.answer(found, untold).headline == says


def test_those_that_did_not_hold_come_first_and_lead_to_their_postmortem() -> None:
    one = fixes.answer([fix(1), fix(2, again=12), fix(3)], 0)
    assert one.column("action") == ["Fix 2", "Fix 3", "Fix 1"]
    assert one.column("held") == ["no", "yes", "yes"]
    assert one.column("again") == [7, None, None]
    assert one.column("watched") == [12 * 86400, 60 * 86400, 60 * 86400]
    assert one.lines[0].behind == {"address": "/p/2/"}


def test_with_enough_the_share_that_comes_back_is_told() -> None:
    found = [*(fix(place, watched=120) for place in range(36)), *(fix(place, again=50) for place in range(4))]
    assert "Within 90 days: 10 % (4 to 24 %)." in fixes.answer(found, 0).caption
    assert "Within" not in fixes.answer(found[:29], 0).caption


def test_a_fix_that_was_opened_again_is_not_told_to_hold() -> None:
    answer = fixes.answer([replace(fix(place), opened_again=True) for place in (1, 2)] + [fix(3), fix(4, again=9)], 0)
    assert answer.headline == (
        "1 of 4 verified fixes held so far: too few to say more; what 1 was to prevent came back after 9 d; "
        "2 were opened again."
    )
    assert sorted(answer.column("held")) == ["no", "opened again", "opened again", "yes"]
