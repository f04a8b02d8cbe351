"""Keyset paging for pages and API: constant cost however long the history is, no COUNT(*)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from rest_framework.pagination import CursorPagination

M = TypeVar("M", bound=Model)


class KeysetPagination(CursorPagination):
    """API lists: `?cursor=` and `?page_size=` (at most 200); a view names its order in `ordering`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-pk"

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """The order that the view names, else newest first."""
        ordering = getattr(view, "ordering", self.ordering)
        return (ordering,) if isinstance(ordering, str) else tuple(ordering)


@dataclass(frozen=True)
class Slice(Generic[M]):
    """One page of rows, and the cursor of the next one (None on the last)."""

    rows: list[M]
    following: str | None


def slice_of(queryset: QuerySet[M], *, keys: Sequence[str], after: str | None, size: int = 50) -> Slice[M]:
    """The rows after a cursor in the order of `keys` (`-` descends; none may be null, the last must be unique).

    A cursor that cannot be read starts from the beginning.
    """
    ordered = queryset.order_by(*keys)
    values = _read(after, len(keys)) if after else None
    if values is not None:
        ordered = ordered.filter(_beyond(keys, values))
    rows = list(ordered[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Slice(rows, _write(rows[-1], keys) if more else None)


def _beyond(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Lexicographic comparison: equal on the first keys, beyond on the next."""
    beyond, equal = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        name = key.lstrip("-")
        beyond |= equal & Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return beyond


def _write(row: Model, keys: Sequence[str]) -> str:
    values = []
    for key in keys:
        value: Any = row
        for name in key.lstrip("-").split("__"):
            value = getattr(value, name)
        values.append({"t": value.isoformat()} if isinstance(value, datetime) else value)
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read(cursor: str, length: int) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = [datetime.fromisoformat(v["t"]) if isinstance(v, dict) else v for v in values]
    except (ValueError, TypeError, KeyError):
        return None
    plain = all(isinstance(v, (str, int, float, datetime)) for v in read)
    return read if plain and len(read) == length else None
