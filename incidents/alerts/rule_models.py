"""Rules that decide about alerts, and the severity table: every version is kept, for old alerts name theirs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from incidents.response.models import FailureMode
from incidents.response.vocabulary import Layer
from ownership.models import Component, Person, Service


class RuleBook(models.TextChoices):
    """What a list of rules decides."""

    SUBJECT = "subject", "Who it hits"
    LAYER = "layer", "Which layer"
    BUILT_IN = "built_in", "Which layer, as shipped"


class RuleChange(models.TextChoices):
    """What made a new version."""

    MADE = "made", "made"
    EDITED = "edited", "edited"
    MOVED = "moved", "moved"
    OFF = "off", "switched off"
    ON = "on", "switched on"
    ENDED = "ended", "deleted"


class AlertRule(models.Model):
    """One version of a rule. Rules are known by their number, built-in ones by their code; the current versions decide.

    Whoever changes a rule supersedes its version; a deleted rule's last version is `ended` and superseded at once.
    """

    book = models.CharField(max_length=8, choices=RuleBook.choices)
    number = models.PositiveIntegerField(default=0, help_text="Rule 4 stays rule 4; 0 for built-in ones.")
    code = models.CharField(max_length=80, blank=True, help_text="Of a built-in rule, as in layers.toml.")
    version = models.PositiveIntegerField()
    position = models.BigIntegerField(default=0, help_text="Lower comes first.")
    note = models.CharField(max_length=200, blank=True, help_text="What it is for, in its author's words.")
    conditions = models.JSONField(default=list, help_text="[{what, how, values, label}], all of which must hold.")
    component = models.ForeignKey(Component, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    layer = models.CharField(max_length=11, choices=Layer.choices, blank=True)
    mode = models.ForeignKey(FailureMode, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    enabled = models.BooleanField(default=True)
    change = models.CharField(max_length=6, choices=RuleChange.choices, default=RuleChange.MADE)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["book", "number", "code"],
                condition=Q(superseded_at__isnull=True),
                name="alert_rule_one_current",
            ),
            models.UniqueConstraint(fields=["book", "number", "code", "version"], name="alert_rule_version_once"),
            models.CheckConstraint(
                condition=Q(book="subject", layer="", mode__isnull=True)
                & (Q(component__isnull=True, service__isnull=False) | Q(component__isnull=False, service__isnull=True))
                | Q(book="layer", component__isnull=True, service__isnull=True) & ~Q(layer="")
                | Q(book="built_in", component__isnull=True, service__isnull=True, layer="", mode__isnull=True),
                name="alert_rule_target_fits",
            ),
            models.CheckConstraint(
                condition=Q(book="built_in", number=0) & ~Q(code="") | Q(number__gt=0, code=""),
                name="alert_rule_known_by",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["book", "position", "number"],
                condition=Q(superseded_at__isnull=True),
                name="alert_rule_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} v{self.version}"

    def get_absolute_url(self) -> str:
        """The page of this very version."""
        return reverse("alerts:rule_version", args=[self.book, self.number, self.version])

    @property
    def label(self) -> str:
        """Without its version: `rule 4`, `layer rule 2`."""
        if self.book == RuleBook.BUILT_IN:
            return f"built-in rule {self.code}"
        return f"layer rule {self.number}" if self.book == RuleBook.LAYER else f"rule {self.number}"

    @property
    def target(self) -> Component | Service | None:
        """What a subject rule names."""
        return self.component or self.service

    @property
    def sleeps(self) -> bool:
        """True when what it names was retired: it decides nothing until it names something else."""
        return self.target is not None and self.target.retired_at is not None


class SeverityTable(models.Model):
    """One version of the table tier × alert severity → SEV, written by people; version 1 is the one as shipped."""

    version = models.PositiveIntegerField(unique=True)
    cells = models.JSONField(help_text="{tier: [SEV of critical, high, medium, low]}")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["superseded_at"],
                condition=Q(superseded_at__isnull=True),
                nulls_distinct=False,
                name="severity_table_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"severity table v{self.version}"
