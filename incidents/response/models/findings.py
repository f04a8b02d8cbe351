"""Failure modes and the findings that use them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from incidents.response.models.incidents import Incident
from incidents.response.vocabulary import Confidence, FindingRole, FindingState, Layer, ModeDeed, Verdict
from ownership.models import Component, Dependency, Person


def _layer_of(column: str) -> Func:
    """The layer that a mode's code begins with: `data.schema_drift` → `data`."""
    return Func(F(column), Value("."), Value(1), function="split_part", output_field=models.CharField())


class FailureMode(models.Model):
    """A named way in which a layer fails. Built-in codes never change; organisations add their own.

    One's own can be merged into another of its layer: findings keep what they were recorded with, and count as
    `counts_as`, the end of the chain that `merged_into` begins (see queries/modes.py).
    """

    code = models.CharField(max_length=80, primary_key=True, help_text="layer.name")
    layer = models.CharField(max_length=11, choices=Layer.choices)
    name = models.CharField(max_length=80)
    definition = models.TextField()
    detection = models.TextField(blank=True)
    countermeasures = models.TextField(blank=True)
    references = models.TextField(blank=True)
    built_in = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True, help_text="No longer offered; what was found with it is.")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    counts_as = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(layer__in=Layer.values), name="mode_layer_known"),
            models.CheckConstraint(condition=Q(layer=_layer_of("code")), name="mode_code_has_layer"),
            models.CheckConstraint(
                condition=Q(built_in=False) | Q(retired_at__isnull=True, merged_into__isnull=True),
                name="mode_built_in_stands",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True)
                | (Q(layer=_layer_of("merged_into_id")) & Q(layer=_layer_of("counts_as_id"))),
                name="mode_merged_within_layer",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True, counts_as__isnull=True)
                | (
                    Q(merged_into__isnull=False, counts_as__isnull=False)
                    & ~Q(merged_into=F("code"))
                    & ~Q(counts_as=F("code"))
                ),
                name="mode_merged_elsewhere",
            ),
            models.UniqueConstraint(
                Lower("name"),
                "layer",
                condition=Q(built_in=False, retired_at__isnull=True, merged_into__isnull=True),
                name="mode_name_once_among_own",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def counted(self) -> FailureMode:
        """The mode that it counts as: itself, unless it was merged into another."""
        return self.counts_as or self

    @property
    def is_offered(self) -> bool:
        """True when findings may newly be recorded with it."""
        return self.retired_at is None and self.merged_into_id is None


class ModeChange(models.Model):
    """What somebody did to a mode of the organisation's own; append-only by a trigger."""

    mode = models.ForeignKey(FailureMode, on_delete=models.PROTECT, related_name="changes")
    deed = models.CharField(max_length=12, choices=ModeDeed.choices)
    data = models.JSONField(default=dict, help_text="{into} of a merge; {field: [before, after]} of an edit.")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(deed__in=ModeDeed.values), name="mode_change_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["mode", "-at", "-id"], name="mode_change_of_mode")]

    def __str__(self) -> str:
        return f"{self.mode_id} {self.deed}"


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
    links = models.JSONField(default=list, blank=True, help_text="[{kind, id} or {kind: url, url, label}].")
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
                condition=Q(state="provisional") | ~Q(evidence="") | ~Q(links=[]), name="finding_reviewed_has_evidence"
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

    @property
    def is_shown(self) -> bool:
        """True when something shows it: words, or a link."""
        return bool(self.evidence.strip() or self.links)


class SuggestionVerdict(models.Model):
    """Whether the layer that a rule suggested for an incident was right. A later verdict supersedes an earlier one.

    The rule is named as the suggestion named it then, so that each version of a rule is scored by itself.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+", db_index=False)
    book = models.CharField(max_length=8)
    rule = models.CharField(max_length=80, help_text="A number, or the code of a built-in rule.")
    version = models.PositiveIntegerField()
    suggested_layer = models.CharField(max_length=11, choices=Layer.choices)
    suggested_mode = models.ForeignKey(FailureMode, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    layer = models.CharField(max_length=11, choices=Layer.choices, help_text="What it was.")
    mode = models.ForeignKey(FailureMode, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(superseded_at__isnull=True), name="verdict_one_current"
            ),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="verdict_known"),
            models.CheckConstraint(
                condition=Q(mode__isnull=True) | Q(layer=_layer_of("mode_id")), name="verdict_layer_is_modes"
            ),
            models.CheckConstraint(
                condition=Q(verdict="corrected") | Q(layer=F("suggested_layer")), name="verdict_accepted_is_same"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["book", "rule"], condition=Q(superseded_at__isnull=True), name="verdict_of_rule"),
            models.Index(fields=["incident"], name="verdict_of_incident"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.book} {self.rule} of INC-{self.incident_id}"
