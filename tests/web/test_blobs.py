"""Files by the hash of their bytes: whole or not there, private, and never outside of their folder."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from web import blobs


@pytest.fixture(autouse=True)
def root(settings, tmp_path: Path) -> Path:
    settings.ATTACHMENTS_ROOT = tmp_path / "kept"
    return tmp_path / "kept"


def test_bytes_are_kept_once_and_for_their_owner_alone(root: Path) -> None:
    digest = blobs.digest_of([b"one ", b"two"])
    blobs.put(digest, [b"one ", b"two"])
    blobs.put(digest, [b"never read"])
    with blobs.read(digest) as file:
        assert file.read() == b"one two"
    path = root / digest[:2] / digest
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(blobs.digests()) == [[digest]]
    blobs.remove(digest)
    blobs.remove(digest)
    assert list(blobs.digests()) == []


def test_half_a_file_is_none(root: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("disk full")

    digest = blobs.digest_of([b"half", b" more"])
    with pytest.raises(OSError, match="disk full"):
        blobs.put(digest, broken())
    assert [path for path in root.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "ab", "", "a" * 63 + "/"])
def test_nothing_but_a_digest_is_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="not a digest"):
        blobs.read(name)


def test_what_a_crash_left_half_written_goes_after_a_day(root: Path) -> None:
    folder = root / "ab"
    folder.mkdir(parents=True)
    old, young, foreign = folder / "x.part", folder / "y.part", folder / "README"
    for path in (old, young, foreign):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 2 * blobs.LEFT_OVER,) * 2)
    assert list(blobs.digests()) == []
    assert (old.exists(), young.exists(), foreign.exists()) == (False, True, True)
