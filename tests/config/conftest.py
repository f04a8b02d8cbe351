"""A folder that every user may enter, as a project's folder usually is; with a space in its name."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def var() -> Iterator[Path]:
    """An empty var folder. pytest's own tmp_path is closed to others, which PostgreSQL's user is when root tests."""
    folder = Path(tempfile.mkdtemp(prefix="seam line ", dir="/tmp")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
