"""A proposal to answer for something from then on, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, cast

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ownership.models.assignments import SUBJECTS, Assignment, Subject, one_subject
from ownership.models.catalogue import Component, Dependency, Service
from ownership.models.people import Person, Team
from ownership.vocabulary import HandoverState


class Handover(models.Model):
    """The accountable party of one subject asks somebody to take over; at most one open proposal a subject."""

    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="handovers")
    component = models.ForeignKey(Component, null=True, blank=True, on_delete=models.PROTECT, related_name="handovers")
    dependency = models.ForeignKey(
        Dependency, null=True, blank=True, on_delete=models.PROTECT, related_name="handovers"
    )
    from_assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="handovers")
    to_person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="handovers")
    to_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="handovers")
    effective_at = models.DateTimeField(null=True, blank=True, help_text="Empty: from the moment it is accepted.")
    note = models.TextField(blank=True)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=HandoverState.choices, default=HandoverState.PROPOSED)
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            *[
                models.UniqueConstraint(
                    fields=[subject], condition=Q(state="proposed"), name=f"handover_one_open_{subject}"
                )
                for subject in SUBJECTS
            ],
            models.CheckConstraint(condition=one_subject(), name="handover_one_subject"),
            models.CheckConstraint(
                condition=Q(to_person__isnull=False, to_team__isnull=True)
                | Q(to_person__isnull=True, to_team__isnull=False),
                name="handover_one_party",
            ),
            models.CheckConstraint(condition=Q(state__in=HandoverState.values), name="handover_state_known"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True, decided_by__isnull=True)
                | Q(state="expired", decided_at__isnull=False, decided_by__isnull=True)
                | (~Q(state__in=["proposed", "expired"]) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="handover_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(effective_at__isnull=False), name="handover_accepted_has_time"
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(reason=""), name="handover_declined_has_reason"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("proposed_at")), name="handover_expires_later"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(state="proposed"), name="handover_open_by_expiry")
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    @property
    def subject(self) -> Subject:
        """What is handed over."""
        return cast("Subject", self.service or self.component or self.dependency)  # handover_one_subject holds it

    @property
    def to(self) -> Person | Team:
        """Who is asked to take over."""
        return cast("Person | Team", self.to_person or self.to_team)  # handover_one_party holds it

    def state_at(self, at: datetime) -> str:
        """Its state; a proposal past its time is expired, also before anybody noted it down."""
        lapsed = self.state == HandoverState.PROPOSED and self.expires_at <= at
        return HandoverState.EXPIRED if lapsed else self.state
