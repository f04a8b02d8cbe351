"""How many single-alert posts per second the hook takes, beside a bare Django view that does one INSERT.

Both run under the same granian over the same database, in rounds that take turns, so that what the machine does
meanwhile hits both alike. Prints the ratio and writes benchmarks/results/hook.json.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import load, servers

RESULT = Path(__file__).parent / "results" / "hook.json"
ROUNDS = 5
SECONDS = 6.0
RESOURCES, NAMES = 2000, 20


def main() -> int:
    """Measure, print, write."""
    _prepare()
    source_id, key = _source()
    paths = {"hook": f"/hooks/alertmanager/{key}/", "bare": f"/insert/{source_id}/"}
    rates: dict[str, list[float]] = {"hook": [], "bare": []}
    with (
        servers.granian("config.wsgi:application") as hook,
        servers.granian("benchmarks.bare:application") as bare,
    ):
        ports = {"hook": hook, "bare": bare}
        for name in rates:  # warm up
            load.post_for(2, port=ports[name], path=paths[name], bodies=_bodies, good=202)
        for number in range(ROUNDS):
            for name in sorted(rates, reverse=bool(number % 2)):  # take turns at going first
                rate = load.post_for(SECONDS, port=ports[name], path=paths[name], bodies=_bodies, good=202)
                if rate.refused:
                    print(f"{name}: {rate.refused} of {rate.accepted + rate.refused} refused", file=sys.stderr)
                    return 1
                rates[name].append(rate.per_second)
                print(f"round {number + 1}  {name:5} {rate.per_second:8.0f}/s", flush=True)
    _write(rates)
    return 0


def _prepare() -> None:
    """The environment of the servers, and an empty migrated database."""
    var = tempfile.mkdtemp(prefix="seamline-bench-var-")
    os.environ.pop("CELERY_BROKER_URL", None)  # the broker in that database; no worker listens
    os.environ.update(
        DATABASE_URL=servers.database(),
        SECRET_KEY=secrets.token_urlsafe(50),
        SEAMLINE_VAR=var,
        LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    _manage("migrate", "--verbosity", "0")
    _shell(
        "from config import broker; from django.conf import settings as s; "
        "broker.set_up(s.CELERY_BROKER_URL, s.CELERY_BROKER_TRANSPORT_OPTIONS['conninfo'])"
    )


def _source() -> tuple[int, str]:
    """A source's id and key."""
    url = _manage("add_source", "alertmanager", f"bench {secrets.token_hex(4)}").strip()
    key = url.rstrip("/").rsplit("/", 1)[1]
    shown = _shell("from incidents.models import Source; print(Source.objects.latest('pk').pk)")
    return int(shown.split()[-1]), key


def _shell(code: str) -> str:
    return _manage("shell", "--verbosity", "0", "-c", code)


def _manage(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=servers.ROOT, check=True, stdout=subprocess.PIPE
    )
    return done.stdout.decode()


def _bodies(connection: int) -> Iterator[bytes]:
    """Single alerts over RESOURCES × NAMES, another order for each connection."""
    for number in itertools.count(connection * 7919):
        name, resource = f"Event{number % NAMES}", f"resource-{number // NAMES % RESOURCES}"
        labels = {"alertname": name, "instance": resource, "severity": "warning", "job": "bench"}
        alert = {
            "status": "firing",
            "labels": labels,
            "annotations": {"summary": f"{name} on {resource}", "description": "Made by the benchmark."},
            "startsAt": "2026-11-20T12:00:00.000Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.org/graph?g0.expr=up",
            "fingerprint": f"{number % (RESOURCES * NAMES):016x}",
        }
        group = {"version": "4", "groupKey": f'{{}}:{{alertname="{name}"}}', "truncatedAlerts": 0, "status": "firing"}
        yield json.dumps({**group, "receiver": "seamline", "commonLabels": labels, "alerts": [alert]}).encode()


def _write(rates: dict[str, list[float]]) -> None:
    hook, bare = (statistics.median(rates[name]) for name in ("hook", "bare"))
    ratio = statistics.median(one / other for one, other in zip(rates["hook"], rates["bare"], strict=True))
    result = {
        "single_per_s": round(hook),
        "bare_view_per_s": round(bare),
        "ratio": round(ratio, 3),
        "rounds": {name: [round(rate) for rate in all_] for name, all_ in rates.items()},
        "connections": load.CONNECTIONS,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "at": datetime.now(UTC).date().isoformat(),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(f"\nhook {hook:.0f}/s, bare view {bare:.0f}/s, ratio {ratio:.2f} (the median of the rounds)")
    print(f"→ {RESULT.relative_to(servers.ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
