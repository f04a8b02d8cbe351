"""What people report by hand: who filed which delivery, and what an editor decided about it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.alerts.models import Delivery
from ownership.models import Person, Service


class Report(models.Model):
    """Somebody says that an answer was wrong. What was asked, answered and expected stands in the delivery alone."""

    delivery = models.OneToOneField(Delivery, primary_key=True, on_delete=models.PROTECT, related_name="+")
    filed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(default=timezone.now)
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="As they said."
    )
    dismissed_at = models.DateTimeField(null=True, blank=True, help_text="Not a problem, an editor said.")
    dismissed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dismissed_why = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(dismissed_at__isnull=True, dismissed_by__isnull=True, dismissed_why="")
                | (Q(dismissed_at__isnull=False, dismissed_by__isnull=False) & ~Q(dismissed_why="")),
                name="report_dismissed_whole",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["filed_by", "-filed_at", "-delivery"], name="report_of_person"),
            models.Index(fields=["-filed_at", "-delivery"], name="report_latest"),
        ]

    def __str__(self) -> str:
        return f"report of {self.filed_at:%Y-%m-%d %H:%M}"

    @property
    def problem_key(self) -> str:
        """The key under which its alert is known."""
        return str(self.delivery_id)
