"""Saved views of the board: a name for a set of filters, and which of them somebody's board opens with."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from ownership.models import Person


class BoardView(models.Model):
    """A set of filters with a name, of one person, or shown to everybody. `query` is what stands in the address."""

    name = models.CharField(max_length=60)
    query = models.CharField(max_length=600, blank=True, help_text="Empty: all that is open.")
    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False, help_text="Everybody sees it; its owner and admins change it.")
    position = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("owner", Lower("name"), name="board_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="board_view_has_name"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["position", "name"], condition=Q(shared=True), name="board_view_shared")
        ]

    def __str__(self) -> str:
        return self.name


class BoardDefault(models.Model):
    """The view that somebody's board opens with."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="+")
    view = models.ForeignKey(BoardView, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.person_id}: {self.view_id}"
