"""Files of past incidents that people sent."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from incidents.history.models import HistoryUpload
from ownership.models import Person

LATEST = 10


def of(viewer: Person, *, at: datetime) -> QuerySet[HistoryUpload]:
    """The uploads kept at `at` that somebody may see, without their bytes: one's own. Also admins see no other's: the
    report is kept as its reader may see it, and an admin's would name private incidents to whoever sent the file."""
    return HistoryUpload.objects.filter(expires_at__gt=at, by=viewer).select_related("by").defer("content")


def latest(viewer: Person, *, at: datetime) -> list[HistoryUpload]:
    """The newest of them, without their reports and mappings."""
    return list(of(viewer, at=at).defer("content", "report", "mapping").order_by("-made_at", "-pk")[:LATEST])
