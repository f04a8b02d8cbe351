"""One clone for all tests of this folder: the first makes its virtual environment, the others go on with it.

And one PostgreSQL for all crash tests.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.long import replaying
from tests.long.replaying import Postgres, Workers
from tests.long.stack import Stack, clone


@pytest.fixture(scope="session")
def project() -> Iterator[Path]:
    """A bare clone in a path with a space."""
    parent = Path(tempfile.mkdtemp(prefix="seam line ", dir="/tmp")).resolve()
    parent.chmod(0o755)
    yield clone(parent / "the project")
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture
def stack(project: Path) -> Iterator[Stack]:
    """That clone, not running yet; nothing of it runs afterwards."""
    stack = Stack(project)
    yield stack
    stack.kill_everything()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of the crash tests."""
    server = Postgres()
    yield server
    server.end()


@pytest.fixture(scope="session")
def workers(postgres: Postgres) -> Iterator[Workers]:
    """Who forks workers, and the templates: `furnished`, and `recorded` with the stream."""
    workers = Workers(postgres)
    replaying.prepare(postgres, workers)
    yield workers
    workers.end()
