"""Times of incidents that stand there and still tell nothing about how long anything took."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from incidents.response.models.incidents import Incident


class DoubtedTime(models.Model):
    """One time of an incident that a file contradicts itself about. No duration begins or ends with it.

    It is doubted while the incident still has the time `at` there (empty: it was left out). Once a person corrects the
    time the doubt means nothing any more; a later reading of the file supersedes it.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, db_index=False, related_name="doubts")
    field = models.CharField(max_length=15, help_text="The incident's column, such as resolved_at.")
    at = models.DateTimeField(null=True, help_text="What the incident has there; empty where it was left out.")
    told = models.CharField(max_length=60, help_text="What the file says.")
    reason = models.CharField(max_length=200)
    known_from = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident", "field"], condition=Q(superseded_at__isnull=True), name="doubted_time_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["incident", "known_from"], name="doubted_time_history")]

    def __str__(self) -> str:
        return f"{self.field} of INC-{self.incident_id}: {self.reason}"
