"""What webhooks are told: signed, tried again, given up, switched off, sent again; to a real server."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from ownership import delivering, subscribing
from ownership.models import Notice, Person, Webhook, WebhookDelivery, WebhookSecret
from tests import factories as make
from tests.factories import NOON
from tests.receiver import Receiver, listening

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


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


def added(receiver: Receiver, admin: Person, **said: Any) -> tuple[Webhook, str]:
    said = {"events": ["incident.opened"], "private": False, **said}
    return subscribing.add(name="Status page", url=receiver.url, **said, by=admin, now=NOON)


def event(name: str = "incident.opened", *, private: bool = False) -> delivering.Event:
    number = uuid.uuid4()
    return delivering.Event(number, name, "INC-1", json.dumps({"id": str(number), "event": name}), private)


def is_signed(receiver: Receiver, secret: str) -> bool:
    """As docs/webhooks.md has it."""
    came = receiver.came[-1]
    stamp, sent = came.headers["Seamline-Timestamp"], came.headers["Seamline-Signature"].split(",")
    wanted = hmac.new(secret.encode(), stamp.encode() + b"." + came.body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(f"v1={wanted}", one) for one in sent)


def test_what_happened_arrives_signed(receiver: Receiver, admin: Person) -> None:
    hook, secret = added(receiver, admin)
    told = event()
    assert delivering.publish([told], now=NOON) == 1
    assert delivering.send_due(now=NOON) == 1
    came = receiver.came[0]
    assert json.loads(came.body) == json.loads(told.body)
    assert came.headers["Seamline-Event"] == "incident.opened"
    assert came.headers["Seamline-Event-Id"] == str(told.id)
    assert came.headers["Seamline-Timestamp"] == str(int(NOON.timestamp()))
    assert is_signed(receiver, secret)
    assert not is_signed(receiver, "whsec_another")
    row = WebhookDelivery.objects.get()
    assert (row.state, row.status, row.answer, row.attempts) == ("delivered", 200, "thank you", 1)
    assert delivering.send_due(now=NOON + WEEK) == 0
    assert secret not in WebhookSecret.objects.get(webhook=hook).sealed


def test_it_is_told_only_what_it_asked_for_and_nothing_private(receiver: Receiver, admin: Person) -> None:
    hook, _ = added(receiver, admin)
    assert delivering.publish([event("incident.note"), event(private=True)], now=NOON) == 0
    subscribing.change(hook, name="x", url=receiver.url, events=["incident.opened"], private=True)
    assert delivering.publish([event(private=True)], now=NOON) == 1
    subscribing.switch(hook, on=False)
    assert delivering.publish([event()], now=NOON) == 0


def test_one_event_is_written_once(receiver: Receiver, admin: Person) -> None:
    added(receiver, admin)
    told = event()
    delivering.publish([told], now=NOON)
    delivering.publish([told], now=NOON)
    assert WebhookDelivery.objects.count() == 1


def test_two_secrets_sign_side_by_side(receiver: Receiver, admin: Person) -> None:
    hook, old = added(receiver, admin)
    new = subscribing.new_secret(hook, by=admin, now=NOON)
    with pytest.raises(subscribing.TwoSecretsAlready):
        subscribing.new_secret(hook, by=admin, now=NOON)
    delivering.publish([event()], now=NOON)
    delivering.send_due(now=NOON)
    assert is_signed(receiver, old)
    assert is_signed(receiver, new)
    later = NOON + WEEK
    delivering.publish([event()], now=later)
    delivering.send_due(now=later)
    assert is_signed(receiver, new)
    assert not is_signed(receiver, old)
    subscribing.new_secret(hook, by=admin, now=later)
    subscribing.end_older(hook)
    assert WebhookSecret.objects.count() == 1


def test_what_fails_is_tried_again_over_about_a_day_and_then_given_up(receiver: Receiver, admin: Person) -> None:
    added(receiver, admin)
    receiver.answers = [500]
    delivering.publish([event()], now=NOON)
    at, tries = NOON, [NOON]
    while (row := WebhookDelivery.objects.get()).next_try_at is not None:
        assert delivering.send_due(now=row.next_try_at - timedelta(seconds=1)) == 0
        at = row.next_try_at
        delivering.send_due(now=at)
        tries.append(at)
    assert len(receiver.came) == len(delivering.BACK_OFF) + 1
    assert timedelta(hours=20) < at - NOON < timedelta(hours=30)
    assert (row.state, row.status, row.attempts) == ("given up", 500, len(receiver.came))
    assert len({one.headers["Seamline-Event-Id"] for one in receiver.came}) == 1


def test_it_gets_through_in_the_end_and_is_fine_again(receiver: Receiver, admin: Person) -> None:
    hook, _ = added(receiver, admin)
    receiver.answers = [503, 200]
    delivering.publish([event()], now=NOON)
    delivering.send_due(now=NOON)
    hook.refresh_from_db()
    assert hook.failing_since == NOON
    assert delivering.send_due(now=NOON + timedelta(minutes=1)) == 1
    hook.refresh_from_db()
    assert hook.failing_since is None


def test_a_redirect_is_a_failure(receiver: Receiver, admin: Person) -> None:
    added(receiver, admin)
    receiver.answers, receiver.location = [307], receiver.url
    delivering.publish([event()], now=NOON)
    assert delivering.send_due(now=NOON) == 0
    assert len(receiver.came) == 1


def test_a_dead_address_does_not_hold_up_the_others(receiver: Receiver, admin: Person) -> None:
    with listening() as gone:
        dead = gone.url
    subscribing.add(name="Dead", url=dead, events=["incident.opened"], private=False, by=admin, now=NOON)
    added(receiver, admin)
    delivering.publish([event(), event(), event()], now=NOON)
    assert delivering.send_due(now=NOON) == 3
    assert sorted(WebhookDelivery.objects.values_list("attempts", flat=True)) == [0, 0, 1, 1, 1, 1]


def test_after_days_of_failure_it_is_switched_off_and_that_is_told(receiver: Receiver, admin: Person) -> None:
    hook, _ = added(receiver, admin)
    receiver.answers = [500]
    for day in range(4):
        delivering.publish([event()], now=NOON + timedelta(days=day))
        for hour in range(0, 24, 2):
            delivering.send_due(now=NOON + timedelta(days=day, hours=hour))
    hook.refresh_from_db()
    assert (hook.is_on, hook.off_why) == (False, "nothing got through since 2026-11-20 12:00 UTC")
    notice = Notice.objects.get()
    assert (notice.person, notice.path) == (admin, f"/webhooks/{hook.pk}/")
    assert "Status page was switched off" in notice.text
    assert not WebhookDelivery.objects.filter(next_try_at__isnull=False).exists()


def test_one_lost_message_and_one_slow_one_days_later_switch_nothing_off(receiver: Receiver, admin: Person) -> None:
    hook, _ = added(receiver, admin)
    receiver.answers = [500]
    delivering.ping(hook, by=admin, now=NOON)
    delivering.send_due(now=NOON)
    hook.refresh_from_db()
    assert (hook.failing_since, hook.try_after) == (None, None)
    delivering.publish([event()], now=NOON)
    for hour in range(36):
        delivering.send_due(now=NOON + timedelta(hours=hour))
    later = NOON + timedelta(days=4)
    delivering.publish([event(), event(), event()], now=later)
    for hour in range(3):
        delivering.send_due(now=later + timedelta(hours=hour))
    hook.refresh_from_db()
    assert (hook.is_on, hook.failing_since) == (True, NOON)


def test_another_address_starts_afresh(receiver: Receiver, admin: Person) -> None:
    hook, _ = added(receiver, admin)
    receiver.answers = [500, 200]
    delivering.publish([event()], now=NOON)
    delivering.send_due(now=NOON)
    said: dict[str, Any] = {"name": "x", "events": ["incident.opened"], "private": False}
    subscribing.change(hook, url=receiver.url, **said)
    hook.refresh_from_db()
    assert hook.failing_since == NOON
    subscribing.change(hook, url=receiver.url + "/new", **said)
    hook.refresh_from_db()
    assert (hook.failing_since, hook.failures, hook.try_after) == (None, 0, None)
    assert delivering.send_due(now=NOON + timedelta(minutes=1)) == 1
    assert receiver.came[-1].path == "/hook/new"


def test_it_can_be_sent_again(receiver: Receiver, admin: Person) -> None:
    added(receiver, admin)
    delivering.publish([event()], now=NOON)
    delivering.send_due(now=NOON)
    sent = WebhookDelivery.objects.get()
    delivering.send_again(sent, by=admin, now=NOON)
    delivering.send_due(now=NOON)
    first, second = receiver.came
    assert first.body == second.body
    assert first.headers["Seamline-Event-Id"] == second.headers["Seamline-Event-Id"]


def test_a_test_says_only_that_it_arrived_and_is_tried_once(receiver: Receiver, admin: Person) -> None:
    hook, _ = added(receiver, admin)
    receiver.answers = [500]
    delivering.ping(hook, by=admin, now=NOON)
    delivering.send_due(now=NOON)
    assert json.loads(receiver.came[0].body)["event"] == "ping"
    assert WebhookDelivery.objects.get().state == "given up"


def test_a_sender_that_died_leaves_the_message_to_the_next(receiver: Receiver, admin: Person) -> None:
    added(receiver, admin)
    delivering.publish([event()], now=NOON)
    claimed = delivering._claimed(NOON, besides=set())  # and then it was killed
    assert claimed is not None
    assert delivering.send_due(now=NOON + timedelta(seconds=30)) == 0
    assert delivering.send_due(now=NOON + delivering.CLAIM) == 1


def test_nothing_is_sent_into_our_own_network(receiver: Receiver, admin: Person, settings: Any) -> None:
    added(receiver, admin)
    settings.OUTGOING_NETWORKS = []
    delivering.publish([event()], now=NOON)
    delivering.send_due(now=NOON)
    assert receiver.came == []
    assert "not an address of the public internet" in WebhookDelivery.objects.get().answer


def test_what_was_sent_long_ago_is_forgotten(receiver: Receiver, admin: Person) -> None:
    added(receiver, admin)
    delivering.publish([event()], now=NOON)
    delivering.send_due(now=NOON)
    later: datetime = NOON + delivering.KEPT
    assert delivering.trim(now=later) == 0
    assert delivering.trim(now=later + timedelta(hours=1)) == 1


def test_removing_lets_go_of_what_waits(receiver: Receiver, admin: Person) -> None:
    hook, _ = added(receiver, admin)
    delivering.publish([event(), event()], now=NOON)
    claimed = delivering._claimed(NOON, besides=set())
    assert claimed is not None
    subscribing.remove(hook, now=NOON)
    delivering._failed(claimed, delivering._Outcome(500, "no"), now=NOON)  # it was on its way
    assert delivering.send_due(now=NOON + WEEK) == 0
    assert {row.state for row in WebhookDelivery.objects.all()} == {"given up"}
