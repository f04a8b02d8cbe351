"""The numbers beside this wing's places in the rail."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet, Subquery

from incidents.postmortems.queries import shelf, workboard
from ownership.models import Person

REVIEWS, ACTIONS = "postmortems:list", "postmortems:workboard"


def waiting(viewer: Person) -> dict[str, int]:
    """The postmortems and the open actions that wait for this person, by place; one query, as every page asks."""
    counted = {"reviews": _count(shelf.waiting(viewer)), "actions": _count(workboard.own_open(viewer))}
    reviews, actions = Person.objects.filter(pk=viewer.pk).values_list(*counted.values()).get()
    return {REVIEWS: reviews, ACTIONS: actions}


def _count(rows: QuerySet[Any]) -> Subquery:
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())  # no aggregate of Django's: it would group
    return Subquery(rows.order_by().annotate(number=number).values("number"), output_field=IntegerField())
