"""Which alerts become one incident: a policy for each service that has its own, one for all others; superseded."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from incidents.response.grouping import Rules
from ownership.models import Person, Service

DAY = 24 * 60  # minutes


class GroupingPolicy(models.Model):
    """One version of a policy; without a service that of all services without their own. A new one supersedes it."""

    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    labels = models.JSONField(default=list, help_text="Names of the labels in the key, besides the service.")
    window_minutes = models.PositiveIntegerField(default=30, help_text="After the last alert, others join so long.")
    quiet_seconds = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the installation's.")
    reopen_minutes = models.PositiveIntegerField(default=0, help_text="After it resolved by itself; 0: never.")
    longest_minutes = models.PositiveIntegerField(default=DAY, help_text="Older incidents take no more alerts.")
    flap_times = models.PositiveIntegerField(default=4, help_text="Beginnings that are flapping; 0: nothing is.")
    flap_minutes = models.PositiveIntegerField(default=60, help_text="The period that they are counted in.")
    calm_minutes = models.PositiveIntegerField(default=30, help_text="Quiet after flapping before it resolves.")
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "grouping policies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(superseded_at__isnull=True),
                nulls_distinct=False,
                name="grouping_one_current",
            ),
            models.UniqueConstraint(fields=["service", "version"], nulls_distinct=False, name="grouping_version_once"),
            models.CheckConstraint(
                condition=Q(
                    window_minutes__gte=1, window_minutes__lte=F("longest_minutes"), longest_minutes__lte=43200
                ),
                name="grouping_window_fits",
            ),
            models.CheckConstraint(condition=Q(reopen_minutes__lte=F("longest_minutes")), name="grouping_reopen_fits"),
            models.CheckConstraint(
                condition=Q(quiet_seconds__isnull=True) | Q(quiet_seconds__lte=DAY * 60), name="grouping_quiet_fits"
            ),
            models.CheckConstraint(
                condition=Q(flap_times=0) | Q(flap_times__gte=2, flap_times__lte=100), name="grouping_flaps_sensible"
            ),
            models.CheckConstraint(
                condition=Q(flap_minutes__gte=1, flap_minutes__lte=DAY, calm_minutes__gte=1, calm_minutes__lte=DAY),
                name="grouping_flap_times_fit",
            ),
        ]

    def __str__(self) -> str:
        return f"policy v{self.version} of {self.service}" if self.service else f"default policy v{self.version}"

    @cached_property  # a version never changes
    def rules(self) -> Rules:
        """As the pure module takes them."""
        seconds = settings.QUIET_SECONDS if self.quiet_seconds is None else self.quiet_seconds
        return Rules(
            labels=tuple(self.labels),
            window=timedelta(minutes=self.window_minutes),
            quiet=timedelta(seconds=seconds),
            reopen=timedelta(minutes=self.reopen_minutes),
            longest=timedelta(minutes=self.longest_minutes),
            flaps=self.flap_times,
            flap_period=timedelta(minutes=self.flap_minutes),
            calm=timedelta(minutes=self.calm_minutes),
        )
