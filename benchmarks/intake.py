"""`make bench`: how fast alerts come in and become incidents, beside a bare view, the peer and PostgreSQL itself.

All of it on one embedded PostgreSQL with worker and scheduler running, in rounds that take turns, so that what the
machine does meanwhile hits all alike; the medians count. Writes benchmarks/results/intake.json. BENCH_SECONDS and
BENCH_ROUNDS make it shorter.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import alerts, load, peer, servers, storage
from benchmarks.storage import Watch

RESULT = Path(__file__).parent / "results" / "intake.json"
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
BATCHES = max(16, int(50 * SECONDS))  # bodies of a hundred in a round
MILLION = int(os.environ.get("BENCH_STORED", "1000000"))
TARGETS = {"single_of_peer": 15, "single_of_bare": 0.6, "batch_of_pg": 0.5, "lag_p99_s": 2, "after_1m_of_single": 0.85}


class Bench:
    """One run: the servers, and what each round found."""

    def __init__(self, database: servers.Database, stack: ExitStack) -> None:
        self.database = database
        self.rounds: dict[str, list[float]] = defaultdict(list)
        self.lags: list[float] = []
        self.why_no_peer = ""
        key, source_id = _prepared(database)
        self._hook = f"/hooks/alertmanager/{key}/"
        self._bare = f"/insert/{source_id}/"
        self._ours = stack.enter_context(servers.granian("config.wsgi:application"))
        self._bare_port = stack.enter_context(servers.granian("benchmarks.bare_server:application"))
        stack.enter_context(servers.worker())
        self._peer: int | None = None
        try:
            self._peer = stack.enter_context(peer.running(database))
        except peer.NotHere as error:
            self.why_no_peer = str(error)
        self._next_problem = alerts.RESOURCES * alerts.NAMES

    def single(self, name: str = "single") -> None:
        """One alert per POST, digested meanwhile; the lag is measured too."""
        with Watch(self.database) as watch:
            self._add(name, self._rate(self._ours, self._hook, alerts.ours))
            watch.until_drained()
        if name == "single":
            self.lags += watch.lags()

    def batch(self) -> None:
        """Bodies of a hundred new alerts: from the first one's receipt until the last is digested."""
        bodies = alerts.batches(BATCHES, first=self._next_problem)
        self._next_problem += BATCHES * alerts.BATCH
        with Watch(self.database) as watch:
            load.post_for(
                600,
                port=self._ours,
                path=self._hook,
                bodies=lambda number: iter(bodies[number :: load.CONNECTIONS]),
                good=202,
            )
            watch.until_drained()
        self._add("batch", BATCHES * alerts.BATCH / watch.seconds())

    def bare(self, name: str = "bare") -> None:
        """The bare view."""
        self._add(name, self._rate(self._bare_port, self._bare, alerts.ours))

    def peer(self) -> None:
        """The peer, where it could be installed."""
        if self._peer is not None:
            self._add("peer", self._rate(self._peer, "/alert", alerts.peers, good=201))

    def inserts(self) -> None:
        """PostgreSQL alone."""
        self._add("pg_insert", self.database.inserts(SECONDS))

    def _rate(self, port: int, path: str, bodies: alerts.Bodies, good: int = 202) -> float:
        rate = load.post_for(SECONDS, port=port, path=path, bodies=bodies, good=good)
        if rate.refused:
            raise RuntimeError(f"{path}: {rate.refused} of {rate.accepted + rate.refused} refused")
        return rate.per_second

    def _add(self, name: str, rate: float) -> None:
        self.rounds[name].append(rate)
        print(f"{name:12} {rate:9.0f}/s", flush=True)


def main() -> int:
    """Measure, print, write."""
    before = os.getloadavg()[0]
    with ExitStack() as stack:
        bench = Bench(servers.database(), stack)
        steps: list[Callable[[], None]] = [bench.single, bench.bare, bench.batch, bench.peer, bench.inserts]
        for step in steps:  # warm up
            step()
        bench.rounds.clear()
        bench.lags.clear()
        for number in range(ROUNDS):
            print(f"round {number + 1}", flush=True)
            for step in steps if number % 2 else reversed(steps):
                step()
        print(f"storing {MILLION} alerts", flush=True)
        storage.fill(bench.database, MILLION)
        for _ in range(ROUNDS):
            bench.single("single_1m")
            bench.bare("bare_1m")
        incidents = storage.incidents(bench.database)
    _write(bench, incidents, before)
    return 0


