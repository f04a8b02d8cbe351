"""The limit of deliveries a second: what passes, what is asked to come back, and that it costs no statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import rotating, sourcing, tallying, throttling
from incidents.alerts.models import Delivery, Source
from ownership.models import Person
from tests import factories as make
from tests.incidents.alerts import factories as am
from web.errors import Invalid

pytestmark = pytest.mark.django_db


class Clock:
    """The process's own clock, moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(throttling, "time", made)
    monkeypatch.setattr(throttling, "BURST_SECONDS", 3)
    throttling.forget_all()
    tallying.forget_all()
    yield made
    throttling.forget_all()


@pytest.fixture
def by() -> Person:
    return make.person(role="editor")


def post(source: Source, key: str) -> HttpResponse:
    path = f"/hooks/{source.kind}/{key}/"
    return Client().post(path, am.body(am.alert()), content_type="application/json")


def statuses(source: Source, key: str, count: int) -> list[int]:
    return [post(source, key).status_code for _ in range(count)]


def test_what_a_burst_holds_passes_and_the_rest_is_429(clock: Clock) -> None:
    source, key = am.with_key(rate_limit=2)
    assert statuses(source, key, 8) == [202] * 6 + [429] * 2
    answer = post(source, key)
    assert answer.json()["error"] == "too_often"
    assert answer["Retry-After"] == "1"
    assert Delivery.objects.count() == 6
    tally = tallying.of(source.pk)
    assert tally is not None
    assert tally.too_often == 3
    clock.at += 1
    assert statuses(source, key, 3) == [202, 202, 429]
    clock.at += 1000
    assert statuses(source, key, 7) == [202] * 6 + [429]


def test_it_costs_no_statement_more_and_none_when_refused() -> None:
    source, key = am.with_key(rate_limit=1)
    with CaptureQueriesContext(connection) as captured:
        assert statuses(source, key, 5) == [202] * 3 + [429] * 2
    assert len(captured) == 3


def test_both_keys_draw_from_one_bucket(by: Person) -> None:
    source, old = am.with_key(rate_limit=1)
    new = rotating.new_key(source, by=by, now=timezone.now())
    assert statuses(source, old, 2) + statuses(source, new, 2) == [202, 202, 202, 202]
    assert statuses(source, old, 1) + statuses(source, new, 1) == [429, 429]


def test_a_source_does_not_starve_another() -> None:
    (loud, first), (quiet, second) = am.with_key(rate_limit=1), am.with_key(rate_limit=1)
    assert statuses(loud, first, 4)[-1] == 429
    assert statuses(quiet, second, 1) == [202]


def test_the_usual_limit_and_none(settings: Any) -> None:
    settings.HOOK_PER_SECOND = 1
    usual, first = am.with_key()
    free, second = am.with_key(rate_limit=0)
    assert statuses(usual, first, 4) == [202] * 3 + [429]
    assert statuses(free, second, 9) == [202] * 9
    settings.HOOK_PER_SECOND = 0
    assert throttling.rate_of(None) == 0


def test_a_new_limit_counts_from_the_next_answer(clock: Clock, by: Person) -> None:
    source, key = am.with_key(rate_limit=1)
    assert statuses(source, key, 4)[-1] == 429
    sourcing.limit(source, rate_limit=4, by=by, now=timezone.now())
    clock.at += 1
    assert statuses(source, key, 13) == [202] * 12 + [429]


def test_a_key_that_ended_is_unknown_also_to_the_bucket(by: Person) -> None:
    source, key = am.with_key(rate_limit=1)
    assert statuses(source, key, 1) == [202]
    sourcing.disable(source, by=by, now=timezone.now())
    assert statuses(source, key, 6) == [404] * 6


def test_unknown_keys_leave_nothing_behind() -> None:
    source, _ = am.with_key()
    assert statuses(source, "wrong", 3) == [404] * 3
    assert not throttling._sources


def test_a_slow_limit_says_when(clock: Clock) -> None:
    """Less than a second of a token is missing after a third of one came back: whole seconds, never none."""
    source, key = am.with_key(rate_limit=1)
    statuses(source, key, 3)
    clock.at += 0.3
    assert post(source, key)["Retry-After"] == "1"


def test_the_events_api_says_it_as_pagerduty_does() -> None:
    _, key = sourcing.add(kind="pagerduty", name="Events", by=None, now=timezone.now(), rate_limit=1)
    event = {"routing_key": key, "event_action": "resolve", "dedup_key": "k"}
    answers = [Client().post("/v2/enqueue", event, content_type="application/json") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202] * 3 + [429]
    last = answers[-1]
    assert (last["Retry-After"], last.json()["status"]) == ("1", "throttle exceeded")
    assert set(last.json()) == {"status", "message", "errors"}


@pytest.mark.parametrize("limit", [-1, sourcing.MOST + 1])
def test_a_limit_that_is_none(by: Person, limit: int) -> None:
    with pytest.raises(Invalid):
        sourcing.limit(am.source(), rate_limit=limit, by=by, now=timezone.now())
