"""Reads about what is deliberately unowned."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from ownership.models import Waiver
from ownership.models.assignments import Subject, column_of


def whole() -> QuerySet[Waiver]:
    """Waivers with all that a list says about them."""
    return Waiver.objects.select_related(
        "service", "component", "dependency__upstream", "dependency__downstream", "made_by", "ended_by"
    )


def open_of(subject: Subject) -> Waiver | None:
    """The open waiver of a subject; one query."""
    return whole().filter(**{column_of(subject): subject}, ended_at=None).first()


def of_services(service_ids: Collection[int]) -> dict[int, Waiver]:
    """The open waiver of each service that has one; one query."""
    found = whole().filter(service__in=service_ids, ended_at=None)
    return {waiver.service_id: waiver for waiver in found if waiver.service_id is not None}
