"""Files kept by the SHA-256 of their bytes, in a folder that no web server looks into.

The bytes are there before the row that names them, and go after it: both hold the lock of the digest, so that nobody
removes what somebody else is just naming. What a crash left over is swept (`digests`, `remove`).
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PART = ".part"
LEFT_OVER = 86_400  # seconds after which a half-written file is nobody's


def digest_of(chunks: Iterable[bytes]) -> str:
    """The name of these bytes."""
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


def lock(digest: str) -> None:
    """Hold these bytes until the transaction ends, whether they are there or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])


def put(digest: str, chunks: Iterable[bytes]) -> None:
    """Write bytes that are not there yet: whole and on the disk, or not at all."""
    path = _path(digest)
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(suffix=_PART, dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def read(digest: str) -> BinaryIO:
    """The bytes; FileNotFoundError when they are gone."""
    return _path(digest).open("rb")


def remove(digest: str) -> None:
    """Take the bytes from the disk."""
    _path(digest).unlink(missing_ok=True)


def digests() -> Iterator[list[str]]:
    """The names of all bytes that are there, a folder at a time; what was half written long ago is removed."""
    for folder in sorted(_root().glob("??")):
        names = []
        for path in folder.iterdir():
            if _DIGEST.fullmatch(path.name):
                names.append(path.name)
            elif path.suffix == _PART and path.stat().st_mtime < time.time() - LEFT_OVER:
                path.unlink(missing_ok=True)
        if names:
            yield sorted(names)


def _root() -> Path:
    return Path(settings.ATTACHMENTS_ROOT)


def _path(digest: str) -> Path:
    if not _DIGEST.fullmatch(digest):
        raise ValueError("not a digest")
    return _root() / digest[:2] / digest
