"""What people and teams are told: rows written in the act's own transaction, sent afterwards."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ownership.models.channels import Bundle
from ownership.models.people import Person, Team


class Notice(models.Model):
    """One thing to tell one reader: on a person's page at once, through channels when the worker gets to it."""

    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="notices")
    team = models.ForeignKey(
        Team, null=True, on_delete=models.CASCADE, related_name="notices", help_text="For the channels of a team."
    )
    via = models.ForeignKey(
        Team, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Told as a member of this team alone."
    )
    kind = models.CharField(max_length=40, help_text="Such as `handover_proposed`.")
    text = models.CharField(max_length=300)
    path = models.CharField(max_length=300, help_text="The page here that it is about.")
    key = models.CharField(max_length=120, blank=True, help_text="Says it only once to this person; empty: always.")
    urgent = models.BooleanField(default=False, help_text="Quiet hours do not hold it back.")
    act_label = models.CharField(max_length=60, blank=True, help_text="What it offers to do at once.")
    act_path = models.CharField(max_length=500, blank=True, help_text="The signed page here that does it.")
    made_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When it may go out; empty: it went, or never will.")
    bundle = models.ForeignKey(Bundle, null=True, on_delete=models.SET_NULL, related_name="notices")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="First time that a channel took it.")
    failure = models.CharField(max_length=300, blank=True, help_text="Why it did not go out.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], condition=~Q(key=""), name="notice_once"),
            models.UniqueConstraint(fields=["team", "key"], condition=~Q(key=""), name="notice_once_team"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, team__isnull=True) | Q(person__isnull=True, team__isnull=False),
                name="notice_one_reader",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="notice_due"),
            models.Index(fields=["person", "-id"], name="notice_of_person"),
            models.Index(fields=["team", "made_at"], condition=Q(team__isnull=False), name="notice_of_team"),
            models.Index(fields=["path"], opclasses=["varchar_pattern_ops"], name="notice_below_path"),
        ]

    def __str__(self) -> str:
        return self.text
