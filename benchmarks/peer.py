"""The peer: alerta-server from the package index, in a virtual environment of its own, under gunicorn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import servers

PACKAGES = ("alerta-server==9.1.0", "psycopg2-binary", "gunicorn", "setuptools<81")  # it still imports pkg_resources
CONFIGURATION = 'AUTH_REQUIRED = False\nSECRET_KEY = "bench"\nPLUGINS = []\nLOG_HANDLERS = []\n'


class NotHere(Exception):
    """It could not be installed; the message says why."""


@contextmanager
def running(database: servers.Database) -> Iterator[int]:
    """Two workers on the same PostgreSQL; yields the port. Raises NotHere."""
    folder = Path(tempfile.mkdtemp(prefix="seamline-bench-peer-"))
    try:
        python = _installed(folder)
        (folder / "alertad.conf").write_text(CONFIGURATION)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO")},
            "ALERTA_SVR_CONF_FILE": str(folder / "alertad.conf"),
            "DATABASE_URL": database.another("alerta"),
        }
        # Its schema is made by the first start, and not twice at once.
        make = [str(python), "-c", "from alerta import create_app; create_app()"]
        subprocess.run(make, env=environment, check=True, cwd=folder, capture_output=True)
        port = servers.free_port()
        with servers.process(
            [
                *(str(python), "-m", "gunicorn", "--workers", "2", "--worker-class", "gthread", "--threads", "8"),
                *("--bind", f"127.0.0.1:{port}", "--log-level", "error", "--no-control-socket", "alerta:create_app()"),
            ],
            environment=environment,
            folder=folder,
        ):
            servers.wait_for(port, "/management/gtg")
            yield port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _installed(folder: Path) -> Path:
    steps = (
        [sys.executable, "-m", "venv", str(folder / "venv")],
        [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", *PACKAGES],
    )
    for step in steps:
        done = subprocess.run(step, check=False, capture_output=True, text=True)
        if done.returncode:
            words = done.stderr.strip().splitlines() or ["without a word"]
            raise NotHere(f"{json.dumps(' '.join(step[-5:]))} failed: {words[-1]}")
    return folder / "venv" / "bin" / "python"
