"""What holds for every kind: payloads read as they should, the test button's message comes back, the snippet fits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidents.alerts.sources import registry
from incidents.alerts.sources.reading import State
from tests.incidents.alerts.sources.telling import NOW, OURS, bodies, told_of

KINDS = sorted(registry.KINDS)
URL = "https://seamline.example.org/hooks/{}/the-key/"


@pytest.mark.parametrize("kind", KINDS)
def test_our_payloads_read_as_they_should(kind: str) -> None:
    """State, severity, time and key of each, or the reason why not, as `expected.txt` has them."""
    assert told_of(kind) == (OURS / kind / "expected.txt").read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_firing_a_resolve_and_a_rejection_to_try(kind: str) -> None:
    said = (OURS / kind / "expected.txt").read_text("utf-8")
    assert len(bodies(OURS / kind)) > 3
    assert all(f"\n  {word} " in said for word in ("firing", "resolved", "!"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_test_buttons_message_is_one_problem_that_fires_and_resolves(kind: str) -> None:
    adapter = registry.adapter(kind)
    ends = NOW + timedelta(seconds=1)
    said = {"key": "seamline-test-1", "title": "Test alert from here", "started_at": NOW}
    fires = adapter.parse(adapter.sample(state=State.FIRING, at=NOW, **said), {}, received_at=NOW)
    resolves = adapter.parse(adapter.sample(state=State.RESOLVED, at=ends, **said), {}, received_at=ends)
    assert not fires.rejections + resolves.rejections
    (first,), (second,) = fires.readings, resolves.readings
    assert (first.state, second.state) == (State.FIRING, State.RESOLVED)
    assert first.problem_key == second.problem_key
    assert "seamline-test-1" in first.problem_key or kind == "great-expectations"
    assert "Test alert from here" in first.title + first.summary
    assert first.event_time in {NOW, None}
    assert second.event_time in {ends, None}


@pytest.mark.parametrize("kind", KINDS)
def test_two_test_alerts_are_two_problems(kind: str) -> None:
    adapter = registry.adapter(kind)
    said = {"title": "Test", "state": State.FIRING, "started_at": NOW, "at": NOW}
    keys = [
        adapter.parse(adapter.sample(key=key, **said), {}, received_at=NOW).readings[0].problem_key
        for key in ("one", "two")
    ]
    assert keys[0] != keys[1]


@pytest.mark.parametrize("kind", KINDS)
def test_the_snippet_names_where_to_send(kind: str) -> None:
    url = URL.format(kind)
    snippet = registry.adapter(kind).config_snippet(url)
    assert "https://seamline.example.org" in snippet
    assert "the-key" in snippet
    assert snippet.endswith("\n")
    assert url in snippet or kind in {"pagerduty", "openlineage"}  # these take the host apart


def test_kinds_are_grouped_for_people() -> None:
    listed = [name for _, kinds in registry.grouped() for name, _ in kinds]
    assert sorted(listed) == KINDS
    assert len(registry.grouped()) == 5
