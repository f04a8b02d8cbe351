"""Newest first, and never more than a hundred: what all searchers do to their table, at a cost that does not grow.

PostgreSQL has no index from which hits come newest first. Left to choose, it walks back from the newest row when it
believes that many rows hold the words, and where it believes wrongly (words that are each common but never together)
it walks through the whole table. So the two ways are tried in turn: the LATEST rows, in which common words fill the
page at once; else the index of words, for up to HELD rows. Only words between the two are left to the planner, and of
those there are too many for a walk to be long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from psycopg import sql

from web.search.asking import Asked
from web.search.expressions import Holds

COUNTED = 100
LATEST = 1_000
HELD = 3_000
NEAR = 300  # of the rows that hold the words the newest that are looked at first; the viewer may not see some
# The query behind `SELECT` is unknown to the planner, which then always takes it for rare: the index of words.
_CANDIDATES = sql.SQL("""
WITH latest AS MATERIALIZED (
    SELECT id FROM (
        SELECT id, words FROM {table} WHERE {over} AND id < %(after)s ORDER BY id DESC LIMIT %(latest)s
    ) AS latest WHERE words @@ %(asked)s::tsquery LIMIT %(counted)s
), held AS MATERIALIZED (
    SELECT id FROM {table} WHERE words @@ (SELECT %(asked)s::tsquery) AND {over} AND id < %(after)s
    AND (SELECT count(*) FROM latest) < %(counted)s LIMIT %(held)s
)
SELECT id, (SELECT count(*) FROM held) FROM (SELECT id FROM latest UNION SELECT id FROM held) AS found
ORDER BY id DESC LIMIT %(near)s
""")


@dataclass(frozen=True)
class Numbers:
    """The ids to show of one kind, how many were found (up to COUNTED), and the id to go on after."""

    shown: Sequence[int]
    count: int
    more: bool
    following: int | None


def newest(rows: QuerySet[Any], asked: Asked, *, limit: int, after: int | None, over: str = "true") -> Numbers:
    """Those of `rows` that hold what was asked for, the newest first; two statements, three when much is hidden.

    `over` is the condition of a partial index of words; all of `rows` fulfil it.
    """
    return cut(ids(rows, asked, after=after, over=over), limit=limit)


def ids(rows: QuerySet[Any], asked: Asked, *, after: int | None, over: str = "true") -> list[int]:
    """The same as up to COUNTED + 1 ids."""
    near, are_all = _candidates(rows.model._meta.db_table, asked, after, over)
    if near:
        found = list(rows.filter(pk__in=near).order_by("-pk").values_list("pk", flat=True)[: COUNTED + 1])
        if are_all or len(found) > COUNTED:
            return found
    if are_all:
        return []
    walked = rows if after is None else rows.filter(pk__lt=after)
    walked = walked.filter(Holds("pk", asked.expression)).order_by("-pk")
    return list(walked.values_list("pk", flat=True)[: COUNTED + 1])


def _candidates(table: str, asked: Asked, after: int | None, over: str) -> tuple[list[int], bool]:
    """The newest rows that hold the words, whoever may see them; and whether there are no others."""
    statement = _CANDIDATES.format(table=sql.Identifier(table), over=sql.SQL(over))
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "asked": asked.expression,
                "after": after if after is not None else 2**63 - 1,
                "latest": LATEST,
                "counted": COUNTED + 1,
                "held": HELD + 1,
                "near": NEAR,
            },
        )
        found = cursor.fetchall()
    held = found[0][1] if found else 0
    if held > HELD:
        return [], False  # which of them are the newest, the index does not tell
    return [number for number, _ in found], not found or 0 < held <= NEAR


def cut(ids: Sequence[int], *, limit: int) -> Numbers:
    """Of up to COUNTED + 1 ids in order those to show."""
    shown = ids[:limit]
    following = shown[-1] if len(ids) > limit else None
    return Numbers(shown, min(len(ids), COUNTED), len(ids) > COUNTED, following)


def counted(ids: Sequence[int], *, limit: int, after: int | None) -> Numbers:
    """The same of ids whose order is not their own: `after` and `following` say how many were shown before."""
    start = after or 0
    end = start + limit
    going_on = len(ids) > end and end < COUNTED
    return Numbers(ids[start:end], min(len(ids), COUNTED), len(ids) > COUNTED, end if going_on else None)


def in_order(rows: Iterable[Model], ids: Sequence[int]) -> list[Any]:
    """The rows of these ids, in their order; one that went meanwhile is left out."""
    by_id = {row.pk: row for row in rows}
    return [by_id[number] for number in ids if number in by_id]
