"""The bell: at once for the one that rings, one message for many, nothing lost when the broker is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from web import wakeup
from web.wakeup import Bell


class Broker:
    """Takes messages, or breaks as told."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.dead = False

    def send_task(self, name: str, **options: Any) -> None:
        if not name.startswith("test."):
            return  # a bell that an earlier test of this process rang may still be on its way
        self.sent.append((name, options))
        if self.dead:
            raise ConnectionError("broker away")


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()
    monkeypatch.setattr(wakeup, "current_app", broker)
    monkeypatch.setattr(wakeup, "INTERVAL", 0.05)
    return broker


def wait_until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def test_one_ring_is_one_message_that_does_not_outlive_its_use(broker: Broker) -> None:
    Bell("test.digest").ring()
    wait_until(lambda: len(broker.sent) == 1)
    assert broker.sent == [("test.digest", {"expires": 10, "retry": False})]
    time.sleep(0.15)
    assert len(broker.sent) == 1


def test_many_rings_are_few_messages_and_the_last_one_is_heard(broker: Broker) -> None:
    bell = Bell("test.x")
    begin = time.monotonic()
    for _ in range(500):
        bell.ring()
        time.sleep(0.0002)
    last = time.monotonic()
    time.sleep(0.2)
    assert 1 <= len(broker.sent) <= (last - begin) / 0.05 + 2


def test_ringing_starts_one_thread_however_many_ring_at_once(broker: Broker) -> None:
    bell = Bell("test.one")
    ringers = [threading.Thread(target=bell.ring) for _ in range(20)]
    for ringer in ringers:
        ringer.start()
    for ringer in ringers:
        ringer.join()
    assert [thread.name for thread in threading.enumerate()].count("bell test.one") == 1


def test_a_dead_broker_costs_nothing_but_the_wait(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    bell = Bell("test.x")
    broker.dead = True
    bell.ring()
    wait_until(lambda: "the sweep will do it" in caplog.text)
    broker.dead = False
    bell.ring()
    wait_until(lambda: len(broker.sent) == 2)


def test_a_thread_that_died_is_replaced(broker: Broker) -> None:
    bell = Bell("test.x")
    gone = threading.Thread(target=lambda: None)
    gone.start()
    gone.join()
    bell._thread = gone
    bell.ring()
    wait_until(lambda: len(broker.sent) == 1)
