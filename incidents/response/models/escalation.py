"""Escalation: who was told of an incident, rung by rung, until somebody has it; and how long each rung is given."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from incidents.response.models.incidents import Incident
from incidents.response.vocabulary import EscalationEnd, EscalationReason, Rung
from ownership.models import Person, Service
from ownership.vocabulary import Tier


class Escalation(models.Model):
    """One climb of the ladder: an incident opened, grew worse or came back. A trigger on the incidents writes the row.

    All times are those of the sweep that handles it, so that no other clock and no restart moves it.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="escalations")
    round = models.PositiveIntegerField(help_text="1 for the opening, and counted up from there.")
    reason = models.CharField(max_length=8, choices=EscalationReason.choices)
    severity = models.CharField(max_length=8, help_text="As it was when this round began.")
    comeback = models.BooleanField(db_default=False, help_text="It is open again, and was not taken before it.")
    rung = models.PositiveSmallIntegerField(default=0, help_text="The last rung that was told or skipped.")
    waits_since = models.DateTimeField(null=True, help_text="When that rung was told; empty: not begun.")
    due_at = models.DateTimeField(null=True, help_text="When the next rung is told.")
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=12, choices=EscalationEnd.choices, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "round"], name="escalation_round_once"),
            models.CheckConstraint(condition=Q(reason__in=EscalationReason.values), name="escalation_reason_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_how="")
                | Q(ended_at__isnull=False, ended_how__in=EscalationEnd.values),
                name="escalation_ended_whole",
            ),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="escalation_taken_pair",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(ended_at__isnull=True), name="escalation_running"),
        ]

    def __str__(self) -> str:
        return f"round {self.round} of INC-{self.incident_id}"


class EscalationStep(models.Model):
    """One rung of one round: who was told and when, or that nobody stands on it. Written once."""

    escalation = models.ForeignKey(Escalation, on_delete=models.PROTECT, related_name="steps")
    rung = models.PositiveSmallIntegerField(choices=Rung.choices)
    told = models.JSONField(default=list, help_text="The ids of the people told; none: the rung was skipped.")
    at = models.DateTimeField()
    why = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["escalation", "rung"], name="escalation_step_once"),
            models.CheckConstraint(condition=Q(rung__in=Rung.values), name="escalation_rung_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_rung_display()} in {self.escalation}"


class EscalationWait(models.Model):
    """How long each rung is given, for a tier or for one service; without a row it is DEFAULT_MINUTES."""

    tier = models.CharField(max_length=2, choices=Tier.choices, blank=True)
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: nobody further is told.")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tier"], condition=~Q(tier=""), name="escalation_wait_of_tier"),
            models.UniqueConstraint(
                fields=["service"], condition=Q(service__isnull=False), name="escalation_wait_of_service"
            ),
            models.CheckConstraint(
                condition=Q(tier__in=Tier.values, service__isnull=True) | Q(tier="", service__isnull=False),
                name="escalation_wait_of_one",
            ),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gte=1, minutes__lte=1440),
                name="escalation_wait_sensible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes or 'no'} min for {self.service or self.tier}"
