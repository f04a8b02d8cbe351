"""Opens what people upload: one zip or tar.gz, in memory, trusting nothing that it says about itself. Pure."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from ownership.importing.files import LARGEST, Piece, Unreadable, format_of_name, is_passed_over
from ownership.importing.yamldocs import clean

MOST_ENTRIES = 20_000
MOST_UNPACKED = 64 * 1024 * 1024
_MB = 1024 * 1024
_ORDINARY = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others cannot be unpacked a bounded piece at a time
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, ArithmeticError, EOFError, OSError, ValueError,
    RuntimeError,
)  # fmt: skip


def is_archive(raw: bytes) -> bool:
    """True for a zip, and for what gzip packed, by their first bytes."""
    return raw[:4] in {b"PK\x03\x04", b"PK\x05\x06"} or raw[:2] == b"\x1f\x8b" or raw[257:262] == b"ustar"


def unpacked(raw: bytes) -> tuple[dict[str, bytes], list[str]]:
    """(what may be a catalogue by its path, paths of links that were passed over). Raises Unreadable."""
    files: dict[str, bytes] = {}
    links: list[str] = []
    total = 0
    try:
        for name, content in _entries(raw):
            if content is None:
                links.append(name)
                continue
            total += len(content)
            if total > MOST_UNPACKED:
                raise _bomb()
            files[name] = content
    except _BROKEN as error:
        raise Unreadable("bad_archive", f"The archive is damaged or of an unknown kind ({_first(error)}).") from error
    return files, links


def without_top(files: dict[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """(name of the one folder that everything lies in, the files as seen from there); "" when there is no such one."""
    tops = {name.partition("/")[0] for name in files}
    if len(tops) != 1 or any("/" not in name for name in files):
        return "", files
    (top,) = tops
    return top, {name.partition("/")[2]: content for name, content in files.items()}


def packed(pieces: dict[str, Piece]) -> bytes:
    """Pieces as one archive of ours, the same bytes for the same pieces."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        for name, piece in pieces.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.comment = piece.sort.encode()
            made.writestr(entry, piece.content)
    return into.getvalue()


def opened(content: bytes) -> dict[str, Piece]:
    """The pieces of an archive that `packed` made."""
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {one.filename: Piece(made.read(one), one.comment.decode()) for one in made.infolist()}


def _entries(raw: bytes) -> Iterator[tuple[str, bytes | None]]:
    """(path, content, None for a link) of what is worth reading."""
    return _zipped(raw) if raw[:2] == b"PK" else _tarred(raw)


def _zipped(raw: bytes) -> Iterator[tuple[str, bytes | None]]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise _crowd()
        wanted = [(name, one) for one in entries if not one.is_dir() and (name := _wanted(one.filename))]
        if sum(min(one.file_size, LARGEST + 1) for _, one in wanted) > MOST_UNPACKED:
            raise _bomb()
        for name, one in wanted:
            if stat.S_ISLNK(one.external_attr >> 16):
                yield name, None
                continue
            if one.flag_bits & 1:
                raise Unreadable("encrypted", "The archive asks for a password; pack it without one.")
            if one.compress_type not in _ORDINARY:
                raise Unreadable("bad_archive", "The archive is packed in an unusual way; make an ordinary zip of it.")
            with archive.open(one) as file:
                yield name, file.read(LARGEST + 1)  # one byte too many is told as too large, file by file


def _tarred(raw: bytes) -> Iterator[tuple[str, bytes | None]]:
    with tarfile.open(fileobj=io.BytesIO(_gunzipped(raw)), mode="r:") as archive:
        for number, one in enumerate(archive):
            if number >= MOST_ENTRIES:
                raise _crowd()
            name = _wanted(one.name) if not one.isdir() else ""
            if not name:
                continue
            file = archive.extractfile(one) if one.isreg() else None
            yield name, file.read(LARGEST + 1) if file else None


def _gunzipped(raw: bytes) -> bytes:
    """All members, as far as the limit; what it would be beyond that is never held."""
    if raw[:2] != b"\x1f\x8b":
        return raw
    parts, size = [], 0
    while raw[:2] == b"\x1f\x8b":
        member = zlib.decompressobj(wbits=31)
        parts.append(member.decompress(raw, MOST_UNPACKED + 1 - size))
        size += len(parts[-1])
        if size > MOST_UNPACKED:
            raise _bomb()
        if not member.eof:
            raise Unreadable("bad_archive", "The archive ends too soon; upload it again.")
        raw = member.unused_data
    return b"".join(parts)


def _wanted(name: str) -> str:
    """The path in one spelling when the file may be a catalogue, else "". Raises Unreadable for one that leads out."""
    path = clean(name).replace("\\", "/")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.startswith("/") or ".." in parts or (parts and parts[0].endswith(":")):
        raise Unreadable("outside", f"The archive holds a path that leads outside of it: {path[:120]}. Pack it anew.")
    if not parts or is_passed_over(parts[:-1]) or format_of_name(parts[-1]) is None:
        return ""
    return "/".join(parts)


def _bomb() -> Unreadable:
    message = f"The archive unpacks to more than {MOST_UNPACKED // _MB} MB; pack only the catalogue's own files."
    return Unreadable("too_large", message)


def _crowd() -> Unreadable:
    message = f"The archive holds more than {MOST_ENTRIES:,} files; pack only the catalogue's own files."
    return Unreadable("too_many_files", message)


def _first(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
