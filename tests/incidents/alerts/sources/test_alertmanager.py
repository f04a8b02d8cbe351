"""Alertmanager's adapter: our own small payloads, and the real ones of the shared folder by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.alerts.sources import alertmanager
from incidents.alerts.sources.reading import Parsed, Reading, State
from incidents.alerts.sources.times import rfc3339
from tests.incidents.alerts.factories import utc

OURS = Path(__file__).parent.parent / "payloads" / "alertmanager"
NOW = utc("2026-11-20 12:30")

# file: states of its readings, how many rejections
EXPECTED = {
    "firing": (["firing", "firing"], 0),
    "resolved": (["resolved"], 0),
    "one_fingerprint_twice": (["firing", "resolved"], 0),
    "no_statuses": (["firing", "resolved", "firing"], 0),
    "odd_times": (["firing", "firing", "firing", "firing", "resolved", "firing"], 0),
    "hostile": (["firing"], 0),
    "no_summary": (["firing", "firing", "firing", "firing"], 0),
    "fragment": ([], 1),
    "wrong_states": (["firing"], 4),
    "truncated": (["firing"], 1),
    "empty": ([], 1),
    "empty_but_cut_off": ([], 2),
    "from_prometheus": (["firing", "resolved"], 1),
    "as_numbers": (["firing", "resolved"], 1),
    "common_labels_only": (["resolved"], 0),
    "through_sns": (["firing"], 0),
}

# Of the shared folder: state, severity, title, event time of each reading; or a piece of the stated rejection.
SHARED: dict[str, list[tuple[str, str, str, str | None]] | str] = {
    "01-zulip-alert.json": [("firing", "critical", "High CPU core temperature", "2020-02-06 00:17:58.432911")] * 2,
    "03-alerta-prometheus-v3-alert.json": [("firing", "critical", "Connect fail", "2016-08-01 10:27:08.008")],
    "09-keep-mock-mqthirdfull-message-queue-is-over-33.json": "no `alerts` list",
    "11-keep-mock-diskspacelow.json": "no `alerts` list",
    "13-cloudforet-params1-firing.json": [
        ("firing", "critical", "Prometheus is failing rule evaluations.", "2021-08-23 05:16:56.154")
    ]
    * 2,
    "24-prometheus-bot-nogenurl.json": [
        ("resolved", "critical", f"Service {host} down", None)
        for host in (
            *("mail01.example.com", "mail02.example.com", "mail02.example.com", "example.com"),
            *("smpt01.example.com", "smpt02.example.com", "smpt04.example.com", "mail01.example.com"),
        )
    ],
    "26-prometheus-bot-simpe.json": [("firing", "medium", "Oops, something happend!", "2016-04-27 20:46:37.903")],
    "29-am-bot-resolved.json": [("resolved", "critical", "Fire", "2018-11-04 21:48:13.283995")],
}


def parse(body: bytes) -> Parsed:
    return alertmanager.parse(body, {}, received_at=NOW)


def ours(name: str) -> Parsed:
    return parse((OURS / f"{name}.json").read_bytes())


def test_each_of_our_payloads_is_named_here() -> None:
    assert {path.stem for path in OURS.glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_ours(name: str) -> None:
    states, rejections = EXPECTED[name]
    parsed = ours(name)
    assert [reading.state.value for reading in parsed.readings] == states
    assert len(parsed.rejections) == rejections
    assert all(rejection.reason for rejection in parsed.rejections)


def test_each_shared_payload_is_named_here(shared: Path) -> None:
    assert {path.name for path in (shared / "payloads" / "alertmanager").iterdir()} == set(SHARED)


@pytest.mark.parametrize("name", SHARED)
def test_shared(shared: Path, name: str) -> None:
    parsed = parse((shared / "payloads" / "alertmanager" / name).read_bytes())
    expected = SHARED[name]
    if isinstance(expected, str):
        assert not parsed.readings
        assert expected in parsed.rejections[0].reason
        return
    assert not parsed.rejections
    told = [(one.state.value, one.severity.value, one.title, one.event_time) for one in parsed.readings]
    assert told == [(*said, utc(at) if at else None) for *said, at in expected]


# ---- keys ----


def test_the_fingerprint_is_alertmanagers_own_where_it_is_missing(shared: Path) -> None:
    """Computed over the labels it is what Alertmanager sent, so senders with and without it agree."""
    body = json.loads((shared / "payloads" / "alertmanager" / "13-cloudforet-params1-firing.json").read_bytes())
    for alert in body["alerts"]:
        assert alertmanager.fingerprint_of(alert["labels"]) == alert["fingerprint"]


def test_missing_fingerprints_follow_the_labels() -> None:
    first, ended, later = ours("no_statuses").readings
    assert len({first.problem_key, ended.problem_key, later.problem_key}) == 3
    assert first.problem_key == alertmanager.fingerprint_of(first.labels)


def test_alerts_of_one_fingerprint_stay_two_readings() -> None:
    first, second = ours("one_fingerprint_twice").readings
    assert first.problem_key == second.problem_key
    assert (first.event_time, second.event_time) == (utc("2026-11-20 12:10"), utc("2026-11-20 12:05"))


# ---- times ----


def test_times() -> None:
    offset, zero, words, wrong, naive, number = ours("odd_times").readings
    assert offset.event_time == datetime(2026, 11, 20, 6, 30, 0, 123456, tzinfo=UTC)
    assert (zero.event_time, words.event_time, wrong.event_time) == (None, None, None)
    assert number.event_time == datetime(2025, 11, 20, 12, tzinfo=UTC)
    assert (naive.event_time, naive.started_at) == (None, None)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00"])
def test_the_ends_of_the_calendar_are_not_set(text: str) -> None:
    assert rfc3339(text) is None


def test_nine_digits_and_offsets() -> None:
    assert ours("firing").readings[0].event_time == datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
    (resolved,) = ours("resolved").readings
    assert (resolved.started_at, resolved.event_time) == (utc("2026-11-20 11:00"), utc("2026-11-20 11:07:30"))


def test_an_end_in_the_future_is_no_resolve() -> None:
    *_, later = ours("no_statuses").readings
    assert later.state is State.FIRING
    assert ours("from_prometheus").readings[0].state is State.FIRING


# ---- words ----


def test_severity_is_mapped_and_kept_raw() -> None:
    critical, warning = ours("firing").readings
    assert (critical.severity, critical.severity_raw) == ("critical", "critical")
    assert (warning.severity, warning.severity_raw) == ("medium", "Warning")
    down, fire, worst, odd = ours("no_summary").readings
    assert [down.severity, fire.severity, worst.severity, odd.severity] == ["unknown", "low", "critical", "unknown"]
    assert odd.severity_raw == "critic"


def test_titles_a_person_would_write() -> None:
    down, fire, nameless, odd = ours("no_summary").readings
    titles = [down.title, fire.title, nameless.title, odd.title]
    assert titles == ["node_down on mail01", "Something is on fire", "Alert without a name", "X"]


def test_links_are_whole_web_addresses_only() -> None:
    assert [link.label for link in ours("firing").readings[1].links] == [
        "Runbook",
        "Dashboard",
        "Graph",
        "Alertmanager",
    ]
    assert [link.label for link in ours("hostile").readings[0].links] == ["Alertmanager"]


def test_hostile_text_stays_text_and_can_be_stored() -> None:
    (reading,) = ours("hostile").readings
    assert reading.title == "<img src=x onerror=alert(1)> {{ $value }} <no value>"
    assert reading.labels == {
        "alertname": "<script>alert(1)</script>",
        "n�ul": "�",
        "number": "3",
        "nested": '{"a": [1]}',
    }
    json.dumps(reading.as_json()).encode()


def test_what_was_cut_off_is_said() -> None:
    assert "cut off 3" in ours("truncated").rejections[0].reason


def test_rejections_name_their_place() -> None:
    assert [rejection.index for rejection in ours("wrong_states").rejections] == [0, 1, 2, 3]
    assert 'its status is "warning"' in ours("wrong_states").rejections[0].reason


# ---- the test button's own message ----


def test_a_sample_reads_back() -> None:
    said = {"key": "k", "title": "Test alert from here", "started_at": NOW}
    firing = parse(alertmanager.sample(state=State.FIRING, at=NOW, **said)).readings
    resolved = parse(alertmanager.sample(state=State.RESOLVED, at=NOW, **said)).readings
    assert [(one.problem_key, one.title, one.state) for one in (*firing, *resolved)] == [
        ("k", "Test alert from here", "firing"),
        ("k", "Test alert from here", "resolved"),
    ]


# ---- whatever comes ----

_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_fields = st.sampled_from(
    ["status", "labels", "annotations", "startsAt", "endsAt", "fingerprint", "generatorURL", "alertname", "severity"]
)
_alerts = st.lists(st.dictionaries(_fields, _values, max_size=6) | _values, max_size=4)


@given(_alerts, _values, _values)
def test_it_never_raises_and_loses_no_alert(alerts: list[object], status: object, cut: object) -> None:
    parsed = parse(json.dumps({"alerts": alerts, "status": status, "truncatedAlerts": cut}).encode())
    told = len(parsed.readings) + len([one for one in parsed.rejections if one.index is not None])
    assert told == len(alerts)
    for reading in parsed.readings:
        assert_storable(reading)


@given(st.binary())
def test_bytes_that_are_nothing_are_refused_with_a_reason(body: bytes) -> None:
    parsed = parse(body)
    assert not parsed.readings
    assert parsed.rejections


def assert_storable(reading: Reading) -> None:
    text = json.dumps(reading.as_json(), ensure_ascii=False)
    assert "\x00" not in text.replace("\\u0000", "\x00")
    text.encode()
    assert 0 < len(reading.problem_key) <= 300
    assert 0 < len(reading.title) <= 300
