"""Failure modes and the findings that use them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from incidents.response.models.incidents import Incident
from incidents.response.vocabulary import Confidence, FindingRole, FindingState, Layer
from ownership.models import Component, Dependency, Person


def _layer_of(column: str) -> Func:
    """The layer that a mode's code begins with: `data.schema_drift` → `data`."""
    return Func(F(column), Value("."), Value(1), function="split_part", output_field=models.CharField())


class FailureMode(models.Model):
    """A named way in which a layer fails. Built-in codes never change; organisations add their own."""

    code = models.CharField(max_length=80, primary_key=True, help_text="layer.name")
    layer = models.CharField(max_length=11, choices=Layer.choices)
    name = models.CharField(max_length=80)
    definition = models.TextField()
    detection = models.TextField(blank=True)
    countermeasures = models.TextField(blank=True)
    references = models.TextField(blank=True)
    built_in = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(layer__in=Layer.values), name="mode_layer_known"),
            models.CheckConstraint(condition=Q(layer=_layer_of("code")), name="mode_code_has_layer"),
        ]

    def __str__(self) -> str:
        return self.name


class Finding(models.Model):
    """Layer × mode × place × role × evidence × confidence of one incident.

    A correction supersedes: the old row stays, the new one carries on its `line`, the identity over all versions.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="findings")
    line = models.UUIDField(default=uuid.uuid4)
    layer = models.CharField(max_length=11, choices=Layer.choices)
    mode = models.ForeignKey(FailureMode, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    component = models.ForeignKey(Component, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dependency = models.ForeignKey(Dependency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=15, choices=FindingRole.choices, default=FindingRole.CAUSE)
    evidence = models.TextField(blank=True)
    confidence = models.CharField(max_length=9, choices=Confidence.choices, default=Confidence.PROBABLE)
    primary = models.BooleanField(default=False)
    state = models.CharField(max_length=11, choices=FindingState.choices, default=FindingState.PROVISIONAL)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(primary=True, superseded_at__isnull=True),
                name="finding_one_primary",
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(superseded_at__isnull=True), name="finding_one_current_version"
            ),
            models.CheckConstraint(
                condition=Q(state="provisional") | ~Q(evidence=""), name="finding_reviewed_has_evidence"
            ),
            models.CheckConstraint(
                condition=Q(state="provisional") | Q(mode__isnull=False), name="finding_reviewed_has_mode"
            ),
            models.CheckConstraint(
                condition=Q(mode__isnull=True) | Q(layer=_layer_of("mode_id")), name="finding_layer_is_modes"
            ),
            models.CheckConstraint(
                condition=Q(component__isnull=True) | Q(dependency__isnull=True), name="finding_one_place"
            ),
            models.CheckConstraint(condition=Q(layer__in=Layer.values), name="finding_layer_known"),
            models.CheckConstraint(condition=Q(role__in=FindingRole.values), name="finding_role_known"),
            models.CheckConstraint(condition=Q(state__in=FindingState.values), name="finding_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["incident", "layer"], condition=Q(superseded_at__isnull=True), name="finding_current"),
            models.Index(fields=["-known_from", "-id"], condition=Q(superseded_at__isnull=True), name="finding_latest"),
            models.Index(
                fields=["layer", "-known_from", "-id"], condition=Q(superseded_at__isnull=True), name="finding_of_layer"
            ),
            models.Index(
                fields=["mode", "-known_from", "-id"], condition=Q(superseded_at__isnull=True), name="finding_of_mode"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mode_id or self.layer} of INC-{self.incident_id}"
