"""Makes a past of one size, then measures a round of the patterns for each line that it is given, printed as JSON.

Each address through Django's test client, everything that answers but the web server; half of the times something new
was recorded just before. Beside them, in the same round, the plain join that the facts are to beat.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks import pasts
from incidents.patterns import keeping
from incidents.patterns.questions import QUESTIONS
from incidents.response.models import Finding, Incident
from ownership.models import Person

EACH = int(os.environ.get("BENCH_EACH", "6"))
# In the last twelve months, and before.
SHAPES = {19_000: (10_000, 9_000), 100_000: (10_000, 90_000), 1_000_000: (100_000, 900_000)}
PLAIN = """
SELECT date_trunc('month', i.detected_at), f.layer, count(*)
FROM incidents_incident i JOIN incidents_finding f ON f.incident_id = i.id AND f.superseded_at IS NULL
WHERE i.detected_at >= %s GROUP BY 1, 2
"""


def main(size: int) -> None:
    """Fill; then a round for each line of the input. Run by `manage.py shell`, which sets Django up."""
    settings.ALLOWED_HOSTS = ["testserver"]
    begin = time.monotonic()
    inside, outside = SHAPES[size]
    pasts.fill(inside, outside)
    made = time.monotonic() - begin
    wrong = keeping.compare(mend=False)
    counts = f"{Incident.objects.count()} incidents, {Finding.objects.count()} findings"
    print(
        f"{counts}: made in {made:.0f} s, compared in {time.monotonic() - begin - made:.0f} s; {len(wrong)} wrong",
        file=sys.stderr,
        flush=True,
    )
    client = Client()
    client.force_login(Person.objects.order_by("pk")[3])
    addresses = _addresses()
    for path in addresses.values():
        _get(client, path)
    for _ in sys.stdin:
        print(json.dumps(_round(client, addresses)), flush=True)


def _addresses() -> dict[str, str]:
    return {
        "overview": "/patterns/",
        **{f"chart: {one.slug}": f"/patterns/{one.slug}/" for one in QUESTIONS},
        "file of rows": f"/patterns/{QUESTIONS[1].slug}.csv",
        "incidents behind a mark": "/patterns/incidents/?layer=data",
    }


def _round(client: Client, addresses: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Milliseconds of each, as often as EACH, of those after something new, and the queries it takes."""
    found: dict[str, dict[str, Any]] = {}
    for name, path in addresses.items():
        kept: list[float] = []
        fresh: list[float] = []
        for _ in range(EACH):
            kept.append(_timed(partial(_get, client, path)))
            _record()
            fresh.append(_timed(partial(_get, client, path)))
        found[name] = {"ms": kept, "fresh_ms": fresh, "queries": _queries(client, path)}
    found["plain join"] = {"ms": [_timed(_join) for _ in range(EACH)]}
    return found


def _timed(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000


def _record() -> None:
    """Something new of the newest incident that is not open, so that the next view is the first one of it."""
    one = Incident.objects.filter(resolved_at__isnull=False).order_by("-pk")[0]
    Incident.objects.filter(pk=one.pk).update(severity="sev1" if one.severity != "sev1" else "sev2")


def _join() -> None:
    first = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, [(first - timedelta(days=335)).replace(day=1)])
        cursor.fetchall()


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
