"""Processes that each measure a database of another size, in turns: what the machine does meanwhile hits all alike."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from typing import Any

import psycopg

from benchmarks import servers

Growing = subprocess.Popen[str]


def prepare() -> str:
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


def grow(module: str, size: int, url: str) -> Growing:
    """A process with a database of its own: `module.main(size)` fills it, then answers each line with JSON."""
    base, _, _ = url.rpartition("/")
    name = f"seamline_bench_{size}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
    environment = os.environ | {"DATABASE_URL": f"{base}/{name}"}
    _manage("migrate", **environment)
    code = f"from benchmarks import {module}; {module}.main({size})"
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=servers.ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(process: Growing) -> dict[str, Any]:
    """One round of that process."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")
    process.stdin.write("round\n")
    process.stdin.flush()
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def _manage(*arguments: str, **environment: str) -> None:
    command = [sys.executable, "manage.py", *arguments, "--verbosity", "0"]
    subprocess.run(command, cwd=servers.ROOT, check=True, env=os.environ | environment)
