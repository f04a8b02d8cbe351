"""Taking the catalogue out again: as catalog-info.yaml that Backstage reads, or as the table that we read ourselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from ownership.exporting import entities, reading, table

Format = Literal["backstage", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True)
class Export:
    """A catalogue on its way out: what to call the file, what it is, and its text piece by piece."""

    filename: str
    content_type: str
    pieces: Iterator[str]


def export(format: Format, *, at: datetime) -> Export:  # noqa: A002 -- the public name
    """The living catalogue with who answers at `at`. Everything is read here, in a fixed number of queries."""
    found = reading.snapshot(at=at)
    if format == "csv":
        return Export("catalogue.csv", "text/csv; charset=utf-8", table.lines(found))
    return Export("catalog-info.yaml", "application/yaml; charset=utf-8", entities.documents(found))


__all__ = ["FORMATS", "Export", "Format", "export"]
