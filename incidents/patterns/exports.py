"""Rows as CSV that spreadsheets may open: no cell can start a formula."""

from __future__ import annotations

import csv
import io

from incidents.patterns.reports import FindingsByLayer

HEADER = ("month", "layer", "reviewed", "provisional", "findings", "service")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def findings_by_layer(report: FindingsByLayer, *, service: str) -> str:
    """The rows of the chart, oldest month first; `service` is the name of the one asked for, or "all"."""
    file = io.StringIO()
    sheet = csv.writer(file, lineterminator="\r\n")
    sheet.writerow(HEADER)
    for row in report.rows:
        counted = (row.reviewed, row.provisional, row.findings)
        sheet.writerow((f"{row.month:%Y-%m}", row.layer, *counted, safe(service)))
    return file.getvalue()


def safe(text: str) -> str:
    """The text, with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_FORMULA) else text
