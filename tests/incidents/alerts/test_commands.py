"""The commands for the console."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from incidents.alerts.models import Source
from incidents.alerts.sources import registry
from tests.incidents.alerts import factories as am

PAYLOADS = Path(__file__).parent / "payloads" / "alertmanager"
KEYS = {
    *("problem_key", "delivery_key", "state", "severity", "severity_raw", "title", "summary", "labels", "links"),
    *("event_time", "started_at", "name"),
}


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def tried(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run("try_payload", *arguments))
    return answer


@pytest.mark.django_db
def test_add_source_prints_a_url_that_works(settings: Any) -> None:
    settings.BASE_URL = "https://seamline.example.org"
    url = run("add_source", "alertmanager", "Main cluster").strip()
    path = url.removeprefix("https://seamline.example.org")
    assert path != url
    assert Source.objects.get().name == "Main cluster"
    assert Client().post(path, am.body(am.alert()), content_type="application/json").status_code == 202


@pytest.mark.django_db
def test_add_source_takes_a_limit() -> None:
    run("add_source", "alertmanager", "Main cluster", "--per-second", "0")
    assert Source.objects.get().rate_limit == 0
    with pytest.raises(CommandError, match="Give deliveries a second"):
        run("add_source", "alertmanager", "Second cluster", "--per-second", "-1")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "name"), [("smoke-signals", "Hill"), ("alertmanager", "Taken"), ("alertmanager", " ")]
)
def test_add_source_refuses_in_one_line(kind: str, name: str) -> None:
    am.source("Taken")
    with pytest.raises(CommandError) as refused:
        run("add_source", kind, name)
    assert "\n" not in str(refused.value)
    assert Source.objects.count() == 1


def test_try_payload_prints_readings_and_rejections() -> None:
    """It asks no database: this test has none."""
    shown = tried("alertmanager", str(PAYLOADS / "wrong_states.json"))
    assert set(shown) == {"readings", "rejections"}
    assert set(shown["readings"][0]) == KEYS
    assert [rejection["index"] for rejection in shown["rejections"]] == [0, 1, 2, 3]


def test_try_payload_writes_times_in_utc() -> None:
    (reading,) = tried("alertmanager", str(PAYLOADS / "resolved.json"))["readings"]
    assert reading["event_time"] == "2026-11-20T11:07:30Z"
    assert reading["delivery_key"] is None


def test_try_payload_takes_headers(tmp_path: Path) -> None:
    headers = tmp_path / "headers.json"
    headers.write_text('{"User-Agent": "x"}')
    assert tried("alertmanager", str(PAYLOADS / "firing.json"), "--headers", str(headers))["readings"]


@pytest.mark.parametrize("content", ["[]", "{", None])
def test_try_payload_refuses_headers_that_are_none(tmp_path: Path, content: str | None) -> None:
    headers = tmp_path / "headers.json"
    if content is not None:
        headers.write_text(content)
    with pytest.raises(CommandError):
        tried("alertmanager", str(PAYLOADS / "firing.json"), "--headers", str(headers))


def test_try_payload_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="choose one of"):
        tried("smoke-signals", str(PAYLOADS / "firing.json"))
    with pytest.raises(CommandError, match="cannot be read"):
        tried("alertmanager", str(tmp_path / "none"))


@pytest.mark.parametrize("kind", sorted(registry.KINDS))
def test_try_payload_knows_every_kind(kind: str) -> None:
    folder = PAYLOADS.parent / kind
    for body in sorted(folder.glob("*.json")):
        headers = body.with_name(f"{body.stem}.headers.json")
        if body.name.endswith(".headers.json"):
            continue
        shown = tried(kind, str(body), *(["--headers", str(headers)] if headers.is_file() else []))
        assert shown["readings"] or shown["rejections"]
        assert all(set(reading) == KEYS for reading in shown["readings"])


MAPPED = b'{"what": "Slow", "s": "up"}'
MAPPING = '[fields]\ntitle = "what"\nstate = "s"\n[states]\nfiring = ["up"]\n'


def test_try_payload_reads_by_a_mapping(tmp_path: Path) -> None:
    body, written = tmp_path / "body.json", tmp_path / "own.toml"
    body.write_bytes(MAPPED)
    written.write_text(MAPPING)
    assert tried("custom", str(body))["readings"] == []
    (reading,) = tried("custom", str(body), "--mapping", str(written))["readings"]
    assert (reading["title"], reading["state"]) == ("Slow", "firing")


@pytest.mark.parametrize(
    ("kind", "written", "said"),
    [
        ("custom", "[fields]\ntitle = 1", "Line 2: fields.title"),
        ("custom", "  ", "empty"),
        ("custom", None, "cannot be read"),
        ("alertmanager", MAPPING, "takes no mapping"),
    ],
)
def test_try_payload_refuses_a_mapping_in_one_line(tmp_path: Path, kind: str, written: str | None, said: str) -> None:
    body, path = tmp_path / "body.json", tmp_path / "own.toml"
    body.write_bytes(MAPPED)
    if written is not None:
        path.write_text(written)
    with pytest.raises(CommandError, match=said) as refused:
        tried(kind, str(body), "--mapping", str(path))
    assert "\n" not in str(refused.value)
