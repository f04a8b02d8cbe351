"""Which proposed findings somebody declined, and why."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from incidents.postmortems.models.postmortems import Postmortem
from ownership.models import Person


class DeclinedProposal(models.Model):
    """A proposal that is not made again; `key` names it, as `org.stale_ownership` or `org.unowned_seam:12`."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="declined_proposals")
    key = models.CharField(max_length=120)
    said = models.TextField(help_text="What was proposed, in the words of then.")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["postmortem", "key"], name="declined_proposal_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="declined_proposal_reason_given"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.reason}"
