"""What people say about the places of a postmortem, and which hints on wording they waved away."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from incidents.postmortems.models.postmortems import Postmortem
from incidents.postmortems.models.sections import Section
from ownership.models import Person


class Comment(models.Model):
    """A comment on one place of a postmortem, or an answer to one: `anchor` is that place's id on the page.

    It holds the latest text; every version is a row of CommentVersion. What it is about never changes, by a trigger.
    """

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="comments", db_index=False)
    anchor = models.CharField(max_length=70, help_text="Such as `section-summary` or `findings`.")
    section = models.ForeignKey(Section, null=True, blank=True, on_delete=models.PROTECT, related_name="comments")
    answers_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(blank=True)
    quote = models.CharField(max_length=300, blank=True, help_text="The words that it is about.")
    on_revision = models.PositiveIntegerField(
        null=True, blank=True, help_text="The section's revision that was commented."
    )
    names = models.JSONField(default=dict, help_text="Who is meant by what stands after an @.")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField(default=1)
    edited_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) & ~Q(text="") | Q(taken_back_at__isnull=False, text=""),
                name="comment_says_something",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False, answers_to__isnull=True),
                name="comment_resolved_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["postmortem", "id"], name="comment_of_postmortem"),
            models.Index(
                fields=["postmortem"],
                condition=Q(resolved_at__isnull=True, answers_to__isnull=True, taken_back_at__isnull=True),
                name="comment_open",
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} on {self.anchor}"

    @property
    def first_id(self) -> int:
        """The comment that the thread begins with."""
        return self.answers_to_id or self.pk


class CommentVersion(models.Model):
    """A comment as it was said; append-only by a trigger."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="versions", db_index=False)
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["comment", "version"], name="comment_version_once")]

    def __str__(self) -> str:
        return f"{self.comment_id} v{self.version}"


class QuietHint(models.Model):
    """A hint on wording that somebody waved away: these words, at this place, do not bring it back."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.CASCADE, related_name="quiet_hints", db_index=False)
    anchor = models.CharField(max_length=70)
    rule = models.CharField(max_length=40)
    excerpt = models.CharField(max_length=200, help_text="The words, in lower case.")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["postmortem", "anchor", "rule", "excerpt"], name="quiet_hint_once")
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.excerpt}"
