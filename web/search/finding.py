"""Newest first, and never more than a hundred: what all searchers do to their table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from web.search.asking import Asked
from web.search.expressions import Holds

COUNTED = 100


@dataclass(frozen=True)
class Numbers:
    """The ids to show of one kind, how many were found (up to COUNTED), and the id to go on after."""

    shown: Sequence[int]
    count: int
    more: bool
    following: int | None


def newest(rows: QuerySet[Any], asked: Asked, *, limit: int, after: int | None) -> Numbers:
    """The rows that hold what was asked for, the newest first; one query.

    Ordered by id and cut, so that PostgreSQL may walk back from the newest row when nearly all hold it, and go through
    the index when few do.
    """
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = rows.filter(Holds("pk", asked.expression)).order_by("-pk").values_list("pk", flat=True)
    return cut(list(found[: COUNTED + 1]), limit=limit)


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
