"""Keyset paging for pages and API: constant cost however long the history is, no COUNT(*)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Value
from rest_framework.exceptions import NotFound
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

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        """One page; 404 for a cursor of somebody's own making, which the framework would let fail in the query."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, TypeError, ValidationError) as error:
            raise NotFound(self.invalid_cursor_message) from error


@dataclass(frozen=True)
class Slice(Generic[M]):
    """One page of rows, the cursor of the next one (None on the last) and of the one before (None on the first)."""

    rows: list[M]
    following: str | None
    preceding: str | None = None


class Cursor:
    """Signed cursors of one list whose rows are no models: the values of the last row's keys, and back."""

    def __init__(self, name: str) -> None:
        self._signer = Signer(salt=name)

    def write(self, values: Sequence[Any]) -> str:
        """The cursor after a row with these keys; they must be as JSON knows them."""
        return self._signer.sign_object(list(values))

    def read(self, cursor: str | None) -> list[Any] | None:
        """The keys of a cursor that we wrote; None for none and for somebody else's."""
        return _read(self._signer, cursor) if cursor else None


def slice_of(
    queryset: QuerySet[M], *, keys: Sequence[str], after: str | None, before: str | None = None, size: int = 50
) -> Slice[M]:
    """The rows after a cursor, or `before` one, in the order of `keys`.

    `-` descends; no key may be null, the last must be unique. Cursors are signed for their list and order: one that we
    did not write starts from the beginning. Going back never leaves a short first page: there it is the beginning.
    """
    signer = Signer(salt=f"{queryset.model._meta.label} by {' '.join(keys)}")
    values = _read(signer, before) if before else None
    if values is not None:
        rows = list(_past(queryset, [_turned(key) for key in keys], values)[: size + 1])
        if len(rows) > size:
            rows = rows[size - 1 :: -1]
            return Slice(rows, _write(signer, rows[-1], keys), _write(signer, rows[0], keys))
        after = None
    values = _read(signer, after) if after else None
    rows = list(_past(queryset, keys, values)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    following = _write(signer, rows[-1], keys) if more else None
    # An empty page beyond the end is left by the way that led there.
    preceding = None if values is None else _write(signer, rows[0], keys) if rows else after
    return Slice(rows, following, preceding)


def _past(queryset: QuerySet[M], keys: Sequence[str], values: Sequence[Any] | None) -> QuerySet[M]:
    ordered = queryset.order_by(*keys)
    return ordered if values is None else ordered.filter(_beyond(keys, values))


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


class _Beyond(Func):
    """`(a, b) < (1, 2)`: a whole row compared at once, which an index over the keys answers from the cursor on."""

    output_field = BooleanField()

    def __init__(self, keys: Sequence[str], values: Sequence[Any], *, side: str) -> None:
        given = [Value(value) for value in values]
        row = [Func(*side_of, template="(%(expressions)s)") for side_of in ([F(key) for key in keys], given)]
        super().__init__(*row, template="%(expressions)s", arg_joiner=f" {side} ")


def _beyond(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Lexicographic comparison: equal on the first keys, beyond on the next; of one row when all go the same way.

    Else the bound on the first key says nothing new; it lets an index scan begin at the cursor, not at the first row.
    """
    names = [key.removeprefix("-") for key in keys]
    down = {key.startswith("-") for key in keys}
    if len(down) == 1 and len(keys) > 1:
        return Q(_Beyond(names, values, side="<" if True in down else ">"))
    bound, beyond, equal = Q(), Q(), Q()
    for key, name, value in zip(keys, names, values, strict=True):
        side = "lt" if key.startswith("-") else "gt"
        bound = bound or Q(**{f"{name}__{side}e": value})
        beyond |= equal & Q(**{f"{name}__{side}": value})
        equal &= Q(**{name: value})
    return bound & beyond


def _write(signer: Signer, row: Model, keys: Sequence[str]) -> str:
    values = []
    for key in keys:
        value: Any = row
        for name in key.removeprefix("-").split("__"):
            value = getattr(value, name)
        if isinstance(value, datetime):
            value = {"t": value.isoformat()}
        elif isinstance(value, date):
            value = {"d": value.isoformat()}
        values.append(str(value) if isinstance(value, UUID) else value)
    return signer.sign_object(values)


def _read(signer: Signer, cursor: str) -> list[Any] | None:
    try:
        values = signer.unsign_object(cursor)
    except BadSignature:
        return None
    return [_value(value) for value in values]


def _value(value: Any) -> Any:
    """What JSON does not know: a time or a day."""
    if not isinstance(value, dict):
        return value
    return datetime.fromisoformat(value["t"]) if "t" in value else date.fromisoformat(value["d"])
