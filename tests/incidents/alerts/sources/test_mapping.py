"""The mapping language: what it can say, what it refuses, and that it cannot run away."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from incidents.alerts.sources import custom, mapping
from incidents.alerts.sources.reading import Parsed, Severity, State
from tests.incidents.alerts.sources.telling import NOW, ours, told

DOCS = Path(__file__).resolve().parents[4] / "docs" / "sources" / "custom.md"
PLAIN = """
[fields]
title = "name"
key = "id"
state = "status"
severity = "level"
time = "at"
[states]
firing = ["OPEN", 1]
resolved = ["shut"]
[severities]
high = ["bad"]
"""


def read(text: str, body: Any, **headers: str) -> Parsed:
    return mapping.parse(text, json.dumps(body).encode(), headers, NOW)


def refused(text: str) -> str:
    with pytest.raises(mapping.Wrong) as wrong:
        mapping.compiled(text)
    return str(wrong.value)


def test_fields_states_and_severities() -> None:
    (reading,) = read(PLAIN, {"name": "Slow", "id": 7, "status": "open", "level": "BAD", "at": 1795176000.5}).readings
    assert (reading.title, reading.problem_key, reading.state) == ("Slow", "7", State.FIRING)
    assert (reading.severity, reading.severity_raw) == (Severity.HIGH, "BAD")
    assert reading.as_json()["event_time"] == "2026-11-20T12:00:00.500000Z"


def test_our_own_words_always_hold_and_others_are_refused() -> None:
    body = {"name": "Slow", "id": 7}
    assert read(PLAIN, {**body, "status": "resolved"}).readings[0].state is State.RESOLVED
    assert read(PLAIN, {**body, "status": 1, "level": "worse"}).readings[0].severity is Severity.UNKNOWN
    assert told(read(PLAIN, {**body, "status": "ajar"})) == ['! - its state is "ajar", which [states] does not list']
    assert told(read(PLAIN, body)) == ["! - state (status) finds nothing"]
    assert told(read(PLAIN, {"status": "open", "id": 7})) == ["! - title (name) finds nothing; every alert needs one"]
    assert "key (id) finds nothing" in told(read(PLAIN, {"status": "open", "name": "x"}))[0]


def test_defaults_hold_for_all_other_words() -> None:
    text = '[fields]\ntitle = "t"\n[states]\ndefault = "firing"\n[severities]\ndefault = "medium"'
    (reading,) = read(text, {"t": "x"}).readings
    assert (reading.state, reading.severity) == (State.FIRING, Severity.MEDIUM)


def test_many_in_one_request_see_the_whole_body() -> None:
    text = """
    items = "checks"
    skip = "kind == 'beat'"
    labels = "tags"
    [fields]
    title = "join(' ', [name, 'in', _body.region])"
    state = "s"
    key = "join('/', [_headers.\\"x-cluster\\", to_string(_index)])"
    [links]
    Page = "url"
    """
    body = {
        "region": "eu",
        "checks": [
            {"name": "a", "s": "firing", "tags": {"service": "x", "n": 1, "none": None}, "url": "https://example.org"},
            {"name": "b", "s": "whatever", "kind": "beat"},
            {"name": "c", "s": "resolved", "url": "javascript:alert(1)"},
            {"name": 5, "s": "firing"},
        ],
    }
    parsed = mapping.parse(text, json.dumps(body).encode(), {"x-cluster": "one"}, NOW)
    assert [(one.title, one.state.value, one.problem_key) for one in parsed.readings] == [
        ("a in eu", "firing", "one/0"),
        ("b in eu", "not_an_alert", "one/1"),
        ("c in eu", "resolved", "one/2"),
    ]
    assert parsed.readings[0].labels == {"service": "x", "n": "1"}
    assert [len(one.links) for one in parsed.readings] == [1, 0, 0]
    (wrong,) = parsed.rejections
    assert wrong.index == 3
    assert wrong.reason.startswith("title (join(' ', [name, 'in', _body.region])): In function join()")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "is not TOML"),
        ("", "[fields] has no title and no state"),
        ('[fields]\ntitle = "t"', "[fields] has no state"),
        ('[fields]\ntitel = "t"', "There is no fields.titel; choose among title, state"),
        ('colour = "red"', "There is no colour; choose among items"),
        ("[fields]\ntitle = 3", "fields.title is a number; write an expression in quotes"),
        ('[fields]\ntitle = "a..b"', "fields.title: “a..b” is not a JMESPath expression"),
        ('[fields]\ntitle = ""', "fields.title: “” is not a JMESPath expression"),
        ('[fields]\ntitle = "' + "a" * 501 + '"', "longer than 500 characters"),
        ('fields = "x"', "fields is a text; write a table [fields]"),
        ('[fields]\ntitle="t"\nstate="s"\n[states]\nfiring="x"', "states.firing must be a list"),
        ('[fields]\ntitle="t"\nstate="s"\n[states]\nburning=["x"]', "There is no states.burning"),
        (
            '[fields]\ntitle="t"\nstate="s"\n[states]\nfiring=["x"]\nresolved=["X"]',
            "stands for firing and for resolved",
        ),
        ('[fields]\ntitle="t"\nstate="s"\n[severities]\ndefault="awful"', "severities.default is"),
        ('[fields]\ntitle="t"\nstate="s"\n[severities]\ndefault=["low"]', "severities.default is"),
        ("x" * 20_001, "longer than 20000"),
        ('[fields]\ntitle="t"\nstate="s"\n[links]\n' + "\n".join(f'l{n} = "x"' for n in range(61)), "more than 60"),
    ],
)
def test_what_is_wrong_is_named_with_its_cure(text: str, said: str) -> None:
    assert said in refused(text)
    assert said in mapping.parse(text, b"{}", {}, NOW).rejections[0].reason


@pytest.mark.parametrize("items", ["name", "missing", "none", "length(name)", "sum(name)"])
def test_items_that_are_no_list_are_refused(items: str) -> None:
    text = f'items = "{items}"\n[fields]\ntitle = "t"\nstate = "s"'
    (rejection,) = read(text, {"name": "x", "none": []}).rejections
    assert rejection.reason.startswith(f"items ({items})")
    assert rejection.index is None


@pytest.mark.parametrize(
    "expression",
    [
        "[@, @][] | " * 40 + "[]",
        "join('', [@, @]) | " * 25 + "@",
        "[@, @, @, @].[@, @, @, @] | [] | [] | " * 8 + "@",
        "(" * 200 + "@" + ")" * 200,
    ],
    ids=["doubling lists", "doubling text", "nested lists", "nested"],
)
def test_no_expression_grows_without_end(expression: str) -> None:
    text = f'[fields]\ntitle = """{expression}"""\nstate = "\'firing\'"\nkey = "\'k\'"'
    parsed = mapping.parse(text, b'"xx"', {}, NOW)
    assert len(parsed.readings) + len(parsed.rejections) == 1


def test_a_request_has_one_allowance_of_work() -> None:
    text = 'items = "many"\n[fields]\ntitle = "length(_body.many[].a[])"\nstate = "\'firing\'"\nkey = "\'k\'"'
    parsed = read(text, {"many": [{"a": [1, 2]}] * 3000})
    assert "takes more than" in parsed.rejections[-1].reason
    assert len(parsed.readings) + len(parsed.rejections) == 3000


def test_too_many_items_are_refused() -> None:
    text = 'items = "many"\n[fields]\ntitle = "t"\nstate = "s"'
    assert "more than 5000" in read(text, {"many": [{}] * 5001}).rejections[0].reason


def test_the_example_of_the_docs_is_one() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    body = {
        "region": "eu",
        "checks": [
            {"check": "disk", "host": "web-1", "result": "CRIT", "level": 4, "checked_at": "2026-11-20T12:00:00Z"},
            {"check": "disk", "host": "web-2", "result": "OK", "level": 1},
            {"check": "beat", "host": "web-2", "kind": "heartbeat", "result": "?"},
        ],
    }
    parsed = read(text, body)
    assert told(parsed) == [
        "firing high 2026-11-20T12:00:00Z web-1/disk",
        "resolved low - web-2/disk",
        "not_an_alert unknown - web-2/beat",
    ]
    assert parsed.readings[0].labels == {"component": "web-1", "region": "eu"}


def test_the_plain_form_is_a_mapping_as_users_write_them() -> None:
    assert tomllib.loads(custom.default_mapping())
    (reading,) = ours("custom", "one").readings
    assert reading.labels == {"component": "checkout", "service": "shop"}
    assert [link.url for link in reading.links] == ["https://checks.example.org/1"]
    assert reading.summary == "p99 3.4 s"


# ---- where it is wrong, and how much it may take ----


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLAIN, ""),
        ('items = "a["\n[fields]\ntitle = "t"\nstate = "s"', "Line 1: items: "),
        ('[fields]\ntitle = "t"\nstate = "s"\n[labels]\n"k8s.pod" = "x["', "Line 5: labels.k8s.pod: "),
        ('[fields]\ntitle = "t"\nstate = 3', "Line 3: fields.state is a number"),
        ('[fields]\ntitle = "t"\nstate = "s"\n[ labels ] # these\n"a b" = "x["', "Line 5: labels.a b: "),
        ('[fields]\ntitle = "t"\nstate = "s"\n[states]\nfiring = "up"', "Line 5: states.firing must be a list"),
        ('[fields]\ntitle = "t"\nstate = "s"\n[states]\nfiring = ["x"]\nresolved = ["x"]', "Line 6: states: "),
        ('[fields]\ntitle = "t"\nstate = "s"\n[severities]\ndefault = "awful"', "Line 5: severities.default"),
        ("fields = 3", "Line 1: fields is a number"),
        ("states = [", "The mapping is not TOML: "),
    ],
)
def test_a_problem_names_its_line(text: str, said: str) -> None:
    found = mapping.problem(text)
    assert found.startswith(said)
    assert bool(found) is bool(said)


def test_a_body_may_be_nested_only_so_deep() -> None:
    def nested(depth: int) -> Any:
        inner: Any = "x"
        for _ in range(depth - 1):
            inner = [inner]
        return {"name": inner, "id": 1, "status": "open"}

    assert read(PLAIN, nested(mapping.DEPTH)).readings
    assert "nested more than 100 deep" in told(read(PLAIN, nested(mapping.DEPTH + 1)))[0]


def test_the_allowance_can_be_smaller() -> None:
    body = json.dumps({"name": "x", "id": 1, "status": "open"}).encode()
    assert mapping.parse(PLAIN, body, {}, NOW, steps=100).readings
    assert "more than 3 steps" in told(mapping.parse(PLAIN, body, {}, NOW, steps=3))[0]
