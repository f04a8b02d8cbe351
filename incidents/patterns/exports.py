"""The rows of answers for files and programs: the long form, with plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from incidents.patterns.answers.shape import Answer
from web import sheets


def as_csv(answer: Answer) -> str:
    """A line for each row of the answer under the names of its columns; shares are 0..1, durations seconds."""
    names = [column.name for column in answer.columns]
    return sheets.sheet(names, ([plain(line.values[name]) for name in names] for line in answer.lines))


def as_rows(answer: Answer) -> Sequence[dict[str, Any]]:
    """The same as objects."""
    names = [column.name for column in answer.columns]
    return [{name: plain(line.values[name]) for name in names} for line in answer.lines]


def plain(value: Any) -> Any:
    """A value as JSON and CSV have it: months as `2026-03`, moments in ISO 8601, the others as they are."""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:%Y-%m}" if isinstance(value, date) else value
