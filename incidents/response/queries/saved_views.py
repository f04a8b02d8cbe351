"""The saved views that somebody has: their own, then those shown to everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from incidents.response.models import BoardDefault, BoardView
from incidents.response.queries.wanted import Wanted
from ownership.models import Person

TABS = 10  # as many stand above the board; the rest is one click away


@dataclass(frozen=True)
class Tab:
    """One saved view above the board; `count` is None when it shows more than what is open."""

    view: BoardView
    count: int | None
    current: bool

    @property
    def address(self) -> str:
        """Its filters for an address; never empty, see `Wanted.address`."""
        return self.view.query or "state=open"

    @property
    def shown(self) -> tuple[object, ...]:
        """All that the page says of it."""
        return (self.view.pk, self.view.name, self.view.query, self.count)


def of(viewer: Person) -> QuerySet[BoardView]:
    """What this person may open, their own first, in order; `is_own` and `is_default` say what it is to them."""
    rows = BoardView.objects.filter(Q(owner=viewer) | Q(shared=True)).select_related("owner")
    rows = rows.annotate(is_own=_own(viewer), is_default=Exists(_default(viewer)))
    return rows.order_by(_own(viewer).desc(), "position", "name", "pk")


def above(viewer: Person) -> list[BoardView]:
    """The first TABS of them, and the one that the board opens with, wherever it stands."""
    first = Exists(_default(viewer)).desc()
    return list(of(viewer).order_by(first, _own(viewer).desc(), "position", "name", "pk")[:TABS])


def first_of(views: Sequence[BoardView]) -> BoardView | None:
    """The one of `above` that the board opens with; None for all that is open."""
    return next((view for view in views if getattr(view, "is_default", False)), None)


def _own(viewer: Person) -> Case:
    return Case(When(owner=viewer, then=Value(True)), default=Value(False), output_field=BooleanField())


def _default(viewer: Person) -> QuerySet[BoardDefault]:
    return BoardDefault.objects.filter(person=viewer, view=OuterRef("pk"))


def tabs(views: Sequence[BoardView], wanted: Wanted, counts: Mapping[int, int]) -> list[Tab]:
    """The views as tabs of a board that shows `wanted`."""
    return [Tab(view, counts.get(view.pk), view.query == wanted.query) for view in views]
