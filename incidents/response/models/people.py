"""Who takes part in an incident, in which role and from when to when: ended, never deleted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from incidents.response.models.incidents import Incident
from incidents.response.vocabulary import IncidentRole
from ownership.models import Person

HELD_BY_ONE = (IncidentRole.LEAD, IncidentRole.COMMUNICATIONS, IncidentRole.SCRIBE)


class Participation(models.Model):
    """A person's part in an incident during a time. Whoever holds a role has a row as participant beside it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="participations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=14, choices=IncidentRole.choices, default=IncidentRole.PARTICIPANT)
    since = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident", "role"],
                condition=Q(ended_at__isnull=True, role__in=[role.value for role in HELD_BY_ONE]),
                name="participation_one_holder",
            ),
            models.UniqueConstraint(
                fields=["incident", "person", "role"],
                condition=Q(ended_at__isnull=True),
                name="participation_once",
            ),
            models.CheckConstraint(condition=Q(role__in=IncidentRole.values), name="participation_role_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__gte=F("since"), ended_by__isnull=False),
                name="participation_ended_pair",
            ),
        ]
        indexes: ClassVar = [
            # What decides which private incidents a person sees.
            models.Index(fields=["person", "incident"], condition=Q(ended_at__isnull=True), name="participation_now")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.role} of INC-{self.incident_id}"
