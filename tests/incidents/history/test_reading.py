"""Files of past incidents become records, or problems that name line, field and cure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.history.reading import extracting, mapping
from incidents.history.reading.mapping import BadMapping
from incidents.history.reading.records import Reading

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = extracting.Words(
    severity=["sev1", "sev2", "sev3", "sev4", "pending"],
    type=["latency", "quality"],
    detected_by=["monitor", "user_report"],
    layer=["data", "integration", "latency", "evaluation", "guardrail", "org", "model"],
    role=["cause", "trigger"],
    confidence=["probable", "confirmed"],
    mode=["data.schema_drift", "latency.cold_start"],
    kind=["contract", "monitor", "other"],
)
PLAIN = """
collection: old tool
identity: [id]
fields: {title: title, detected_at: began, resolved_at: ended}
"""


def read(text: str, told: str = PLAIN, *, file: str = "past.csv") -> Reading:
    return extracting.read(text.encode(), mapping.load(told), WORDS, file=file, now=NOW)


def said(reading: Reading) -> list[tuple[int, str, str]]:
    return [(one.line, one.code, one.field) for one in reading.problems]


def test_a_row_becomes_a_record_with_its_line_and_times_in_utc() -> None:
    zoned = PLAIN + "times: {format: '%d.%m.%Y %H:%M', zone: Europe/Berlin}\n"
    text = 'id;title;began;ended\n7;"Slow\nanswers";01.07.2026 12:00;01.07.2026 13:30\n8;Other;01.01.2026 12:00;\n'
    reading = read(text, zoned)
    assert said(reading) == []
    first, second = reading.records
    assert (first.line, second.line) == (2, 4)
    assert (first.identity, first.fields["title"]) == ("7", "Slow\nanswers")
    assert first.times["detected_at"] == datetime(2026, 7, 1, 10, tzinfo=UTC)  # summer
    assert second.times == {"detected_at": datetime(2026, 1, 1, 11, tzinfo=UTC)}  # winter, and still open


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("1,,2026-01-01T00:00Z,", ("no_title", "title")),
        (",Slow,2026-01-01T00:00Z,", ("no_identity", "identity")),
        ("1,Slow,,", ("no_time", "detected_at")),
        ("1,Slow,yesterday,", ("bad_time", "detected_at")),
        ("1,Slow,0001-01-01T00:00+14:00,", ("bad_time", "detected_at")),
        ("1,Slow,2031-01-01T00:00Z,", ("impossible_time", "detected_at")),
        ("1,Slow,1970-01-01T00:00Z,", ("impossible_time", "detected_at")),
        ("1,Slow", ("cells", "")),
        (f"1,{'x' * 301},2026-01-01T00:00Z,", ("too_long", "title")),
    ],
)
def test_a_bad_row_costs_only_itself(row: str, problem: tuple[str, str]) -> None:
    reading = read(f"id,title,began,ended\n{row}\n2,Fine,2026-01-01T00:00Z,2026-01-01T01:00Z\n")
    assert said(reading) == [(2, *problem)]
    assert [record.identity for record in reading.records] == ["2"]
    assert reading.rows == 2


def test_one_identity_twice_is_told_with_both_lines() -> None:
    reading = read("id,title,began,ended\n1,A,2026-01-01T00:00Z,\n1,B,2026-01-01T00:00Z,\n")
    assert said(reading) == [(3, "identity_twice", "identity")]
    assert "Line 2" in reading.problems[0].message


@pytest.mark.parametrize(
    ("file", "data", "problem"),
    [
        ("past.csv", b"id,title\n1,\xff\n", (2, "not_utf8")),
        ("past.csv", b"id,title\n1,a\0b\n", (2, "nul")),
        ("past.csv", b"", (1, "no_header")),
        ("past.csv", b"id,id\n", (1, "column_twice")),
        ("past.csv", b'id,title,began\n1,ok,2026-01-01T00:00Z\n2,"open\n3,x\n', (3, "bad_csv")),
        ("past.csv", b'"id"x,title,began\n', (1, "bad_csv")),
        ("past.json", b'{"rows": 1', (1, "bad_json")),
        ("past.json", b"[" + b"9" * 5000 + b"]", (1, "bad_json")),
        ("past.json", b'{"rows": []}', (1, "no_list")),
        ("past.txt", b"id\n", (1, "unknown_format")),
        ("past.json", b"[" * 100_000, (1, "bad_json")),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(file: str, data: bytes, problem: tuple[int, str]) -> None:
    reading = extracting.read(data, mapping.load(PLAIN), WORDS, file=file, now=NOW)
    assert [(one.line, one.code) for one in reading.problems] == [problem]


def test_lines_of_json_stand_each_for_itself() -> None:
    good = {"id": 1, "title": "Slow", "began": "2026-01-01T00:00:00Z"}
    text = f"{json.dumps(good)}\nno json\n\n[1]\n{json.dumps(good | {'id': 2})}\n"
    reading = read(text, file="past.jsonl")
    assert said(reading) == [(2, "bad_json", ""), (4, "no_object", "")]
    assert [(one.line, one.identity) for one in reading.records] == [(1, "1"), (5, "2")]


def test_a_list_inside_a_document_is_found_by_its_path() -> None:
    document = {"data": {"incidents": [{"id": 1, "title": "Slow", "began": 1767225600000}]}}
    told = PLAIN + "rows: data.incidents\ntimes: {format: unix_ms}\n"
    reading = read(json.dumps(document), told, file="past.json")
    assert reading.records[0].times["detected_at"] == datetime(2026, 1, 1, tzinfo=UTC)


# ---- times that contradict themselves ----


def doubts(**times: str) -> tuple[dict[str, str], dict[str, str]]:
    """What holds of times of one day, and the doubts, as hours."""
    day = {name: datetime.fromisoformat(f"2026-01-01T{at}Z") for name, at in times.items()}
    held, found = extracting.judged(day)
    return {name: f"{at:%H:%M}" for name, at in held.items()}, {one.field: one.reason for one in found}


def test_times_in_order_raise_no_doubt() -> None:
    times = {"detected_at": "10:00", "identified_at": "10:00", "mitigated_at": "10:30", "resolved_at": "11:00"}
    assert doubts(**times) == (times, {})


def test_no_length_is_unknown_and_not_zero() -> None:
    held, found = doubts(detected_at="10:00", resolved_at="10:00")
    assert held == {"detected_at": "10:00", "resolved_at": "10:00"}
    assert "how long it took is unknown" in found["resolved_at"]


def test_of_two_times_in_the_wrong_order_both_are_doubted() -> None:
    held, found = doubts(detected_at="10:00", identified_at="10:40", mitigated_at="10:20", resolved_at="11:00")
    assert set(found) == {"identified_at", "mitigated_at"}
    assert held == {"detected_at": "10:00", "identified_at": "10:40", "resolved_at": "11:00"}


def test_an_end_before_the_beginning_still_ends_it() -> None:
    held, found = doubts(detected_at="10:00", resolved_at="09:00")
    assert held == {"detected_at": "10:00", "resolved_at": "10:00"}
    assert set(found) == {"detected_at", "resolved_at"}


@given(st.lists(st.integers(0, 1439), min_size=6, max_size=6), st.sets(st.sampled_from(mapping.TIMES)))
def test_what_is_held_is_always_in_order(minutes: list[int], left_out: set[str]) -> None:
    times = {
        name: datetime(2026, 1, 1, minute // 60, minute % 60, tzinfo=UTC)
        for name, minute in zip(mapping.TIMES, minutes, strict=True)
        if name not in left_out
    }
    held, found = extracting.judged(times)
    told = [held[name] for name in mapping.TIMES if name in held and name != "detected_at"]
    assert told == sorted(told)
    assert {"detected_at", "resolved_at"} & times.keys() == {"detected_at", "resolved_at"} & held.keys()
    if list(times.values()) == sorted(times.values()):
        assert {doubt.field for doubt in found} <= {"resolved_at"}


# ---- words, findings, actions ----


def test_words_are_exchanged_and_strange_ones_told() -> None:
    told = PLAIN.replace("title: title,", "title: title, severity: {from: level, values: {1: sev3, major: sev2}},")
    reading = read("id,title,began,ended,level\n1,A,2026-01-01T00:00Z,,1\n2,B,2026-01-01T00:00Z,,wild\n", told)
    assert reading.records[0].fields["severity"] == "sev3"
    assert said(reading) == [(3, "unmapped", "severity")]
    otherwise = told.replace("major: sev2}", "major: sev2}, otherwise: pending")
    assert read("id,title,began,ended,level\n2,B,2026-01-01T00:00Z,,wild\n", otherwise).records[0].fields == {
        "title": "B",
        "severity": "pending",
    }


def test_a_word_that_is_not_ours_asks_for_a_map() -> None:
    told = PLAIN.replace("title: title,", "title: title, severity: level,")
    reading = read("id,title,began,ended,level\n1,A,2026-01-01T00:00Z,,P1\n", told)
    assert said(reading) == [(2, "unknown_word", "severity")]
    assert "`values`" in reading.problems[0].message


FINDINGS = (
    PLAIN
    + """
