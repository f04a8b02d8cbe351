"""Who has a draft open now."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from incidents.postmortems.models.postmortems import Postmortem
from incidents.postmortems.models.sections import Section
from ownership.models import Person


class Presence(models.Model):
    """Somebody has the draft open, and writes in `section` unless that is empty. Rows go soon after `seen_at`."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    section = models.ForeignKey(Section, null=True, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["postmortem", "person", "section"], nulls_distinct=False, name="presence_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.section or self.postmortem}"
