"""Our statistics against what others published about their data, computed from it; skipped where it is absent."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from incidents.patterns.statistics import control, intervals, pairs, survival

close = pytest.approx
STAGES = ("investigating", "identified", "monitoring", "resolved", "postmortem")
# The services by the names of the table, with the published means: hours to recover, days between failures.
MEANS = {
    "API": (2.56, 5.64),
    "ChatGPT": (3.64, 4.01),
    "Labs": (3.03, 18.24),
    "Playground": (2.95, 39.93),
    "api.anthropic.com": (2.81, 5.22),
    "claude.ai": (3.16, 4.79),
    "console.anthropic.com": (2.05, 5.73),
    "Character.AI": (3.95, 8.74),
}
OPENAI = ("API", "ChatGPT", "Labs", "Playground")
OUTAGES = (
    "api", "chatgpt", "labs", "playground", "api.anthropic.com", "claude.ai", "console.anthropic.com", "character.ai",
)  # fmt: skip
DAYS_OUT = [95, 63, 23, 24, 25, 29, 27, 29]
Rows = Sequence[Mapping[str, str]]


@pytest.fixture(scope="module")
def llm(shared: Path) -> Path:
    return shared / "incident-data" / "llm-service-analysis-icpe25" / "clean"


@pytest.fixture(scope="module")
def rows(llm: Path) -> Rows:
    with (llm / "incident_stages.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def usable(rows: Rows) -> Rows:
    """Those whose stages stand in their order."""
    return [row for row in rows if (told := list(filter(None, stages(row)))) == sorted(told)]


@pytest.fixture(scope="module")
def out(llm: Path) -> dict[str, dict[str, bool]]:
    """Whether a service was out on a day, for the days on which it was observed."""
    days: dict[str, dict[str, bool]] = defaultdict(dict)
    with (llm / "outage_unexploded.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            days[row["Service"]][row["Date"]] = float(row["total_outage_minutes"]) > 0
    return days


def stages(row: Mapping[str, str]) -> list[datetime | None]:
    return [datetime.fromisoformat(at) if (at := row[f"{stage}_timestamp"]) else None for stage in STAGES]


def recovery(rows: Iterable[Mapping[str, str]], service: str) -> list[float]:
    """Hours from the first sign to the end, of the incidents that hit a service and had a first sign."""
    times = [stages(row) for row in rows if row[service] == "1"]
    return [(at[3] - min(filter(None, at[:3]))).total_seconds() / 3600 for at in times if at[3] and any(at[:3])]


def begins(rows: Iterable[Mapping[str, str]], service: str) -> list[float]:
    """When they began, in days."""
    return sorted(
        datetime.fromisoformat(row["start_timestamp"]).timestamp() / 86400 for row in rows if row[service] == "1"
    )


def test_usable_rows(rows: Rows, usable: Rows) -> None:
    assert (len(rows), len(usable)) == (542, 537)
    assert sum(row["postmortem_flag"] == "1" for row in usable) == 33


@pytest.mark.parametrize("service", MEANS)
def test_the_published_means(usable: Rows, service: str) -> None:
    """Means are computed here to compare, and shown nowhere."""
    hours, begun = recovery(usable, service), begins(usable, service)
    gaps = [later - earlier for earlier, later in pairwise(begun)]
    assert (round(sum(hours) / len(hours), 2), round(sum(gaps) / len(gaps), 2)) == MEANS[service]


def test_quantiles_of_providers(usable: Rows) -> None:
    hours = [hour for service in OPENAI for hour in recovery(usable, service)]
    assert len(hours) == 417
    told = [intervals.quantile(hours, at) for at in (0.25, 0.5, 0.75, 1)]
    assert told == [close(0.583333, abs=1e-6), close(1.216667, abs=1e-6), close(2.85), close(81.783333, abs=1e-6)]


def test_months_of_a_vendor_have_one_signal(rows: Rows) -> None:
    months: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["provider"] == "openai":
            months[row["start_timestamp"][:7]] += 1
    named = sorted(months)[-27:]
    chart = control.xmr([months[month] for month in named])
    assert named[0] == "2022-06"
    assert [named[one.place] for one in chart.signals if one.rule == "outside"] == ["2024-03"]


@pytest.mark.parametrize(
    ("service", "median", "within"),
    [("API", 1.99, 0.821), ("ChatGPT", 2.03, 0.822), ("Labs", 3.28, 0.562), ("Playground", 16.8, 0.303)],
)
def test_how_soon_it_comes_back(rows: Rows, service: str, median: float, within: float) -> None:
    now = datetime.fromisoformat("2024-08-31T23:59:59+00:00").timestamp() / 86400
    curve = survival.curve(*survival.gaps(begins(rows, service), now))
    assert curve.median is not None
    assert (round(curve.median, 2), round(1 - curve.at(7), 3)) == (median, within)


def pair(out: Mapping[str, Mapping[str, bool]], one: str, other: str) -> pairs.Pair:
    """Over the days on which both were observed."""
    days = out[one].keys() & out[other].keys()
    both = sum(out[one][day] and out[other][day] for day in days)
    return pairs.Pair(len(days), sum(out[one][day] for day in days), sum(out[other][day] for day in days), both)


def test_days_out_together(out: Mapping[str, Mapping[str, bool]]) -> None:
    matrix = [[pair(out, one, other).both for other in OUTAGES] for one in OUTAGES]
    assert [row[place] for place, row in enumerate(matrix)] == DAYS_OUT
    assert matrix == [list(column) for column in zip(*matrix, strict=True)]
    told = {(one, other): matrix[OUTAGES.index(one)][OUTAGES.index(other)] for one in OUTAGES for other in OUTAGES}
    assert (told["api", "chatgpt"], told["claude.ai", "api.anthropic.com"]) == (31, 24)
    assert (told["claude.ai", "console.anthropic.com"], told["chatgpt", "claude.ai"]) == (26, 7)


@pytest.mark.parametrize(
    ("one", "other", "observed", "lift"),
    [
        ("api", "chatgpt", 565, 4.484),
        ("claude.ai", "api.anthropic.com", 418, 13.84),
        ("chatgpt", "claude.ai", 418, 2.059),
        ("api", "character.ai", 318, 0.71),
    ],
)
def test_lift_on_the_shared_days(
    out: Mapping[str, Mapping[str, bool]], one: str, other: str, observed: int, lift: float
) -> None:
    found = pair(out, one, other)
    assert (found.observed, found.lift) == (observed, close(lift, abs=6e-3))
    if observed == 418 and one == "chatgpt":
        assert found.p_value == close(0.064, abs=1e-3)


def test_durations_of_another_vendor(shared: Path) -> None:
    text = (shared / "incident-data" / "github-statuses" / "incidents.jsonl").read_text(encoding="utf-8")
    told = [json.loads(line) for line in text.splitlines()]
    minutes = [one["duration_minutes"] for one in told if one["impact"] != "maintenance" and one["duration_minutes"]]
    found = intervals.geometric_mean(minutes)
    assert (len(told), len(minutes)) == (819, 779)
    assert (found.value, found.log_deviation) == (close(74.46, abs=5e-3), close(1.125, abs=5e-4))
    assert intervals.quantile(minutes, 0.5) == 76
