"""What an incident did to users, in numbers, as it was known and as it is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from incidents.response.models.incidents import Incident
from incidents.response.vocabulary import Green
from ownership.models import Person


class ImpactFacts(models.Model):
    """How far an incident went: AI failures are partial. What is empty is not known, and never zero.

    A correction supersedes: the old row stays as it was.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, db_index=False, related_name="impact_facts")
    slice = models.CharField(max_length=200, blank=True, help_text="Who or what was hit: EN tickets.")
    share_from = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True, help_text="Percent of the traffic, at least."
    )
    share_until = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True, help_text="And at most; the same when it is exact."
    )
    bad_count = models.BigIntegerField(null=True, blank=True, help_text="Answers that were wrong and went out as fine.")
    tries = models.IntegerField(null=True, blank=True, help_text="How often it was tried to make it happen again.")
    reproduced = models.IntegerField(null=True, blank=True, help_text="How often it did.")
    prompt_version = models.CharField(max_length=120, blank=True)
    model_version = models.CharField(max_length=120, blank=True)
    index_version = models.CharField(max_length=120, blank=True)
    monitors_green = models.CharField(max_length=7, choices=Green.choices, default=Green.UNKNOWN)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(superseded_at__isnull=True), name="impact_facts_one_current"
            ),
            models.CheckConstraint(
                condition=Q(share_from__isnull=True, share_until__isnull=True)
                | Q(share_from__isnull=False, share_until__isnull=False)
                & Q(share_from__gte=0, share_from__lte=F("share_until"), share_until__lte=100),
                name="impact_facts_share_fits",
            ),
            models.CheckConstraint(
                condition=Q(tries__isnull=True, reproduced__isnull=True)
                | Q(tries__isnull=False, reproduced__isnull=False)
                & Q(tries__gte=1, reproduced__gte=0, reproduced__lte=F("tries")),
                name="impact_facts_tries_fit",
            ),
            models.CheckConstraint(
                condition=Q(bad_count__isnull=True) | Q(bad_count__gte=0), name="impact_facts_count_fits"
            ),
            models.CheckConstraint(condition=Q(monitors_green__in=Green.values), name="impact_facts_green_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["incident", "-known_from", "-id"], name="impact_facts_history")]

    def __str__(self) -> str:
        return f"impact of INC-{self.incident_id} as known from {self.known_from:%Y-%m-%d %H:%M}"
