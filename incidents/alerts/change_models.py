"""Recorded changes to components, and which of them somebody suspects behind an incident."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from incidents.alerts.models import Delivery, Source
from incidents.response.models import Incident
from ownership.models import Component, Person, Service


class ChangeKind(models.TextChoices):
    """What was changed."""

    PROMPT = "prompt", "Prompt"
    MODEL_ALIAS = "model_alias", "Model alias"
    INDEX = "index", "Index"
    SCHEMA = "schema", "Schema"
    GUARDRAIL = "guardrail", "Guardrail"
    CONFIG = "config", "Config"
    DEPLOY = "deploy", "Deploy"
    DATA = "data", "Data"
    OWNER = "owner", "Owner"
    OTHER = "other", "Other"


class ChangeVia(models.TextChoices):
    """How it came to be recorded."""

    HAND = "hand", "By hand"
    API = "api", "The API"
    HOOK = "hook", "A source"


NOW = Q(superseded_at__isnull=True)
STANDING = NOW & Q(withdrawn_why="")
PLACELESS = Q(component__isnull=True, service__isnull=True)


class Change(models.Model):
    """One version of a recorded change. A correction supersedes: the next version carries on its `line`.

    It is about a component, or a service as a whole; `named` is what its sender called it. With neither of the two it
    is unplaced. A change that never was is its last version with `withdrawn_why`.
    """

    line = models.UUIDField(default=uuid.uuid4, help_text="The change over all its versions.")
    kind = models.CharField(max_length=11, choices=ChangeKind.choices)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    at = models.DateTimeField(help_text="When it took effect, by whoever made it.")
    component = models.ForeignKey(
        Component, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    named = models.CharField(max_length=300, blank=True, help_text="What its sender called the thing that changed.")
    why = models.TextField(blank=True, help_text="How its place was found, or that none was.")
    labels = models.JSONField(default=dict, blank=True)
    before = models.CharField(max_length=300, blank=True, help_text="Such as the version that was.")
    after = models.CharField(max_length=300, blank=True, help_text="Such as the version that is.")
    who = models.CharField(max_length=200, blank=True, help_text="Who or what made it.")
    link = models.URLField(max_length=2000, blank=True)
    via = models.CharField(max_length=4, choices=ChangeVia.choices)
    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    delivery = models.ForeignKey(Delivery, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    external_key = models.CharField(max_length=300, blank=True, help_text="Sent twice under one key, it is one change.")
    recorded_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.TextField(blank=True, help_text="Why this change never was.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line"], condition=NOW, name="change_one_current_version"),
            models.UniqueConstraint(
                fields=["source", "external_key"],
                condition=NOW & ~Q(external_key=""),
                nulls_distinct=False,
                name="change_key_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="change_kind_known"),
            models.CheckConstraint(condition=Q(via__in=ChangeVia.values), name="change_via_known"),
            models.CheckConstraint(
                condition=Q(component__isnull=True) | Q(service__isnull=True), name="change_one_place"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["line", "known_from"], name="change_versions"),
            models.Index(fields=["-at", "-id"], condition=STANDING, name="change_latest"),
            models.Index(fields=["component", "-at", "-id"], name="change_of_component"),
            models.Index(fields=["service", "-at", "-id"], name="change_of_service"),
            models.Index(fields=["source", "-at", "-id"], name="change_of_source"),
            models.Index(fields=["kind", "-at", "-id"], condition=STANDING, name="change_of_kind"),
            models.Index(fields=["-at", "-id"], condition=STANDING & PLACELESS, name="change_unplaced"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("alerts:change", args=[self.line])

    @property
    def is_placed(self) -> bool:
        """True when it is known what changed."""
        return self.component_id is not None or self.service_id is not None

    @property
    def values(self) -> str:
        """`v41 → v42`, as much of it as is known."""
        if self.before and self.after:
            return f"{self.before} → {self.after}"
        return f"→ {self.after}" if self.after else self.before and f"was {self.before}"


class Suspect(models.Model):
    """Somebody suspects a change behind an incident; `dropped_at` when it was not that after all."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, db_index=False, related_name="+")
    line = models.UUIDField(help_text="The change, over all its versions.")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident", "line"], condition=Q(dropped_at__isnull=True), name="suspect_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["incident", "at"], name="suspect_of_incident"),
            models.Index(fields=["line"], name="suspect_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.line} of INC-{self.incident_id}"
