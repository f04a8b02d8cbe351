"""What is kept of imported history: which row of which collection became which incident, and files that wait."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from incidents.response.models import Incident
from ownership.models import Person

LONGEST_KEY = 300


class HistoryRow(models.Model):
    """One row of a collection, known again by its `key`: the incident it became, and what the file last said of it.

    `wrote` holds what was written because of it (see `meaning.Wrote`), so that a later reading tells what the file
    changed from what people changed here.
    """

    collection = models.CharField(max_length=60, help_text="The mapping's name for where its rows come from.")
    key = models.CharField(max_length=LONGEST_KEY, help_text="What identifies the row there.")
    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="Of `wrote`: the same again changes nothing.")
    wrote = models.JSONField()
    findings = models.JSONField(default=list, help_text="Numbers of the findings that it brought.")
    actions = models.JSONField(default=list, help_text="Numbers of the actions that it brought.")
    file = models.CharField(max_length=200)
    line = models.IntegerField()
    url = models.CharField(max_length=500, blank=True, help_text="Where it is told, as the file says.")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(help_text="When a file last changed it.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["collection", "key"], name="history_row_once")]

    def __str__(self) -> str:
        return f"{self.collection} {self.key}"


class HistoryUpload(models.Model):
    """A file of past incidents that somebody sent, kept until it is imported or expires; then only what came of it."""

    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True, help_text="From then on the row may be removed.")
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, help_text="Of `content`.")
    content = models.BinaryField(null=True, help_text="The file as it was sent; empty once imported.")
    mapping = models.TextField()
    report = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True, help_text="When the report was made.")
    imported_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.file
