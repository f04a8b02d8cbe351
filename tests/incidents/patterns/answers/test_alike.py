"""Which services fail on the same days: over shared days only, and as others published it for their data."""

from __future__ import annotations

import csv
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from incidents.patterns.answers import alike
from incidents.patterns.answers.alike import Days
from incidents.patterns.answers.shape import Answer, Base

NAMED = (
    "api", "chatgpt", "labs", "playground", "api.anthropic.com", "claude.ai", "console.anthropic.com", "character.ai",
)  # fmt: skip


def service(name: str, *out: int, begun: int = 0, ended: int = 364, tier: str = "Tier 2") -> Days:
    return Days(name.lower(), name, tier, begun, ended, frozenset(out))


def answered(*rows: Days, incidents: int = 400) -> Answer:
    return alike.answer(rows, Base(incidents, incidents, 0, 0))


@pytest.mark.parametrize(
    ("rows", "incidents", "says"),
    [
        ((), 0, "Fewer than two services had an incident, so there is nothing to compare."),
        (
            (service("A", 1), service("B")),
            40,
            "Fewer than two services had an incident, so there is nothing to compare.",
        ),
        (
            (service("A", 1), service("B", 1)),
            2,
            "2 incidents in 2 services: too few to say what fails on the same days.",
        ),
        (
            (service("A", *range(20)), service("B", *range(16, 40))),
            44,
            "No two services failed on the same day 5 times, so nobody can tell whether any belong together.",
        ),
        (
            (service("A", *range(0, 365, 5)), service("B", *range(0, 365, 7))),
            126,
            "No two services fail on the same days more often than chance would have it.",
        ),
        (
            (service("A", *range(20)), service("B", *range(20))),
            40,
            "A and B fail on the same day 18.2 times as often as chance would have it: on 20 days.",
        ),
    ],
)
def test_a_pair_is_named_only_beyond_chance(rows: tuple[Days, ...], incidents: int, says: str) -> None:
    assert answered(*rows, incidents=incidents).headline == says


def test_days_before_the_other_was_there_do_not_count() -> None:
    """Over all days the two would seem to belong together: the one is simply younger."""
    old = service("Old", *range(0, 365, 2))
    young = service("Young", *range(300, 365, 2), begun=300)
    found = alike.pair(old, young)
    assert (found.observed, found.one, found.other, found.both) == (65, 33, 33, 33)
    apart = alike.pair(service("Gone", 3, 9, ended=10), young)
    assert (apart.observed, apart.both, apart.lift) == (0, 0, None)


def test_the_figure_is_the_table() -> None:
    rows = [service(name, *range(place, 365, 3 + place)) for place, name in enumerate("ABCDE")]
    one = answered(*rows)
    assert one.figure is not None
    (drawn,) = one.figure["data"]
    told = {
        tuple(behind["same_day"].split(".")): text
        for text, behind in zip(drawn["text"], drawn["customdata"], strict=True)
        if "same_day" in behind
    }
    assert told == {
        (line.values["one"].lower(), line.values["other"].lower()): str(line.values["days"]) for line in one.lines
    }
    assert one.n == 10


def test_many_services_are_drawn_by_tier_and_name_only_as_far_as_can_be_read() -> None:
    one = answered(*(service(f"S{place:02}", *range(place, 365, 7)) for place in range(20)))
    assert one.figure is not None
    assert one.figure["layout"]["yaxis"]["ticktext"][0] == "1 S00"
    assert len(one.figure["layout"]["yaxis"]["ticktext"]) == 12
    assert one.notes[0] == "The figure shows the first 12 of 20 services, by tier and name."


# ---- what others published ----


@pytest.fixture(scope="module")
def observed(shared: Path) -> dict[str, Days]:
    """Each service with the days on which it was out, over those on which it was watched."""
    path = shared / "incident-data" / "llm-service-analysis-icpe25" / "clean" / "outage_unexploded.csv"
    days: dict[str, dict[int, bool]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["Date"][:10]).toordinal()
            days.setdefault(row["Service"], {})[day] = float(row["total_outage_minutes"]) > 0
    return {
        name: Days(name, name, "", min(of), max(of), frozenset(day for day, out in of.items() if out))
        for name, of in days.items()
        if name in NAMED
    }


def test_the_published_matrix(observed: dict[str, Days]) -> None:
    assert [len(observed[name].out) for name in NAMED] == [95, 63, 23, 24, 25, 29, 27, 29]
    both = {pair: alike.pair(observed[pair[0]], observed[pair[1]]).both for pair in combinations(NAMED, 2)}
    assert both["api", "chatgpt"] == 31
    assert both["api.anthropic.com", "claude.ai"] == 24
    assert both["claude.ai", "console.anthropic.com"] == 26
    assert both["chatgpt", "claude.ai"] == 7
    one = alike.answer(list(observed.values()), Base(537, 537, 0, 0))
    assert {(line.values["one"], line.values["other"]): line.values["days"] for line in one.lines} == {
        tuple(sorted(pair)): days for pair, days in both.items() if days
    }


@pytest.mark.parametrize(
    ("one", "other", "watched", "lift"),
    [
        ("api", "chatgpt", 565, 4.484),
        ("claude.ai", "api.anthropic.com", 418, 13.84),
        ("chatgpt", "claude.ai", 418, 2.059),
        ("api", "character.ai", 318, 0.71),
    ],
)
def test_the_published_lift_on_the_shared_days(
    observed: dict[str, Days], one: str, other: str, watched: int, lift: float
) -> None:
    found = alike.pair(observed[one], observed[other])
    assert (found.observed, found.lift) == (watched, pytest.approx(lift, abs=6e-3))
