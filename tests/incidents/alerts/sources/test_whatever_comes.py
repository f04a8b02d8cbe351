"""Whatever is posted: no adapter raises, what it reads can be stored, a broken part of a batch costs only itself."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.alerts.sources import registry
from incidents.alerts.sources.reading import Parsed, State
from tests.incidents.alerts.sources.telling import NOW, OURS, bodies, headers_of

KINDS = sorted(registry.KINDS)
WORDS = st.sampled_from(
    [
        "firing",
        "resolved",
        "ok",
        "ALARM",
        "2026-11-20T12:00:00Z",
        "0001-01-01T00:00:00Z",
        "1795176000000",
        "https://x.y/z",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.integers(min_value=-(10**40), max_value=10**40)
    | st.text()
    | st.sampled_from(["\ud800", "\x00", "a" * 5000, "{{ x }}", "javascript:alert(1)", ""])
    | WORDS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
DEEP = [b"[" * 100_000, b'{"a":' * 50_000, b"[" * 900 + b"]" * 900, b'{"alerts":' * 400 + b"1" + b"}" * 400]
ODD = [
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b"0",
    b'""',
    b"NaN",
    b"[NaN, -Infinity]",
    b"9" * 5000,
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
]


def documents(kind: str) -> list[Any]:
    """Our payloads of a kind, as far as they are JSON."""
    found = []
    for path in bodies(OURS / kind):
        try:
            found.append(json.loads(path.read_bytes()))
        except ValueError:
            continue
    return found


def paths(document: Any) -> list[tuple[Any, ...]]:
    """The ways to all parts of a document."""
    found: list[tuple[Any, ...]] = [()]
    for way in found:
        part = document
        for step in way:
            part = part[step]
        if isinstance(part, (dict, list)):
            steps = part if isinstance(part, dict) else range(len(part))
            found += [(*way, step) for step in steps]
    return found


def changed(document: Any, way: tuple[Any, ...], value: Any) -> Any:
    """A document with something else at that place."""
    if not way:
        return value
    copied = copy.deepcopy(document)
    part = copied
    for step in way[:-1]:
        part = part[step]
    part[way[-1]] = value
    return copied


def read(kind: str, body: bytes, headers: dict[str, str]) -> Parsed:
    parsed = registry.adapter(kind).parse(body, headers, received_at=NOW)
    for reading in parsed.readings:
        assert_storable(reading.as_json())
        assert isinstance(reading.state, State)
        assert 0 < len(reading.problem_key) <= 300
        assert 0 < len(reading.title) <= 300
        assert reading.title == " ".join(reading.title.split())
        assert len(reading.name) <= 300
        assert reading.delivery_key is None or 0 < len(reading.delivery_key) <= 300
        assert len(reading.severity_raw) <= 120
        assert all(link.url.startswith(("http://", "https://")) for link in reading.links)
    for rejection in parsed.rejections:
        assert rejection.reason
        assert_storable(rejection.as_json())
    return parsed


def assert_storable(value: Any) -> None:
    """PostgreSQL takes no NUL and no half of a surrogate pair."""
    if isinstance(value, str):
        value.encode()
        assert "\x00" not in value
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        assert_storable(part)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [*DEEP, *ODD], ids=range(len(DEEP) + len(ODD)))
def test_bodies_that_are_nothing_leave_a_reason(kind: str, body: bytes) -> None:
    parsed = read(kind, body, {})
    assert not parsed.readings
    assert parsed.rejections


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_payload_with_something_else_in_one_place(kind: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(bodies(OURS / kind)))
    headers = headers_of(path)
    try:
        document = json.loads(path.read_bytes())
    except ValueError:
        document = {}
    way = data.draw(st.sampled_from(paths(document)))
    body = json.dumps(changed(document, way, data.draw(VALUES))).encode()
    parsed = read(kind, body, headers)
    assert parsed.readings or parsed.rejections


@pytest.mark.parametrize("kind", KINDS)
@given(value=VALUES, header=st.text(alphabet=st.characters(codec="latin-1"), max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_json(kind: str, value: Any, header: str) -> None:
    names = [name for name in registry.KINDS[kind].headers if "*" not in name] + ["content-type", "ce-id"]
    read(kind, json.dumps(value).encode(), dict.fromkeys(names, header))


@pytest.mark.parametrize("kind", KINDS)
@given(body=st.binary())
@settings(max_examples=40, deadline=None)
def test_any_bytes(kind: str, body: bytes) -> None:
    read(kind, body, {})


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("alertmanager", "firing"),
        ("grafana", "firing"),
        ("cloudevents", "batch"),
        ("openlineage", "batch"),
        ("dbt", "run_results"),
        ("great-expectations", "validation"),
        ("langsmith", "rule_webhook"),
        ("bedrock-guardrail", "list"),
        ("custom", "many"),
        ("cloudwatch", "lambda_records"),
        ("cloudwatch", "sqs_received"),
        ("alertmanager", "from_prometheus"),
        ("pagerduty", "webhook_older"),
        ("openlineage", "stored"),
        ("dbt", "before_versions"),
        ("great-expectations", "severities"),
    ],
)
@given(place=st.integers(0, 5), junk=VALUES)
@settings(max_examples=40, deadline=None)
def test_what_is_broken_in_a_batch_costs_only_itself(kind: str, name: str, place: int, junk: Any) -> None:
    """The others are read as before, and the broken one is rejected in its place."""
    document = json.loads((OURS / kind / f"{name}.json").read_bytes())
    items = document if isinstance(document, list) else next(one for one in document.values() if _is_batch(one))
    before = read(kind, json.dumps(document).encode(), {})
    place = min(place, len(items))
    items.insert(place, junk if not isinstance(junk, (dict, list)) else 0)
    after = read(kind, json.dumps(document).encode(), {})
    assert after.readings == before.readings
    assert len(after.rejections) == len(before.rejections) + 1
    assert place in {rejection.index for rejection in after.rejections}


def _is_batch(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)
