"""Finding and opening the files to import: only below the given paths, only text, only of a size that makes sense."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from ownership.importing.records import FORMATS, Format

LARGEST = 5 * 1024 * 1024
LARGEST_CODEOWNERS = 3 * 1024 * 1024  # GitHub ignores a file from this size on
MOST_FILES = 20_000
LINK = "link"
_SUFFIXES: dict[str, Format] = {".yaml": "backstage", ".yml": "backstage", ".csv": "csv"}
_PASSED_OVER = {".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"}


class Unreadable(Exception):
    """A file cannot be used; says why and what to do. `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Piece:
    """A file of an upload. `sort` is the format in which to read it, `link` for one that is not followed, "" for a
    file that is read only when a Location names it."""

    content: bytes
    sort: str = ""


@dataclass(frozen=True)
class Source:
    """A file to read: its real place, the root that it must not leave, and what people call it.

    `among` holds the files of an upload by their places, which are then made up; None means this machine's own.
    """

    path: Path
    root: Path
    shown: str
    label: str
    format: Format
    among: Mapping[Path, bytes] | None = field(default=None, repr=False, compare=False)

    def sibling(self, target: str) -> Source:
        """The file that a relative target names, seen from this one. Raises Unreadable outside the root."""
        place = self.path.parent / target
        place = place.resolve() if self.among is None else Path(os.path.normpath(place))
        if not place.is_relative_to(self.root):
            raise Unreadable("outside", f"The target {target[:120]} lies outside what was given; give it too.")
        inside = place.relative_to(self.root)
        shown = os.path.normpath(os.path.join(os.path.dirname(self.shown), target))  # noqa: PTH118, PTH120 -- pathlib would fold what was typed
        return Source(place, self.root, shown, f"{self.root.name}/{inside.as_posix()}", self.format, self.among)

    @property
    def is_there(self) -> bool:
        """True when it can be opened."""
        if self.among is not None:
            return self.path in self.among
        try:
            return self.path.is_file()
        except OSError:  # such as a name longer than any file's
            return False

    def raw(self, most: int) -> bytes:
        """Its first `most` bytes. Raises Unreadable."""
        if self.among is not None:
            return self.among[self.path][:most]
        try:
            with self.path.open("rb") as file:
                return file.read(most)
        except OSError as error:
            raise Unreadable("unreadable", f"The file cannot be opened: {error.strerror}.") from error


def format_of(path: PurePath) -> Format | None:
    """The format that a file's name promises, None when it is none of ours."""
    return format_of_name(path.name)


def format_of_name(name: str) -> Format | None:
    """The same for a name without folders."""
    return "codeowners" if name == "CODEOWNERS" else _SUFFIXES.get(PurePath(name).suffix.lower())


def is_passed_over(folders: Collection[str]) -> bool:
    """True inside folders that hold nobody's catalogue, such as `.git`."""
    return not _PASSED_OVER.isdisjoint(folders)


def chosen(files: Mapping[str, bytes], format: Format | None = None, *, named: bool) -> dict[str, Piece]:  # noqa: A002 -- the public name
    """How to read each file of an upload: as in a folder, or as files that were each `named` on their own."""
    found = {name: format_of_name(PurePath(name).name) for name in files}
    if named:
        return {name: Piece(files[name], format or found[name] or "backstage") for name in files}
    apart = format is None and any(kind not in {None, "codeowners"} for kind in found.values())

    def sort(kind: Format | None) -> str:
        unwanted = kind != format if format else apart and kind == "codeowners"
        return "" if kind is None or unwanted else kind

    return {name: Piece(files[name], sort(found[name])) for name in sorted(files)}


def uploaded(pieces: Mapping[str, Piece], folder: str) -> Iterator[Source]:
    """The files of an upload to read, known again by the name of their folder."""
    root = Path("/") / (folder.replace("/", "-").strip(". ") or "upload")
    among = {root / name: piece.content for name, piece in pieces.items() if piece.sort != LINK}
    for name, piece in pieces.items():
        if piece.sort in FORMATS:
            yield Source(root / name, root, name, f"{root.name}/{name}", piece.sort, among)


def sources(paths: Iterable[Path], format: Format | None = None) -> Iterator[Source]:  # noqa: A002 -- the public name
    """Every file below the paths, each once, in order. A file named itself is taken whatever its name."""
    seen: set[Path] = set()
    for given in paths:
        if not given.exists():
            raise Unreadable("missing", f"There is no file or folder {given}; check the spelling.")
        found = list(_below(given, format))
        # Code owners say nothing about services: beside a catalogue they are read only when asked for.
        apart = format is None and any(source.format != "codeowners" for source in found)
        for source in found:
            if apart and source.format == "codeowners":
                continue
            if source.path not in seen:
                seen.add(source.path)
                yield source
            if len(seen) > MOST_FILES:
                raise Unreadable("too_many_files", f"More than {MOST_FILES:,} files; name a smaller folder.")


def _below(given: Path, wanted: Format | None) -> Iterator[Source]:
    real = given.resolve()
    if not given.is_dir():
        if not given.is_file():
            raise Unreadable("unreadable", f"{given} is neither a file nor a folder; name one.")
        kind = wanted or format_of(given) or "backstage"
        yield Source(real, real.parent, str(given), f"{real.parent.name}/{real.name}", kind)
        return
    for folder, inner, names in os.walk(given):
        inner[:] = sorted(set(inner) - _PASSED_OVER)
        for name in sorted(names):
            path = Path(folder) / name
            found, place = format_of(path), path.resolve()
            if found is None or found != (wanted or found) or not place.is_relative_to(real) or not place.is_file():
                continue
            yield Source(place, real, str(path), f"{real.name}/{path.relative_to(given).as_posix()}", found)


def text_of(source: Source) -> str:
    """The file's text without a byte order mark. Raises Unreadable."""
    largest = LARGEST_CODEOWNERS if source.format == "codeowners" else LARGEST
    raw = source.raw(largest + 1)
    if len(raw) > largest:
        raise Unreadable("too_large", f"The file is larger than {largest // 1024 // 1024} MB; split it.")
    if b"\0" in raw:
        raise Unreadable("binary", "This is not text; save the file as UTF-8 text.")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8", "This is not UTF-8 text; save the file as UTF-8.") from error
