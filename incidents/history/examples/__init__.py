"""Mapping files that are shipped; each begins with a comment that says what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Example:
    """A mapping file: its name, what it reads in one sentence, and its text."""

    name: str
    title: str
    text: str


def every() -> list[Example]:
    """The shipped mappings by name."""
    return [_read(path) for path in sorted(FOLDER.glob("*.yaml"))]


def _read(path: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    return Example(path.stem, text.partition("\n")[0].removeprefix("#").strip(), text)
