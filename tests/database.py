"""A pytest plugin (`-p tests.database`): the database of the test run.

TEST_DATABASE_URL names an external PostgreSQL; without it a throwaway embedded one starts, in a second, before
pytest-django reads the settings. Only the controller starts it; the parallel workers inherit DATABASE_URL.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Runs around pytest-django's own hook, which loads the settings."""
    os.environ.setdefault("SECRET_KEY", "a key for tests only, long enough that nothing warns about its length")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or start_throwaway()
    return (yield)


def start_throwaway() -> str:
    """Start an embedded server in a temporary folder and return its URL; it ends when this process does.

    Its modules are imported here, in the controller only, so that the workers import them under coverage.
    """
    from config.embedded import accounts
    from config.embedded.address import DATABASE, SUPERUSER, Place
    from config.embedded.server import Server
    from config.lifeline import Guard

    guard = Guard()
    folder = Path(tempfile.mkdtemp(prefix="seamline-test-", dir="/tmp"))
    guard.remove(folder)
    owner = accounts.Account(os.geteuid(), os.getegid()) if os.geteuid() else accounts.unprivileged()
    owner.give(folder)
    place = Place(var=folder, home=folder, sockets=folder / "socket", keeper=owner.uid)
    server = Server(place, log=folder / "log", guard=guard, throwaway=True)

    def end() -> None:
        server.stop()
        guard.dismiss()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    server.start()
    return f"postgresql://{SUPERUSER}@{quote(str(place.sockets), safe='')}:{5432}/{DATABASE}"
