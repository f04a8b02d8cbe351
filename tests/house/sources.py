"""The files of the house, as its tests read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("config", "web", "ownership", "incidents")
WRITTEN = (*CODE, "tests", "benchmarks", "templates", "static", "docs", "deploy", ".ci")
_MADE = {"__pycache__", "node_modules", "results"}


def files(folders: Iterable[str], *suffixes: str) -> Iterator[Path]:
    """Files below these folders of the checkout, in order; with suffixes only those."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not _MADE & set(path.parts) and (not suffixes or path.suffix in suffixes):
                yield path


def python(folders: Iterable[str] = (*CODE, "tests", "benchmarks")) -> Iterator[Path]:
    """Python files that people write: all but migrations."""
    return (path for path in files(folders, ".py") if "migrations" not in path.parts)


def templates() -> list[Path]:
    """Every template of a page or part."""
    return list(files(["templates"], ".html"))


def named(path: Path) -> str:
    """A file as a test names it."""
    return path.relative_to(ROOT).as_posix()


def lines(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text(encoding="utf-8").splitlines())
