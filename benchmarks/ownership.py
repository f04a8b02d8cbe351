"""How reads of the catalogue grow from 1,000 to 10,000 components, as ratios of times in one run.

Resolution (labels → owner, component → services → owner) should stay about the same, a blast radius should cost as
much for each row that it returns, and pages should take the same number of queries. Both sizes lie in databases of
one embedded PostgreSQL and are measured in turns, so that what the machine does meanwhile hits both alike. Prints the
table and writes benchmarks/results/ownership.json.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import servers

Reads = dict[str, dict[str, float]]
Growing = subprocess.Popen[str]
RESULT = Path(__file__).parent / "results" / "ownership.json"
SIZES = (1_000, 10_000)
ROUNDS = 5


def main() -> int:
    """Fill two databases, measure them in turns, print, write."""
    url = _prepare()
    grown = [_grow(size, url) for size in SIZES]
    rounds: list[list[Reads]] = [[] for _ in SIZES]
    for number in range(ROUNDS):
        for place, process in enumerate(grown):
            rounds[place].append(_round(process))
        print(f"round {number + 1} of {ROUNDS}", flush=True)
    for process in grown:
        process.communicate()
    small, large = (_quickest(found) for found in rounds)
    _write(small, large)
    return 0


def _prepare() -> str:
    """The environment, and the static files that pages name; the URL of a server."""
    os.environ.pop("CELERY_BROKER_URL", None)
    url = servers.database().url
    os.environ.update(
        DATABASE_URL=url,
        SECRET_KEY=secrets.token_urlsafe(50),
        SEAMLINE_VAR=tempfile.mkdtemp(prefix="seamline-bench-var-"),
        LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    _manage("collectstatic", "--noinput")
    return url


def _grow(size: int, url: str) -> Growing:
    """A process with a database of its own, which it fills before its first round."""
    base, _, _ = url.rpartition("/")
    name = f"seamline_bench_{size}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
    environment = os.environ | {"DATABASE_URL": f"{base}/{name}"}
    _manage("migrate", **environment)
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", f"from benchmarks import growth; growth.main({size})"],
        cwd=servers.ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _manage(*arguments: str, **environment: str) -> None:
    command = [sys.executable, "manage.py", *arguments, "--verbosity", "0"]
    subprocess.run(command, cwd=servers.ROOT, check=True, env=os.environ | environment)


def _round(process: Growing) -> Reads:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")
    process.stdin.write("round\n")
    process.stdin.flush()
    found: Reads = json.loads(process.stdout.readline())
    return found


def _quickest(rounds: list[Reads]) -> Reads:
    """Of each read its quickest round, for whatever else the machine does only makes it slower."""
    return {name: min((found[name] for found in rounds), key=lambda one: one["ms"]) for name in rounds[0]}


def _write(small: Reads, large: Reads) -> None:
    reads: dict[str, Any] = {}
    for name, before in small.items():
        after = large[name]
        reads[name] = {
            "1k": {key: round(value, 2) for key, value in before.items()},
            "10k": {key: round(value, 2) for key, value in after.items()},
            "ratio": round(after["ms"] / before["ms"], 2),
        }
        if "rows" in before:
            per_row = (after["ms"] / after["rows"]) / (before["ms"] / before["rows"])
            reads[name]["ratio_per_row"] = round(per_row, 2)
        print(f"{name:34} {before['ms']:9.2f} ms {after['ms']:9.2f} ms   × {reads[name]['ratio']}", flush=True)
    result = {
        "components": SIZES,
        "reads": reads,
        "rounds": ROUNDS,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "at": datetime.now(UTC).date().isoformat(),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(f"→ {RESULT.relative_to(servers.ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
