"""Failing examples as evidence: which are offered, and what a reference to one leads to."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from incidents.postmortems.models import FailingExample
from incidents.postmortems.queries import examples
from incidents.response.queries import merged, visible
from ownership.models import Person
from web.references import Offer, Target

OFFERED = 20
WORDS = 80


def resolved(viewer: Person, number: int, ids: Collection[str]) -> dict[str, Target]:
    """Examples by their lines, in their present words; those of an incident that the viewer does not see are left out.

    One that was taken back says so.
    """
    lines = {line for one in ids if (line := _uuid(one)) is not None}
    read = Q(incident__in={number, *merged.family(number)}) | visible.clause(viewer, of="incident")
    rows = FailingExample.objects.filter(read, superseded_at=None, line__in=lines)
    return {str(one.line): _target(one) for one in rows}


def offered(viewer: Person, number: int) -> list[Offer]:
    """The first examples of an incident that the caller was let to see; one query."""
    rows = examples.standing().filter(incident=number).order_by("created_at", "pk")[:OFFERED]
    return [Offer(str(one.line), _words(one), str(one.get_layer_display())) for one in rows]


def _target(example: FailingExample) -> Target:
    if example.withdrawn_why:
        return Target("Failing example", example.get_absolute_url(), "taken back since")
    return Target(_words(example), example.get_absolute_url())


def _words(example: FailingExample) -> str:
    """The beginning of its input."""
    first = " ".join(example.input.split())
    return first if len(first) <= WORDS else f"{first[: WORDS - 1]}…"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