def _prepared(database: servers.Database) -> tuple[str, int]:
    """Migrate, set the broker up, make the services; a source's key and id."""
    os.environ.pop("CELERY_BROKER_URL", None)  # the broker in that database
    os.environ.update(
        DATABASE_URL=database.url,
        SECRET_KEY=secrets.token_urlsafe(50),
        SEAMLINE_VAR=tempfile.mkdtemp(prefix="seamline-bench-var-"),
        LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    _manage("migrate", "--verbosity", "0")
    _shell(
        "from config import broker; from django.conf import settings as s; "
        "broker.set_up(s.CELERY_BROKER_URL, s.CELERY_BROKER_TRANSPORT_OPTIONS['conninfo']); "
        "from ownership.models import Service; "
        f"[Service.objects.create(name=f'Bench {{n}}', slug=f'bench-{{n}}') for n in range({alerts.NAMES})]"
    )
    url = _manage("add_source", "alertmanager", "bench", "--per-second", "0").strip()
    shown = _shell("from incidents.models import Source; print(Source.objects.latest('pk').pk)")
    return url.rstrip("/").rsplit("/", 1)[1], int(shown.split()[-1])


def _shell(code: str) -> str:
    return _manage("shell", "--verbosity", "0", "-c", code)


def _manage(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=servers.ROOT, check=True, stdout=subprocess.PIPE
    )
    return done.stdout.decode()


def _write(bench: Bench, incidents: int, load_before: float) -> None:
    median = {name: statistics.median(rates) for name, rates in bench.rounds.items()}
    centiles = statistics.quantiles(bench.lags, n=100)
    parts = _against(bench.rounds)
    result = {
        "single_per_s": round(median["single"]),
        "batch_alerts_per_s": round(median["batch"]),
        "lag_p50_s": round(centiles[49], 3),
        "lag_p99_s": round(centiles[98], 3),
        "single_per_s_after_1m": round(median["single_1m"]),
        "bare_view_per_s_after_1m": round(median["bare_1m"]),
        "peer_per_s": round(median["peer"]) if "peer" in median else None,
        "peer_skipped": bench.why_no_peer or None,
        "bare_view_per_s": round(median["bare"]),
        "pg_insert_per_s": round(median["pg_insert"]),
        "against": {name: _told(rounds) for name, rounds in parts.items()},
        "targets": TARGETS,
        "stored_before": MILLION,
        "incidents": incidents,
        "rounds": {name: [round(rate) for rate in rates] for name, rates in bench.rounds.items()},
        "seconds_per_round": SECONDS,
        "connections": load.CONNECTIONS,
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_before_and_after": [round(load_before, 2), round(os.getloadavg()[0], 2)],
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    medians = {name: None if rounds is None else statistics.median(rounds) for name, rounds in parts.items()}
    for line in _verdicts(medians | {"lag_p99_s": centiles[98]}):
        print(line)
    print(f"→ {RESULT.relative_to(servers.ROOT)}")


def _against(rounds: dict[str, list[float]]) -> dict[str, list[float] | None]:
    """Each rate in parts of what it is held against, round by round: what ran in one round saw one weather.

    The rates after the million ran in rounds of their own, so the first of them is divided by the first of before, and
    so on: these parts saw different weathers, and spread the more for it.
    """

    def parts(one: str, other: str) -> list[float]:
        return [mine / theirs for mine, theirs in zip(rounds[one], rounds[other], strict=True)]

    return {
        "single_of_peer": parts("single", "peer") if "peer" in rounds else None,
        "single_of_bare": parts("single", "bare"),
        "batch_of_pg": parts("batch", "pg_insert"),
        "after_1m_of_single": parts("single_1m", "single"),
        "after_1m_of_bare": parts("single_1m", "bare_1m"),
    }


def _told(parts: list[float] | None) -> dict[str, float] | None:
    """The median of the rounds and how far they lie apart."""
    if parts is None:
        return None
    return {
        "median": round(statistics.median(parts), 3),
        "least": round(min(parts), 3),
        "most": round(max(parts), 3),
    }


def _verdicts(against: dict[str, float | None]) -> Iterator[str]:
    for name, target in TARGETS.items():
        value = against[name]
        if value is None:
            yield f"{name:20} not measured"
            continue
        met = value <= target if name == "lag_p99_s" else value >= target
        yield f"{name:20} {value:8.2f}  target {target}  {'met' if met else 'MISSED'}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


if __name__ == "__main__":
    sys.exit(main())
