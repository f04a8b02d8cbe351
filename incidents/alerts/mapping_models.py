"""What a source's own mapping says, version by version."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.alerts.models import Source
from ownership.models import Person


class SourceMapping(models.Model):
    """One version of a source's mapping; superseded, never changed. A source without a current one has the default."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mappings")
    version = models.PositiveIntegerField(help_text="Counts from 1 within its source.")
    text = models.TextField(help_text="As in docs/sources/custom.md.")
    made_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "version"], name="mapping_version_once"),
            models.UniqueConstraint(
                fields=["source"], condition=Q(superseded_at__isnull=True), name="mapping_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"
