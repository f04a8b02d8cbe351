"""Reads about what people uploaded."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from ownership.models import CatalogueUpload, Person
from ownership.vocabulary import Role

LATEST = 10


def of(viewer: Person, *, at: datetime) -> QuerySet[CatalogueUpload]:
    """The uploads kept at `at` that somebody may see, without their bytes: one's own; admins see everybody's."""
    rows = CatalogueUpload.objects.filter(expires_at__gt=at).select_related("by").defer("content")
    return rows if viewer.may(Role.ADMIN) else rows.filter(by=viewer)


def latest(viewer: Person, *, at: datetime) -> list[CatalogueUpload]:
    """The newest of them, without their reports."""
    return list(of(viewer, at=at).defer("content", "report").order_by("-made_at", "-pk")[:LATEST])
