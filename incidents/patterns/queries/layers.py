"""Findings and incidents by layer."""

from __future__ import annotations

from datetime import date

from incidents.patterns.answers.layers import Row
from incidents.patterns.models import BITS
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope
from incidents.patterns.rows import Cell

COLUMNS = ", ".join(
    f"count(*) FILTER (WHERE {{found}} & {bit} > 0), count(*) FILTER (WHERE p.reviewed & {bit} > 0)"
    for bit in BITS.values()
)
SHARES = "SELECT {layers} FROM {incidents} p WHERE {where}".replace("{layers}", COLUMNS)
CELLS = """
SELECT date_trunc('month', p.detected_at AT TIME ZONE 'UTC')::date, p.layer, p.state, count(*)
FROM {findings} p WHERE {where} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
MONTHS = """
SELECT date_trunc('month', p.detected_at AT TIME ZONE 'UTC')::date, count(*) FROM {incidents} p WHERE {where} GROUP BY 1
"""


def shares(asked: Scope) -> list[Row]:
    """In how many incidents each layer has a finding, of which in how many a reviewed one; every layer, one query."""
    counts = iter(facts.rows(asked, SHARES)[0])
    return [Row(layer, reviewed, incidents) for layer, incidents, reviewed in zip(BITS, counts, counts, strict=False)]


def cells(asked: Scope) -> list[Cell]:
    """Findings counted by month, layer and state, only where there are any; one query."""
    return [Cell(*row) for row in facts.rows(asked, CELLS)]


def months(asked: Scope) -> dict[date, int]:
    """Incidents by the month in which they were detected, only where there are any; one query."""
    return dict(facts.rows(asked, MONTHS))
