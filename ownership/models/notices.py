"""What people are told: rows written in the act's own transaction, sent afterwards."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ownership.models.people import Person


class Notice(models.Model):
    """One thing to tell one person: on their page at once, by mail when the worker gets to it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40, help_text="Such as `handover_proposed`.")
    text = models.CharField(max_length=300)
    path = models.CharField(max_length=300, help_text="The page here that it is about.")
    key = models.CharField(max_length=120, blank=True, help_text="Says it only once to this person; empty: always.")
    urgent = models.BooleanField(default=False, help_text="Quiet hours do not hold it back.")
    act_label = models.CharField(max_length=60, blank=True, help_text="What it offers to do at once.")
    act_path = models.CharField(max_length=500, blank=True, help_text="The signed page here that does it.")
    made_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="Empty: mailed, given up, or never to be.")
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], condition=~Q(key=""), name="notice_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="notice_to_mail"),
            models.Index(fields=["person", "-id"], name="notice_of_person"),
        ]

    def __str__(self) -> str:
        return self.text
