"""Which incident an alert was in: a row for each time that a person moved one, never changed afterwards."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from incidents.alerts.models import Alert, Source
from incidents.response.models import Incident, IncidentMerge
from ownership.models import Person


class AlertMove(models.Model):
    """A person moved an alert. The latest row of a problem leads its next episode the same way while that is open."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="moves")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    problem_key = models.CharField(max_length=300)
    came_from = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    went_to = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    merge = models.ForeignKey(
        IncidentMerge,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The merge that it came along with, or that was undone.",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(came_from=models.F("went_to")), name="alert_move_goes_elsewhere"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["source", "problem_key", "-id"], name="alert_move_of_problem")]

    def __str__(self) -> str:
        return f"alert {self.alert_id}: INC-{self.came_from_id} → INC-{self.went_to_id}"
