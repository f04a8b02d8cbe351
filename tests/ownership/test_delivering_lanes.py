"""Webhooks beside each other: a lane for each, those that fail left alone, those that are off told nothing."""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from ownership import delivering, subscribing
from ownership.models import Person, Webhook, WebhookDelivery
from tests import factories as make
from tests.factories import NOON
from tests.ownership.test_delivering import added, event
from tests.receiver import Receiver, listening
from web import outgoing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _local(settings: Any) -> None:
    settings.OUTGOING_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as there:
        yield there


@pytest.fixture
def admin() -> Person:
    return make.person("Ada", role="admin")


def test_a_webhook_that_failed_is_left_alone_but_for_what_is_asked_by_hand(receiver: Receiver, admin: Person) -> None:
    hook, _ = added(receiver, admin)
    receiver.answers = [500]
    delivering.publish([event(), event()], now=NOON)
    for second in range(0, 30, 5):
        delivering.send_due(now=NOON + timedelta(seconds=second))
    assert len(receiver.came) == 1
    hook.refresh_from_db()
    assert hook.try_after == NOON + delivering.PAUSES[0]
    delivering.send_due(now=hook.try_after)
    assert len(receiver.came) == 2
    hook.refresh_from_db()
    assert hook.try_after == NOON + delivering.PAUSES[0] + delivering.PAUSES[1]
    receiver.answers = [200]
    at = NOON + timedelta(minutes=1)
    delivering.ping(hook, by=admin, now=at)
    assert delivering.send_due(now=at) >= 1
    assert json.loads(receiver.came[2].body)["event"] == "ping"
    hook.refresh_from_db()
    assert (hook.failing_since, hook.try_after) == (None, None)


def test_one_that_hangs_holds_up_only_itself(receiver: Receiver, admin: Person) -> None:
    with listening() as slow:
        slow.may_answer.clear()
        subscribing.add(name="Slow", url=slow.url, events=["incident.opened"], private=False, by=admin, now=NOON)
        added(receiver, admin)
        delivering.publish([event(), event(), event()], now=NOON)
        healthy_first: list[int] = []

        def release() -> None:
            while len(receiver.came) < 3 and not slow.may_answer.wait(timeout=0.01):
                pass
            healthy_first.append(len(slow.came))
            slow.may_answer.set()

        watcher = threading.Thread(target=release, daemon=True)
        watcher.start()
        assert delivering.send_due(now=NOON, within=60) == 6
        watcher.join()
    assert healthy_first == [1]


def test_dead_ones_with_much_that_waits_do_not_starve_the_others(receiver: Receiver, admin: Person) -> None:
    with listening() as gone:
        dead = gone.url
    for number in range(3):
        said: dict[str, Any] = {"events": ["incident.opened"], "private": False, "by": admin, "now": NOON}
        subscribing.add(name=f"Dead {number}", url=dead, **said)
    delivering.publish([event() for _ in range(20)], now=NOON)
    delivering.send_due(now=NOON)
    added(receiver, admin)
    at = NOON + timedelta(seconds=5)
    delivering.publish([event()], now=at)
    assert delivering._claimed(at, besides=set()).webhook.name == "Status page"


def test_one_sweep_at_a_time(receiver: Receiver, admin: Person) -> None:
    added(receiver, admin)
    delivering.publish([event()], now=NOON)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [delivering._TURN])
        assert delivering.send_due(now=NOON) == 0
        assert receiver.came == []
        with other.cursor() as cursor:  # to close the connection alone would let go of it a moment later
            cursor.execute("SELECT pg_advisory_unlock(%s)", [delivering._TURN])
    finally:
        other.close()
    assert delivering.send_due(now=NOON) == 1
    assert delivering.send_due(now=NOON) == 0


def test_only_a_test_goes_to_a_webhook_that_is_off_and_nothing_to_one_removed(
    receiver: Receiver, admin: Person
) -> None:
    hook, _ = added(receiver, admin)
    delivering.publish([event()], now=NOON)
    sent = WebhookDelivery.objects.get()
    Webhook.objects.filter(pk=hook.pk).update(is_on=False)
    assert delivering.send_due(now=NOON) == 0
    hook.refresh_from_db()
    with pytest.raises(delivering.SwitchedOff):
        delivering.send_again(WebhookDelivery.objects.get(pk=sent.pk), by=admin, now=NOON)
    delivering.ping(hook, by=admin, now=NOON)
    assert delivering.send_due(now=NOON) == 1
    assert json.loads(receiver.came[0].body)["event"] == "ping"
    subscribing.switch(hook, on=True)
    assert delivering.send_due(now=NOON) == 0  # what waited when it went on
    delivering.ping(hook, by=admin, now=NOON)
    Webhook.objects.filter(pk=hook.pk).update(is_on=False, removed_at=NOON)
    assert delivering.send_due(now=NOON) == 0
    assert len(receiver.came) == 1


@pytest.mark.parametrize("how", ["off", "off and on", "removed"])
def test_what_is_under_way_when_it_is_switched_off_is_not_tried_again(
    receiver: Receiver, admin: Person, how: str
) -> None:
    hook, _ = added(receiver, admin)
    delivering.publish([event()], now=NOON)
    claimed = delivering._claimed(NOON, besides=set())
    assert claimed is not None
    if how == "removed":
        subscribing.remove(hook, now=NOON)
        with pytest.raises(outgoing.Forbidden):  # no secret, no message
            delivering._headers(claimed, b"", now=NOON)
    else:
        subscribing.switch(hook, on=False)
        if how == "off and on":
            subscribing.switch(hook, on=True)
    delivering._failed(claimed, delivering._Outcome(None, "no answer"), now=NOON)
    assert WebhookDelivery.objects.get().state == "given up"
