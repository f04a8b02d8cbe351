"""Two workers at once, on two real connections: one incident, nothing lost, nothing doubled."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from incidents.alerts import digest, settling, tasks
from incidents.alerts.models import Alert, Delivery
from incidents.response.models import Incident, TimelineRow
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def work() -> None:
    """A worker: small batches, so that the two interleave."""
    while digest.batch(now=minutes(1), size=2):
        pass


@pytest.mark.parametrize("attempt", range(5))
def test_two_workers_open_one_incident(attempt: int) -> None:
    make.service("Support answers", owner=make.person())
    first, second = am.source(), am.source()
    for number in range(12):
        for source in (first, second):
            am.deliver(source, am.alert("HighLatency", service="support-answers", instance=str(number % 4)))
    together(work, work)
    assert Incident.objects.count() == 1
    assert Alert.objects.count() == 8
    assert sum(Alert.objects.values_list("times_seen", flat=True)) == 24
    assert set(Delivery.objects.values_list("state", flat=True)) == {"digested"}
    assert TimelineRow.objects.filter(kind="routed").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_firing_and_resolve_in_two_workers_end_alike(attempt: int) -> None:
    source = am.source()
    for number in range(10):
        am.deliver(source, am.alert(instance=str(number)))
        am.deliver(source, am.alert(instance=str(number), ends=minutes(1)))
    together(work, work)
    assert Alert.objects.count() == 10
    assert not Alert.objects.filter(resolved_at=None).exists()
    assert set(Alert.objects.values_list("times_seen", flat=True)) == {1}
    assert Incident.objects.count() == 1


def test_no_worker_overtakes_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came first opens the incident, also while a worker that finds more to do would be quicker with the rest."""
    make.service("Support answers")
    source = am.source()
    for number in (0, 50):
        am.deliver(
            source, am.alert(f"A{number}", starts=minutes(number), service="support-answers"), at=minutes(number)
        )
    claimed, release = threading.Event(), threading.Event()
    write = digest._write
    slow = threading.local()

    def held(*args: object, **kwargs: object) -> object:
        if getattr(slow, "yes", False):
            claimed.set()
            assert release.wait(10)
        return write(*args, **kwargs)

    monkeypatch.setattr(digest, "_write", held)

    def first() -> None:
        slow.yes = True
        while digest.batch(now=minutes(51), size=1):
            pass

    def second() -> None:
        assert claimed.wait(10)
        try:
            assert digest.batch(now=minutes(51), size=1) is None
        finally:
            release.set()

    together(first, second)
    opened = Incident.objects.order_by("pk").values_list("title", flat=True)
    assert list(opened) == ["A0 is firing", "A50 is firing"]


def test_what_came_while_another_had_its_turn_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """It arrives after the last look of the one at work; its own worker is sent away."""
    source = am.source()
    claim = digest._claim
    slow, late = threading.local(), threading.Event()

    def and_one_more(statement: str, parameters: Sequence[Any]) -> object:
        found = claim(statement, parameters)
        if getattr(slow, "yes", False) and not late.is_set():
            together(lambda: am.deliver(source, am.alert()))
            sent_away: list[int] = []
            together(lambda: sent_away.append(tasks.digest_waiting()))
            assert sent_away == [0]
            late.set()
        return found

    monkeypatch.setattr(digest, "_claim", and_one_more)
    slow.yes = True
    assert tasks.digest_waiting() == 1
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_settling_and_a_new_alert_at_once(attempt: int) -> None:
    """Either the alert joins and the incident stays open, or it opens the next one; never an alert in a closed one."""
    make.service("Support answers")
    source = am.source()
    am.send(source, am.alert("One", service="support-answers"))
    am.send(source, am.alert("One", service="support-answers", ends=minutes(1)), at=minutes(1))
    am.deliver(source, am.alert("Two", service="support-answers", starts=minutes(5)), at=minutes(5))
    together(work, lambda: settling.settle(now=minutes(5)))
    two = Alert.objects.select_related("incident").get(name="Two")
    assert two.incident is not None
    assert two.incident.resolved_at is None
