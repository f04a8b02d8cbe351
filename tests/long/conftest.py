"""One clone for all tests of this folder: the first makes its virtual environment, the others go on with it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

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
