"""The tasks that the scheduler and the hooks call, and what they do when the database is not well."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError
from django.utils import timezone

from incidents.alerts import digest, tasks
from incidents.alerts.models import Alert, Delivery
from incidents.alerts.sources import alertmanager
from incidents.alerts.sources.reading import Parsed, Reading, State
from incidents.response.models import Incident
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db


def test_digest_goes_on_until_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "BATCH_BYTES", 1)  # one delivery a batch
    source = am.source()
    for number in range(3):
        am.deliver(source, am.alert(f"A{number}"))
    assert tasks.digest_waiting() == 3
    assert Alert.objects.count() == 3


def test_digest_stops_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    am.deliver(am.source(), am.alert())
    monkeypatch.setattr(tasks, "LONGEST", 0.0)
    assert tasks.digest_waiting() == 0
    assert Delivery.objects.get().state == "waiting"


def test_settle_resolves_what_is_over() -> None:
    source, now = am.source(), timezone.now()
    began, ended = now - timedelta(minutes=20), now - timedelta(minutes=10)
    am.send(source, am.alert(starts=began), at=began)
    am.send(source, am.alert(starts=began, ends=ended), at=ended)
    assert tasks.settle_quiet() == 1
    assert Incident.objects.get().resolved_how == "alerts"


def trouble(cause: Exception) -> OperationalError:
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        trouble(psycopg.errors.DeadlockDetected("deadlock")),
        trouble(psycopg.errors.AdminShutdown("stop")),
        OperationalError("the connection is lost"),
    ],
    ids=["deadlock", "shutdown", "lost"],
)
def test_what_passes_leaves_everything_waiting(monkeypatch: pytest.MonkeyPatch, error: OperationalError) -> None:
    delivery = am.deliver(am.source(), am.alert())

    def fail(*args: object, **kwargs: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(digest.ledger, "save", fail)
        with pytest.raises(OperationalError):
            digest.batch(now=am.minutes(0))
        with pytest.raises(OperationalError):
            digest._alone(delivery.pk, am.minutes(0))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("waiting", 0)
    am.drain()
    assert Alert.objects.count() == 1


def test_what_the_database_will_never_take_is_poison(monkeypatch: pytest.MonkeyPatch) -> None:
    am.deliver(am.source(), am.alert())

    def fail(*args: object, **kwargs: object) -> None:
        raise trouble(psycopg.errors.ProgramLimitExceeded("too big"))

    monkeypatch.setattr(digest.ledger, "save", fail)
    am.drain()
    assert "too big" in Delivery.objects.get().reason


def reads(monkeypatch: pytest.MonkeyPatch, *readings: Reading) -> None:
    monkeypatch.setattr(alertmanager, "parse", lambda *args, **kwargs: Parsed(readings))


def test_a_key_too_long_for_the_column_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, Reading("k" * 400, State.FIRING, "Long", name="n" * 300))
    am.send(am.source(), am.alert())
    assert len(Alert.objects.get().problem_key) == 64
    assert len(Incident.objects.get().grouping_key) < 100


def test_what_is_no_alert_is_digested_and_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, Reading("k", State.NOT_AN_ALERT, "Heartbeat"))
    assert am.send(am.source(), am.alert()).state == "digested"
    assert not Alert.objects.exists()


def test_a_delivery_that_holds_nothing_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch)
    assert am.send(am.source(), am.alert()).state == "rejected"