service: {from: service, unknown: create}
affected: [touched]
findings:
  - {each: causes, layer: layer, mode: mode, evidence: why, primary: primary}
  - {when: "slow == 'yes'", layer: {constant: latency}}
actions:
  - {each: todo, title: what, kind: {constant: monitor}}
"""
)


def one(**more: Any) -> str:
    return json.dumps({"id": 1, "title": "A", "began": "2026-01-01T00:00Z", **more})


def test_findings_actions_and_services_come_along() -> None:
    causes = [{"layer": "data", "mode": "schema_drift", "why": "the diff", "primary": True}, {"layer": ""}]
    more = {
        "causes": causes,
        "slow": "yes",
        "todo": [{"what": "Alert"}, {}],
        "service": "Chat",
        "touched": ["API", "Chat"],
    }
    record = read(one(**more), FINDINGS, file="a.jsonl").records[0]
    assert [(f.layer, f.mode, f.evidence, f.primary) for f in record.findings] == [
        ("data", "data.schema_drift", "the diff", True),
        ("latency", "", "", False),
    ]
    assert [(a.title, a.kind) for a in record.actions] == [("Alert", "monitor")]
    assert (record.service, record.affected) == ("Chat", ("API",))


@pytest.mark.parametrize(
    ("cause", "problem"),
    [
        ({"layer": "dns"}, ("unknown_word", "findings.layer")),
        ({"layer": "data", "mode": "gremlins"}, ("unknown_word", "findings.mode")),
        ({"layer": "data", "mode": "latency.cold_start"}, ("other_layer", "findings.mode")),
    ],
)
def test_a_finding_that_we_do_not_know_refuses_its_row(cause: dict[str, str], problem: tuple[str, str]) -> None:
    assert said(read(one(causes=[cause]), FINDINGS, file="a.jsonl")) == [(1, *problem)]


def test_rows_are_left_out_with_their_reason() -> None:
    told = PLAIN + "skip:\n  - {when: \"kind == 'maintenance'\", reason: planned}\n"
    reading = read(one(kind="maintenance"), told, file="a.jsonl")
    assert ([one.reason for one in reading.skipped], reading.records, reading.problems) == (["planned"], [], [])


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ("", ""),
        ("a: [", "line 1"),
        (PLAIN + "colour: red\n", "colour"),
        (PLAIN.replace("title: title, ", ""), "fields.title"),
        (PLAIN.replace("identity: [id]", "identity: []"), "identity"),
        (PLAIN.replace("old tool", ""), "collection"),
        (PLAIN + "rows: 2026-13-45\n", ""),
        (PLAIN + "times: {zone: Mars/Olympus}\n", "times.zone"),
        (PLAIN + "times: {format: whenever}\n", "times.format"),
        (PLAIN + "service: {from: a, unknown: guess}\n", "service.unknown"),
        (PLAIN + "findings: [{role: a}]\n", "findings.1"),
        (PLAIN + "skip: [{when: a}]\n", "skip"),
        (PLAIN.replace("title: title", "title: shout(title)"), "fields.title"),
        (PLAIN.replace("title: title", "title: join(title)"), "fields.title"),
    ],
)
def test_a_bad_mapping_names_the_place(told: str, field: str) -> None:
    with pytest.raises(BadMapping) as caught:
        mapping.load(told)
    assert caught.value.field == field


def test_an_expression_that_a_row_has_nothing_for_gives_nothing() -> None:
    told = PLAIN.replace("title: title", "title: [\"join(' ', words)\", title]")
    reading = read(f"{one()}\n{one(id=2, words=['So', 'slow'])}\n{one(id=3, words=7)}", told, file="a.jsonl")
    assert [record.fields["title"] for record in reading.records] == ["A", "So slow", "A"]


def test_a_path_to_the_rows_that_does_not_work_is_told() -> None:
    told = mapping.load(PLAIN + "rows: keys(a)\n")
    reading = extracting.read(b'{"a": 1}', told, WORDS, file="past.json", now=NOW)
    assert [(one.line, one.code) for one in reading.problems] == [(1, "no_list")]
