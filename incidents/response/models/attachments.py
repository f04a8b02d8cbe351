"""Files that came with a row of a timeline; their bytes lie in a folder of their own."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.response.models.incidents import Incident, TimelineRow


class Attachment(models.Model):
    """One file. A trigger lets it be removed once, with who and why, and changed in no other way.

    Its bytes are found by their SHA-256 (web/blobs.py); two rows of the same bytes share them.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+", db_index=False)
    row = models.ForeignKey(
        TimelineRow, on_delete=models.PROTECT, related_name="attachments", help_text="The first version of its row."
    )
    name = models.CharField(max_length=120, help_text="As its sender called it, made harmless.")
    media_type = models.CharField(max_length=40, help_text="By its contents, never by what its sender said.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of its bytes.")
    alt = models.CharField(max_length=300, blank=True, help_text="What a picture shows, for those who cannot see it.")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True, removed_why="")
                | (Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removed_why="")),
                name="attachment_removed_whole",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["incident", "id"], name="attachment_of_incident"),
            models.Index(fields=["digest"], condition=Q(removed_at__isnull=True), name="attachment_kept_bytes"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """True when browsers may show it on the page."""
        return self.media_type.startswith("image/")
