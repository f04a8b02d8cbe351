"""What ties incidents together: merges and links; each is ended, never deleted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from incidents.response.models.incidents import Incident
from incidents.response.vocabulary import LinkKind, MergeReason
from ownership.models import Person


def _pair(at: str, by: str) -> Q:
    """Both are set, or neither."""
    both = Q(**{f"{at}__isnull": False, f"{by}__isnull": False})
    return both | Q(**{f"{at}__isnull": True, f"{by}__isnull": True})


class IncidentMerge(models.Model):
    """One incident was merged into another; ended once, when that is undone. `kept` is what undoing puts back."""

    merged = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    into = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=9, choices=MergeReason.choices, default=MergeReason.SAME)
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kept = models.JSONField(default=dict, help_text="{incident: {field: [before, after]}}, and who came along.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merged"], condition=Q(ended_at__isnull=True), name="merge_one_at_a_time"),
            models.CheckConstraint(condition=~Q(merged=F("into")), name="merge_goes_elsewhere"),
            models.CheckConstraint(condition=_pair("ended_at", "ended_by"), name="merge_ended_pair"),
            models.CheckConstraint(condition=Q(reason__in=MergeReason.values), name="merge_reason_known"),
        ]

    def __str__(self) -> str:
        return f"INC-{self.merged_id} → INC-{self.into_id}"


class IncidentLink(models.Model):
    """One incident has to do with another: `one` relates to, was caused by, duplicates or was split from `other`."""

    one = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Least("one", "other"),
                Greatest("one", "other"),
                "kind",
                condition=Q(ended_at__isnull=True),
                name="link_once",
            ),
            models.CheckConstraint(condition=~Q(one=F("other")), name="link_goes_elsewhere"),
            models.CheckConstraint(condition=_pair("ended_at", "ended_by"), name="link_ended_pair"),
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="link_kind_known"),
        ]

    def __str__(self) -> str:
        return f"INC-{self.one_id} {self.kind} INC-{self.other_id}"
