"""What the machine has beside Seamline: servers to be compatible with, a browser, an Alertmanager."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from kombu import Connection

OLDEST = 150_000
DATABASES = ("postgresql://postgres@127.0.0.1:5432/postgres", "postgresql:///postgres")  # TCP, or the local socket
BROKERS = ("redis://127.0.0.1:6379/9", "amqp://guest:guest@127.0.0.1:5672//")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ALERTMANAGERS = ("prometheus-alertmanager", "alertmanager")


def database() -> str | None:
    """The URL of an external PostgreSQL where test databases may be made: TEST_DATABASE_URL, or one found here."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    for url in DATABASES:
        try:
            with psycopg.connect(url, connect_timeout=3) as connection:
                row = connection.execute(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
                if row and row[0] and connection.info.server_version >= OLDEST:
                    return _for_tests(url, connection.info)
        except psycopg.Error:
            continue
    return None


def _for_tests(url: str, info: psycopg.ConnectionInfo) -> str:
    """The same server in words that say everything; the tests' database is called test_seamline_compat there."""
    host = info.host.replace("/", "%2F")
    return f"postgresql://{info.user}@{host}:{info.port}/seamline_compat"


def brokers() -> list[str]:
    """The URLs of the brokers to be compatible with: TEST_BROKER_URLS (blank-separated), or those that answer here."""
    given = os.environ.get("TEST_BROKER_URLS")
    return given.split() if given is not None else [url for url in BROKERS if _answers(url)]


def _answers(url: str) -> bool:
    try:
        with Connection(url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except Exception:  # noqa: BLE001 -- each library raises its own kinds
        return False
    return True


def chromium() -> str | None:
    """The path of a Chromium: of the system, or the one that Playwright installed."""
    given = os.environ.get("CHROMIUM_PATH")
    if given:
        return given
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def alertmanager() -> str | None:
    """The path of an Alertmanager."""
    return next((found for name in ALERTMANAGERS if (found := shutil.which(name, path=_wide_path()))), None)


def install(package: str) -> bool:
    """As root on Debian or Ubuntu: install a package of the distribution."""
    if os.geteuid() or shutil.which("apt-get") is None:
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    order = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    for command in (order, ["apt-get", "update", "-qq"], order):
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if command is order and done.returncode == 0:
            return True
    sys.stderr.write(done.stderr.decode(errors="replace")[-500:])
    return False


def install_chromium() -> bool:
    """Install a browser: the distribution's package, else the one that Playwright downloads."""
    if install("chromium"):
        return True
    done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return done.returncode == 0


def shown(url: str) -> str:
    """A URL without its password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rsplit('@', 1)[-1].replace('%2F', '/')}{parts.path}"


def _wide_path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/bin"
