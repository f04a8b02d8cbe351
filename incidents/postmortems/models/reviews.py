"""Who is asked to read a postmortem before it is published, and what they said."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.postmortems.models.postmortems import Postmortem
from incidents.postmortems.vocabulary import Answer
from ownership.models import Person


class Reviewer(models.Model):
    """One person asked to review one postmortem, and their last answer.

    `waiting` says that their answer is wanted; an answer given before stays meanwhile. `seen` is what they answered on,
    as `queries.marks.of` has it, so that a later change shows.
    """

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="reviewers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reviews")
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    waiting = models.BooleanField(default=True)
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    comment = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    seen = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["postmortem", "person"], name="reviewer_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, waiting=True)
                | Q(answer__in=Answer.values, answered_at__isnull=False),
                name="reviewer_answer_pair",
            ),
            models.CheckConstraint(
                condition=~Q(answer=Answer.CHANGES) | ~Q(comment=""), name="reviewer_says_what_to_change"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "postmortem"], condition=Q(waiting=True), name="reviewer_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_answer_display() or 'asked'}"
