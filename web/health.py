"""/healthz says that the process lives; /readyz says whether all it needs does."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from web.models import Heartbeat

HEARTBEAT_AGE = timedelta(seconds=30)
_log = logging.getLogger("seamline.health")


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, migrations, broker and worker are there; 503 with the one that is not."""
    checks: dict[str, Callable[[], str | None]] = {
        "database": _database,
        "migrations": _migrations,
        "broker": _broker,
        "worker": _worker,
    }
    answers = {name: _answer(name, check) for name, check in checks.items()}
    ready = all(answer == "ok" for answer in answers.values())
    return JsonResponse({"ready": ready, "checks": answers}, status=200 if ready else 503)


def _answer(name: str, check: Callable[[], str | None]) -> str:
    try:
        return check() or "ok"
    except Exception as error:  # noqa: BLE001 -- whatever a driver raises, this part is not there
        _log.warning("not ready", extra={"check": name, "error": f"{type(error).__name__}: {error}"})
        return "does not answer"


def _database() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return None


class _Pending(Exception):
    """Some migrations are not applied."""


def _migrations() -> str | None:
    try:
        _require_migrated()
    except _Pending:
        return "some are not applied: run `python manage.py migrate`"
    return None


@functools.cache  # a refusal is not kept: once migrated stays migrated, and the graph is slow to load
def _require_migrated() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _Pending


def _broker() -> str | None:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    return None


def _worker() -> str | None:
    try:
        beat = Heartbeat.objects.filter(name="worker").first()
    except DatabaseError:
        return "unknown while the database is away"
    if beat is None:
        return "no worker has been seen yet"
    age = timezone.now() - beat.at
    return None if age < HEARTBEAT_AGE else f"last seen {int(age.total_seconds())} s ago"
