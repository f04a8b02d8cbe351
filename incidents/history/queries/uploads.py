"""Files of past incidents that people sent."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from incidents.history.models import HistoryUpload
from ownership.models import Person
from ownership.vocabulary import Role

LATEST = 10


def of(viewer: Person, *, at: datetime) -> QuerySet[HistoryUpload]:
    """The uploads kept at `at` that somebody may see, without their bytes: one's own; admins see everybody's."""
    rows = HistoryUpload.objects.filter(expires_at__gt=at).select_related("by").defer("content")
    return rows if viewer.may(Role.ADMIN) else rows.filter(by=viewer)


def latest(viewer: Person, *, at: datetime) -> list[HistoryUpload]:
    """The newest of them, without their reports and mappings."""
    return list(of(viewer, at=at).defer("content", "report", "mapping").order_by("-made_at", "-pk")[:LATEST])
