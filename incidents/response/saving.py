"""Saved views of the board: made, changed, ordered, taken out; and which one somebody's board opens with."""

from __future__ import annotations

from datetime import datetime

from incidents.response.models import BoardDefault, BoardView
from incidents.response.queries import narrowing
from ownership.models import Person
from web.errors import DomainError, Invalid, translated

MOST = 50


class TooMany(DomainError):
    """That is as many saved views as one person can have; take one out first."""

    code = "too_many"


def save(*, name: str, query: str, shared: bool, default: bool, by: Person, now: datetime) -> BoardView:
    """Keep filters, as `Wanted.query` writes them, under a name; at the end of `by`'s views."""
    with translated():
        Person.objects.select_for_update().get(pk=by.pk)  # two windows at once do not get past MOST
        own = BoardView.objects.filter(owner=by).order_by("-position")
        count, last = own.count(), own.first()
        if count >= MOST:
            raise TooMany
        view = BoardView.objects.create(
            name=_named(name),
            query=narrowing.kept(query).query,
            owner=by,
            shared=shared,
            position=last.position + 1 if last else 1,
            created_at=now,
        )
        if default:
            open_with(view, person=by)
    return view


def change(
    view: BoardView, *, name: str | None = None, query: str | None = None, shared: bool | None = None
) -> BoardView:
    """Another name, other filters, shown to everybody or not; what is None stays."""
    view.name = view.name if name is None else _named(name)
    view.query = view.query if query is None else narrowing.kept(query).query
    view.shared = view.shared if shared is None else shared
    with translated():
        view.save(update_fields=["name", "query", "shared"])
        if not view.shared:
            BoardDefault.objects.filter(view=view).exclude(person=view.owner).delete()
    return view


def move(view: BoardView, *, place: int) -> None:
    """Put it at this place among its owner's views, counted from 1; beyond the end is the end. Two statements."""
    with translated():
        own = BoardView.objects.filter(owner=view.owner).select_for_update().order_by("position", "pk")
        others = [one for one in own if one.pk != view.pk]
        others.insert(max(0, place - 1), view)
        for position, one in enumerate(others, 1):
            one.position = position
        BoardView.objects.bulk_update(others, ["position"])


def remove(view: BoardView) -> None:
    """Take it out; the boards that opened with it open with all that is open."""
    view.delete()


def open_with(view: BoardView | None, *, person: Person) -> None:
    """This person's board opens with this view; None: with all that is open."""
    if view is None:
        BoardDefault.objects.filter(person=person).delete()
    else:
        BoardDefault.objects.update_or_create(person=person, defaults={"view": view})


def set_default(view: BoardView, *, is_default: bool, person: Person) -> None:
    """Whether this person's board opens with it; saying no of another than the one it opens with changes nothing."""
    if is_default:
        open_with(view, person=person)
    else:
        BoardDefault.objects.filter(person=person, view=view).delete()


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("Give the view a name.", field="name")
    return name
