"""What happened to incidents and is still to be told to webhooks; written by triggers, and gone once it was told."""

from __future__ import annotations

import uuid

from django.db import models

from incidents.response.models.incidents import Incident


class IncidentEvent(models.Model):
    """One thing to tell. Its number is its sequence: within an incident it grows in the order of what happened.

    Triggers on incidents and timeline rows write it in the same transaction, and only while some webhook listens.
    """

    event_id = models.UUIDField(default=uuid.uuid4)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=14, help_text="`opened`, or the kind of the timeline row.")
    at = models.DateTimeField(help_text="When it happened.")
    recorded_at = models.DateTimeField()
    by = models.BigIntegerField(null=True, help_text="The person's id.")
    text = models.TextField(blank=True)
    why = models.TextField(blank=True)
    state = models.JSONField(help_text="Columns of the incident as they stood then.")

    def __str__(self) -> str:
        return f"{self.kind} of INC-{self.incident_id}"
