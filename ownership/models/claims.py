"""What imported catalogues say about owners, and which row here each of their entities became."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

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
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    vanished_at = models.DateTimeField(
        null=True, blank=True, help_text="When its file was read and said it no longer; empty while it does."
    )

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
        indexes: ClassVar = [
            models.Index(fields=["subject_name", "id"], name="claim_by_subject"),
            models.Index(fields=["source", "format"], name="claim_by_source"),
            models.Index(
                fields=["owner"], condition=Q(person__isnull=True, team__isnull=True), name="claim_of_nobody_by_owner"
            ),
            models.Index(fields=["subject_name", "id"], condition=~Q(state="new"), name="claim_decided_by_subject"),
            models.Index(
                fields=["subject_name", "id"], condition=Q(vanished_at__isnull=False), name="claim_vanished_by_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name}: {self.owner}"


class OwnerAlias(models.Model):
    """Somebody said whom a file means by an owner that nobody here is called: `@acme/search` is the team Search."""

    text = models.CharField(max_length=300, help_text="The owner as the files write it, whatever its case.")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="owner_aliases")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="owner_aliases")
    said_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "owner aliases"
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("text"), name="owner_alias_once"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, team__isnull=True) | Q(person__isnull=True, team__isnull=False),
                name="owner_alias_one_party",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text} means {self.party}"

    @property
    def party(self) -> Person | Team | None:
        """Whom it means."""
        return self.team or self.person


class CatalogueUpload(models.Model):
    """Files that somebody sent, kept until they are imported or expire; afterwards only what came of them."""

    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="catalogue_uploads")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True, help_text="From then on the row may be removed.")
    source = models.CharField(max_length=200, help_text="What the folder is called; claims are known again by it.")
    format = models.CharField(max_length=12, blank=True, choices=ClaimFormat.choices, help_text="Empty: by file name.")
    files = models.IntegerField()
    sha256 = models.CharField(max_length=64, help_text="Of `content`.")
    content = models.BinaryField(null=True, help_text="The files as one archive of ours; empty once imported.")
    report = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True, help_text="When the report was made.")
    imported_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.files} files of {self.source}"
