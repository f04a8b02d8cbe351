"""Rows as CSV that spreadsheets may open: no cell can start a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

# What spreadsheets skip before a formula, also signs that nobody sees; its first sign may be of full width.
_FORMULA = re.compile(r" *[\t\r\n]|[\s\ufeff\u200b-\u200f\u2060]*[=+\-@＝＋－＠]")


def sheet(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A heading and rows; text cells are made safe, numbers stay as they are."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue()


def safe(text: str) -> str:
    """The text, with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text
