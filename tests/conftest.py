"""What every test may ask for; each room's own fixtures stand in its own folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

from config import broker
from config.embedded import address
from tests import services

SHARED = Path(os.environ.get("SHARED_FOLDER") or Path(__file__).resolve().parent.parent.parent / "shared")
EMBEDDED = "pgmq, in the database of the tests"

# How long an example takes says how busy the machine is, nothing about the code.
hypothesis.settings.register_profile(
    "any machine", hypothesis.settings(), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real payloads, catalogues and tables beside the checkout; CI insists on it."""
    if not SHARED.is_dir():
        message = f"no folder {SHARED} (set SHARED_FOLDER)"
        if os.environ.get("REQUIRE_SHARED") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return SHARED


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `broker_url` runs once on each broker: our own, and those that TEST_BROKER_URLS names."""
    if "broker_url" in metafunc.fixturenames:
        urls = [EMBEDDED, *os.environ.get("TEST_BROKER_URLS", "").split()]
        names = [services.shown(url) if "://" in url else "pgmq" for url in urls]
        metafunc.parametrize("broker_url", urls, ids=names, indirect=True)


@pytest.fixture
def broker_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a broker that answers, made current for Celery's app for the time of the test."""
    from celery import current_app

    url: str = request.param
    if url == EMBEDDED:
        request.getfixturevalue("transactional_db")
        url = address.broker_url(settings.DATABASES["default"])
        broker.set_up(url, {})
    kept = current_app.conf.broker_url, current_app.conf.broker_transport_options
    is_pgmq = url.startswith("pgmq://")
    current_app.conf.broker_url = url
    current_app.conf.broker_transport_options = (
        address.broker_options(settings.DATABASES["default"], shared=False) if is_pgmq else {}
    )
    _forget_connections()
    try:
        yield url
    finally:
        _forget_connections()
        current_app.conf.broker_url, current_app.conf.broker_transport_options = kept


def _forget_connections() -> None:
    from celery import current_app
    from kombu import pools

    pools.reset()
    current_app._after_fork()  # as a new process would: the next publication opens its own
