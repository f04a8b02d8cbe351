"""Templates, postmortems with their sections and revisions, and actions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.response.models import Incident
from ownership.models import Person, Team


class PostmortemTemplate(models.Model):
    """An ordered set of sections; a version never changes."""

    code = models.SlugField(max_length=60)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    sections = models.JSONField(help_text="[{key, heading, prompt, required}]")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "version"], name="template_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Postmortem(models.Model):
    """The review of one incident: a draft until it is published, then frozen."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="postmortem")
    template = models.ForeignKey(PostmortemTemplate, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="postmortem_published_pair",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["-started_at", "-id"], name="postmortem_recent")]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """draft or published."""
        return "published" if self.published_at else "draft"


class Section(models.Model):
    """One part of the text. `revision` counts its saves; a save names the revision it was written on."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="sections")
    key = models.SlugField(max_length=60)
    heading = models.CharField(max_length=120)
    prompt = models.TextField(blank=True)
    required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["postmortem", "key"], name="section_once")]

    def __str__(self) -> str:
        return self.heading


class SectionRevision(models.Model):
    """A section's text as it was saved; append-only by a trigger."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="revisions")
    revision = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["section", "revision"], name="section_revision_once")]

    def __str__(self) -> str:
        return f"{self.section} r{self.revision}"


class ActionKind(models.TextChoices):
    """What sort of control an action builds."""

    CONTRACT = "contract", "Contract"
    VALIDATION = "validation", "Validation"
    BUDGET_OR_TIMEOUT = "budget_or_timeout", "Budget or timeout"
    BACK_PRESSURE = "back_pressure", "Back-pressure"
    MONITOR = "monitor", "Monitor"
    ONLINE_EVAL = "online_eval", "Online eval"
    EVAL_CASE = "eval_case", "Eval case"
    GUARDRAIL_RULE = "guardrail_rule", "Guardrail rule"
    OWNERSHIP_CHANGE = "ownership_change", "Ownership change"
    RUNBOOK = "runbook", "Runbook"
    OTHER = "other", "Other"


class Action(models.Model):
    """What will be done, by whom, until when, and when it counts as done."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="actions")
    finding_line = models.UUIDField(null=True, blank=True, help_text="The finding it answers, over all its versions.")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=ActionKind.choices, default=ActionKind.OTHER)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    owner_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    due_on = models.DateField(null=True, blank=True)
    done_when = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=ActionKind.values), name="action_kind_known"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(owner_team__isnull=True), name="action_one_owner"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="action_done_pair",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on", "id"], condition=Q(done_at__isnull=True), name="action_open_by_due"),
            models.Index(fields=["finding_line"], name="action_of_finding"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def party(self) -> Person | Team | None:
        """Who does it."""
        return self.owner or self.owner_team


class NoActionReason(models.Model):
    """Why a finding gets no action."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="no_action_reasons")
    finding_line = models.UUIDField()
    reason = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["postmortem", "finding_line"], name="no_action_reason_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="no_action_reason_given"),
        ]

    def __str__(self) -> str:
        return self.reason
