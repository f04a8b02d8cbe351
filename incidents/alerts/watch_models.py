"""What is counted and kept about how well things are watched: deliveries by the hour, the last word on quality."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from incidents.alerts.models import Source
from ownership.models import Service


class SourceHour(models.Model):
    """How many deliveries a source sent in one hour (UTC), counted by the scheduler; kept for KEPT of counting."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField(help_text="Where the hour begins.")
    deliveries = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0, help_text="Of these, when they were counted.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "hour"], name="source_hour_once")]
        indexes: ClassVar = [models.Index(fields=["-hour"], name="source_hour_latest")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.hour:%Y-%m-%d %H}h: {self.deliveries}"


class SignalSort(models.TextChoices):
    """What looks at the quality of answers, rather than at whether there are any."""

    EVAL = "eval", "Evaluation"
    GUARDRAIL = "guardrail", "Guardrail"
    REPORT = "report", "User report"


class SignalState(models.TextChoices):
    """What it said."""

    FAILING = "failing", "Failing"
    OK = "ok", "OK"


class QualitySignal(models.Model):
    """The last word of each sort about the quality of a service's answers; one row, written over by the digest."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    sort = models.CharField(max_length=9, choices=SignalSort.choices)
    state = models.CharField(max_length=7, choices=SignalState.choices)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    problem_key = models.CharField(max_length=300, help_text="Of the reading that said so.")
    at = models.DateTimeField(help_text="By the sender's clock.")
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "sort"], name="quality_signal_once"),
            models.CheckConstraint(
                condition=Q(sort__in=SignalSort.values) & Q(state__in=SignalState.values), name="quality_signal_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} of {self.service_id}: {self.state}"
