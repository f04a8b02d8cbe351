"""How PostgreSQL runs what a page asks: the very statements of a request, each explained with its parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

# What grows with history, and is long.
BIG = frozenset(f"incidents_{name}" for name in ("incident", "timelinerow", "alert", "incidentversion", "finding"))


@dataclass(frozen=True)
class Scan:
    """One place of a plan where rows of a big table are read; `rows` are those that were looked at."""

    how: str
    table: str
    rows: int
    sql: str

    def __str__(self) -> str:
        return f"{self.how} of {self.table}, {self.rows} rows, by {self.sql}"


@dataclass(frozen=True)
class Reading:
    """What a request took: its statements, and where they read big tables."""

    queries: int
    scans: list[Scan]

    @property
    def whole_tables(self) -> list[str]:
        """Where a big table is read from its first row to its last."""
        return [str(scan) for scan in self.scans if scan.how == "Seq Scan"]

    @property
    def most(self) -> int:
        """The most rows of a big table that one place of one plan looked at."""
        return max((scan.rows for scan in self.scans), default=0)


def of_page(client: Client, path: str) -> Reading:
    """Ask for a page, then run each of its SELECTs again under EXPLAIN ANALYZE."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    statements = [
        query["sql"] for query in captured if query["sql"].lstrip("( ").upper().startswith(("SELECT", "WITH"))
    ]
    return Reading(len(captured), [scan for sql in statements for scan in _scans(sql)])


def _scans(sql: str) -> Iterator[Scan]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, TIMING off, FORMAT json) " + sql.replace("%", "%%"), ())
        (told,) = cursor.fetchone()
    plans = json.loads(told) if isinstance(told, str) else told
    yield from _walk(plans[0]["Plan"], sql)


def _walk(node: dict[str, Any], sql: str) -> Iterator[Scan]:
    table = node.get("Relation Name", "")
    if table in BIG and node["Actual Loops"]:
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        rows = round((node["Actual Rows"] + removed) * node["Actual Loops"])
        yield Scan(node["Node Type"], table, rows, sql)
    for child in node.get("Plans", []):
        yield from _walk(child, sql)
