"""What was changed in a postmortem after it was published, and why."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.postmortems.models.postmortems import Postmortem
from ownership.models import Person


class Amendment(models.Model):
    """One change of published text: its reason; the texts are the revisions that name it. Append-only by a trigger."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="amendments")
    reason = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(reason=""), name="amendment_reason_given")]

    def __str__(self) -> str:
        return self.reason
