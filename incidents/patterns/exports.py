"""The rows of charts as CSV."""

from __future__ import annotations

from incidents.patterns.reports import FindingsByLayer
from web import sheets

HEADER = ("month", "layer", "reviewed", "provisional", "findings", "service")


def findings_by_layer(report: FindingsByLayer, *, service: str) -> str:
    """The rows of the chart, oldest month first; `service` is the name of the one asked for, or "all"."""
    rows = (
        (f"{row.month:%Y-%m}", row.layer, row.reviewed, row.provisional, row.findings, service) for row in report.rows
    )
    return sheets.sheet(HEADER, rows)
