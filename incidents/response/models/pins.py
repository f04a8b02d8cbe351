"""What stands above a timeline because somebody pinned it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.response.models.incidents import Incident, TimelineRow


class Pin(models.Model):
    """A row is pinned from one time to another; unpinning ends the pin and keeps it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    row = models.ForeignKey(TimelineRow, on_delete=models.PROTECT, related_name="+", help_text="Its first version.")
    pinned_at = models.DateTimeField()
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    unpinned_at = models.DateTimeField(null=True, blank=True)
    unpinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["row"], condition=Q(unpinned_at__isnull=True), name="pin_once"),
            models.CheckConstraint(
                condition=Q(unpinned_at__isnull=True, unpinned_by__isnull=True)
                | Q(unpinned_at__isnull=False, unpinned_by__isnull=False),
                name="pin_ended_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["incident"], condition=Q(unpinned_at__isnull=True), name="pin_current")
        ]

    def __str__(self) -> str:
        return f"pin on INC-{self.incident_id}"
