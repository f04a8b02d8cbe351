"""Who had the ball when: every transfer is a row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from incidents.response.models.incidents import Incident
from ownership.models import Person


class HandOff(models.Model):
    """The ball of an incident went from one person to another; append-only by a trigger."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, db_index=False, related_name="handoffs")
    held_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: nobody had it."
    )
    to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(held_by__isnull=True) | ~models.Q(held_by=models.F("to")),
                name="handoff_goes_elsewhere",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="handoff_reason_given"),
        ]
        indexes: ClassVar = [models.Index(fields=["incident", "at", "id"], name="handoff_order")]

    def __str__(self) -> str:
        return f"INC-{self.incident_id}: {self.held_by or 'nobody'} → {self.to}"
