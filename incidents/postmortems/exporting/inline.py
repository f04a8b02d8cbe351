"""Words, times and tables in Markdown: what is no Markdown is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from web.markdown import line

__all__ = ["fenced", "line", "moment", "quoted", "table", "words"]


def moment(at: str | None) -> str:
    """A time as the document has it, as people read it: `2026-11-20 13:05 UTC`."""
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC" if at else "not known"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table of escaped one-liners; nothing for no rows."""
    drawn = [f"| {' | '.join(line(cell) or '–' for cell in row)} |" for row in rows]
    return [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *drawn] if drawn else []


def fenced(text: str) -> str:
    """A text as it is, in a fence longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def quoted(text: str) -> list[str]:
    """Somebody's Markdown, set apart."""
    return [f"> {one}".rstrip() for one in text.strip().split("\n")]


def words(code: str | None) -> str:
    """A word of our own lists: `containment_gap` is "containment gap"."""
    return (code or "not known").replace("_", " ")
