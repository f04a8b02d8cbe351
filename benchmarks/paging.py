"""Makes a history of one size, then measures a round of pages for each line that it is given, printed as JSON.

In this process, through Django's test client: all of the code that answers, none of the web server, so that nothing
but the pages and their statements is measured.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import sys
import time
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from benchmarks import seeding
from ownership.models import Person

EACH = int(os.environ.get("BENCH_EACH", "15"))
FEW, MANY = 10, 10_000
STORMS = {f"incident, {FEW} alerts": FEW, f"incident, {MANY:,} alerts": MANY}


def main(size: int) -> None:
    """Fill; then a round for each line of the input. Run by `manage.py shell`, which sets Django up."""
    settings.ALLOWED_HOSTS = ["testserver"]
    begin = time.monotonic()
    addresses = _fill(size)
    print(f"{size} incidents made in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    client = Client()
    client.force_login(Person.objects.order_by("pk")[3])
    for path in addresses.values():
        _get(client, path)
    for _ in sys.stdin:
        print(json.dumps({name: _measure(client, path) for name, path in addresses.items()}), flush=True)


def _fill(size: int) -> dict[str, str]:
    seeding.fill(size)
    addresses = seeding.pages(size)
    for place, (name, alerts) in enumerate(STORMS.items(), 2):
        number = size // 2 + place
        seeding.storm(number, alerts - seeding.ALERTS)
        addresses[name] = f"/incidents/{number}/"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return addresses


def _measure(client: Client, path: str) -> dict[str, Any]:
    """Milliseconds of the page, the median of EACH; of it this process's own; and its queries."""
    taken, own = [], []
    for _ in range(EACH):
        begin, begin_own = time.perf_counter(), time.process_time()
        _get(client, path)
        taken.append((time.perf_counter() - begin) * 1000)
        own.append((time.process_time() - begin_own) * 1000)
    return {"ms": statistics.median(taken), "own_ms": statistics.median(own), "queries": _queries(client, path)}


def _queries(client: Client, path: str) -> int:
    count = itertools.count()

    def counted(execute: Any, *given: Any) -> Any:
        next(count)
        return execute(*given)

    with connection.execute_wrapper(counted):
        _get(client, path)
    return next(count)


def _get(client: Client, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise LookupError(f"{path}: {answer.status_code}")
