"""Inputs that failed, kept without what is private, and what changes of guardrails came of them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils import timezone

from incidents.alerts.report_models import Report
from incidents.postmortems.vocabulary import GuardrailKind, InputFormat
from incidents.response.models import FailureMode, Incident
from incidents.response.vocabulary import Layer
from ownership.models import Component, Person

NOW = Q(superseded_at__isnull=True)
STANDING = NOW & Q(withdrawn_why="")
WORDS = ("input", "expected", "observed", "note", "source_url")


def _layer_of_mode() -> Func:
    return Func(F("mode_id"), Value("."), Value(1), function="split_part", output_field=models.CharField())


class FailingExample(models.Model):
    """One version of a redacted input, what was expected, what came. A correction supersedes, on the same `line`.

    Taken back, its last version says why and has no words. The words of superseded versions can be erased for good,
    because a redaction may have missed something; nothing else of them changes.
    """

    line = models.UUIDField(default=uuid.uuid4, help_text="The example over all its versions.")
    version = models.PositiveSmallIntegerField(default=1)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, db_index=False, related_name="+")
    input = models.TextField(blank=True)
    input_format = models.CharField(max_length=4, choices=InputFormat.choices, default=InputFormat.TEXT)
    expected = models.TextField(blank=True)
    observed = models.TextField(blank=True)
    layer = models.CharField(max_length=11, choices=Layer.choices)
    mode = models.ForeignKey(
        FailureMode, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    component = models.ForeignKey(
        Component, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    guardrail_kind = models.CharField(
        max_length=10, choices=GuardrailKind.choices, blank=True, help_text="What it shows of a guardrail; empty: none."
    )
    tags = models.JSONField(default=list, blank=True, help_text="Words to find it by, sorted.")
    note = models.TextField(blank=True)
    source_url = models.URLField(max_length=2000, blank=True, help_text="Such as the trace; never fetched.")
    report = models.ForeignKey(
        Report, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="What it was made of."
    )
    replaced = models.JSONField(default=dict, blank=True, help_text="How many values of each kind were replaced.")
    kept = models.PositiveSmallIntegerField(default=0, help_text="Values that look private and were left on purpose.")
    created_at = models.DateTimeField(default=timezone.now, help_text="Of the first version.")
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "version"], name="example_version_once"),
            models.UniqueConstraint(fields=["line"], condition=NOW, name="example_one_current_version"),
            models.UniqueConstraint(
                fields=["report"], condition=STANDING & Q(report__isnull=False), name="example_of_report_once"
            ),
            models.CheckConstraint(condition=Q(layer__in=Layer.values), name="example_layer_known"),
            models.CheckConstraint(
                condition=Q(mode__isnull=True) | Q(layer=_layer_of_mode()), name="example_layer_is_modes"
            ),
            models.CheckConstraint(
                condition=Q(guardrail_kind__in=["", *GuardrailKind.values]), name="example_guardrail_kind_known"
            ),
            models.CheckConstraint(condition=Q(input_format__in=InputFormat.values), name="example_format_known"),
            models.CheckConstraint(
                condition=~Q(withdrawn_why="")
                | Q(erased_at__isnull=False)
                | (~Q(input="") & ~Q(expected="", observed="")),
                name="example_says_something",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, erased_by__isnull=True)
                | Q(
                    erased_at__isnull=False, erased_by__isnull=False, superseded_at__isnull=False,
                    **dict.fromkeys(WORDS, ""),
                ),
                name="example_erased_whole",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["incident", "created_at", "id"], name="example_of_incident"),
            models.Index(fields=["-created_at", "-id"], condition=STANDING, name="example_latest"),
            models.Index(fields=["layer", "-created_at", "-id"], condition=STANDING, name="example_of_layer"),
            models.Index(fields=["mode", "-created_at", "-id"], name="example_of_mode"),
            models.Index(fields=["component", "-created_at", "-id"], name="example_of_component"),
            models.Index(
                fields=["guardrail_kind", "-created_at", "-id"],
                condition=STANDING & ~Q(guardrail_kind=""),
                name="example_of_guardrail",
            ),
            models.Index(fields=["known_from"], condition=STANDING, name="example_known_from"),
            GinIndex(fields=["tags"], opclasses=["jsonb_path_ops"], condition=STANDING, name="example_by_tag"),
        ]

    def __str__(self) -> str:
        return f"example of INC-{self.incident_id}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("postmortems:example", args=[self.line])


class RuleCause(models.Model):
    """Somebody says that a rule of a guardrail was changed because of an incident; `dropped_at` when it was not."""

    change = models.UUIDField(help_text="The change, over all its versions.")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change", "incident"], condition=Q(dropped_at__isnull=True), name="rule_cause_once"
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True, dropped_by__isnull=True)
                | Q(dropped_at__isnull=False, dropped_by__isnull=False),
                name="rule_cause_dropped_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change} because of INC-{self.incident_id}"
