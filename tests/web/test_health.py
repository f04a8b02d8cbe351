"""Alive, and ready: what is missing is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from kombu import Connection

from web import health
from web.models import Heartbeat
from web.tasks import heartbeat


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """No test inherits that migrations were once complete."""
    health._require_migrated.cache_clear()
    yield
    health._require_migrated.cache_clear()


def ready(status: int) -> dict[str, Any]:
    answer = Client().get("/readyz")
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    assert body["ready"] is (status == 200)
    checks: dict[str, Any] = body["checks"]
    return checks


def test_alive_needs_nothing() -> None:
    """Not even the database: this test may not use it."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_all_is_there() -> None:
    heartbeat()
    assert ready(200) == {"database": "ok", "migrations": "ok", "broker": "ok", "worker": "ok"}


@pytest.mark.django_db
def test_without_a_worker_it_says_so() -> None:
    assert ready(503)["worker"] == "no worker has been seen yet"


@pytest.mark.django_db
def test_a_worker_that_fell_silent_is_told_with_its_last_sign() -> None:
    Heartbeat.objects.create(name="worker", at=timezone.now() - timedelta(seconds=95))
    assert ready(503)["worker"] == "last seen 95 s ago"
    heartbeat()
    assert ready(200)["worker"] == "ok"
    assert Heartbeat.objects.count() == 1


@pytest.mark.django_db
def test_an_unapplied_migration_is_told_until_it_is_applied_and_then_no_longer_looked_for(
    django_assert_num_queries: Any,
) -> None:
    heartbeat()
    MigrationRecorder.Migration.objects.filter(app="web", name="0002_search").delete()
    assert ready(503)["migrations"] == "some are not applied: run `python manage.py migrate`"
    MigrationRecorder.Migration.objects.create(app="web", name="0002_search")
    assert ready(200)["migrations"] == "ok"
    with django_assert_num_queries(2):  # SELECT 1 and the heartbeat
        ready(200)


@pytest.mark.django_db
def test_a_dead_broker_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat()
    dead = Connection("redis://127.0.0.1:9/0", connect_timeout=2)
    monkeypatch.setattr(current_app, "connection_for_write", lambda: dead)
    asked, ensure = [], Connection.ensure_connection

    def noting(broker: Connection, *given: Any, **told: Any) -> Any:
        asked.append(told)
        return ensure(broker, *given, **told)

    monkeypatch.setattr(Connection, "ensure_connection", noting)
    assert ready(503)["broker"] == "does not answer"
    assert asked == [{"max_retries": 1, "interval_start": 0, "timeout": 2}]


def test_a_database_that_is_away_is_told_and_the_rest_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def cursor(self) -> Any:
            raise OperationalError("connection refused")

    def away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "connection", Away())
    monkeypatch.setattr(health, "MigrationExecutor", away)
    monkeypatch.setattr(health.Heartbeat.objects, "filter", away)
    assert ready(503) == {
        "database": "does not answer",
        "migrations": "does not answer",
        "broker": "ok",
        "worker": "unknown while the database is away",
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading_is_asked(path: str) -> None:
    assert Client().post(path).status_code == 405
