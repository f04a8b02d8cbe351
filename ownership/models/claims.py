"""What imported catalogues say about owners, and which row here each of their entities became."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ownership.models.catalogue import Component, Service
from ownership.models.people import Person, Team
from ownership.vocabulary import AssignmentRole, ClaimFormat, ClaimState


class CatalogueEntry(models.Model):
    """The row that an entity of a catalogue became; it outlives renaming here, and moving between files there."""

    ref = models.CharField(max_length=300, help_text="Such as `component:default/retriever`, in lower case.")
    component = models.ForeignKey(Component, null=True, on_delete=models.CASCADE, related_name="catalogue_entries")
    service = models.ForeignKey(Service, null=True, on_delete=models.CASCADE, related_name="catalogue_entries")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="catalogue_entries")
    first_seen = models.DateTimeField()

    class Meta:
        verbose_name_plural = "catalogue entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ref"], name="catalogue_entry_once"),
            models.CheckConstraint(
                condition=(
                    Q(component__isnull=False, service__isnull=True, team__isnull=True)
                    | Q(component__isnull=True, service__isnull=False, team__isnull=True)
                    | Q(component__isnull=True, service__isnull=True, team__isnull=False)
                ),
                name="catalogue_entry_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class Claim(models.Model):
    """A line of a file says that somebody looks after something. It changes no assignment; people accept or ignore."""

    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what makes it the same claim again.")
    format = models.CharField(max_length=12, choices=ClaimFormat.choices)
    source = models.CharField(max_length=400, help_text="The file, from the folder that was imported.")
    line = models.PositiveIntegerField()
    owner = models.CharField(max_length=300, help_text="As it was written.")
    role = models.CharField(max_length=12, choices=AssignmentRole.choices)
    subject_kind = models.CharField(max_length=80)
    subject_name = models.CharField(max_length=400)
    component = models.ForeignKey(Component, null=True, blank=True, on_delete=models.CASCADE, related_name="claims")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.CASCADE, related_name="claims")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="claims")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="claims")
    unresolved = models.CharField(max_length=30, blank=True, help_text="Why no party is known; empty when one is.")
    state = models.CharField(max_length=10, choices=ClaimState.choices, default=ClaimState.NEW)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["fingerprint"], name="claim_once"),
            models.CheckConstraint(
                condition=Q(component__isnull=True) | Q(service__isnull=True), name="claim_at_most_one_subject"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(team__isnull=True), name="claim_at_most_one_party"
            ),
            models.CheckConstraint(condition=Q(state__in=ClaimState.values), name="claim_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name}: {self.owner}"
