"""What a source is trusted by: its hook keys and signing secrets, and Amazon SNS's certificates and subscriptions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.alerts.models import Source
from ownership.models import Person


class Purpose(models.TextChoices):
    """What a secret is for."""

    KEY = "key", "hook key"
    SIGNING = "signing", "signing secret"


class SourceSecret(models.Model):
    """A hook key or a signing secret of a source; of each purpose two may be live, so that one can take over.

    A key is ours: kept as a hash, shown once. A signing secret is the sender's and must be read back to check what it
    signed: kept sealed (web.sealing), never shown. Live: `ended_at` is empty, and `ends_at` is empty or to come.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="secrets")
    purpose = models.CharField(max_length=7, choices=Purpose.choices)
    slot = models.SmallIntegerField(help_text="1 or 2: the database holds two live ones of a purpose, no third.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of a hook key.")
    sealed = models.TextField(blank=True, help_text="A signing secret, encrypted.")
    hint = models.CharField(max_length=8, blank=True, help_text="A hook key's first characters.")
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="When it stops working by itself.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute, told by the digest.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest"], condition=Q(purpose="key"), name="secret_key_once"),
            models.UniqueConstraint(
                fields=["source", "purpose", "slot"], condition=Q(ended_at__isnull=True), name="secret_two_live"
            ),
            models.CheckConstraint(condition=Q(slot__in=[1, 2]), name="secret_slot_known"),
            models.CheckConstraint(
                condition=Q(Q(purpose="key", sealed="") & ~Q(digest=""))
                | Q(Q(purpose="signing", digest="", hint="") & ~Q(sealed="")),
                name="secret_kept_as_its_purpose_asks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.slot} of {self.source_id}"


class SnsCertificate(models.Model):
    """A certificate that Amazon SNS signs with, fetched once; wanted while neither fetched nor given up."""

    url = models.CharField(max_length=500, unique=True)
    pem = models.TextField(blank=True)
    wanted_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, help_text="When it was given up.")
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="Empty once it is fetched or given up.")
    attempts = models.SmallIntegerField(default=0)
    reason = models.TextField(blank=True, help_text="What went wrong the last time.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(fetched_at__isnull=True, pem="") | Q(Q(fetched_at__isnull=False) & ~Q(pem="")),
                name="certificate_fetched_has_pem",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="certificate_due"),
        ]

    def __str__(self) -> str:
        return self.url


class SubscriptionState(models.TextChoices):
    """How far the subscription of a topic has come."""

    WAITING = "waiting", "waits for an editor"
    REFUSED = "refused", "not on the list"
    DUE = "due", "being confirmed"
    CONFIRMED = "confirmed", "confirmed"
    FAILED = "failed", "could not be confirmed"
    ENDED = "ended", "unsubscribed"


class TopicSubscription(models.Model):
    """A topic of Amazon SNS that asked, in a message it signed, to post to a source; the latest such message counts."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="subscriptions")
    topic = models.CharField(max_length=300, help_text="Its ARN.")
    url = models.CharField(max_length=2000, help_text="What to fetch to confirm it; AWS's own address, checked.")
    state = models.CharField(max_length=9, choices=SubscriptionState.choices)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="Only while it is being confirmed.")
    attempts = models.SmallIntegerField(default=0)
    reason = models.TextField(blank=True, help_text="What went wrong the last time.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "topic"], name="subscription_once"),
            models.CheckConstraint(condition=Q(state__in=SubscriptionState.values), name="subscription_state_known"),
            models.CheckConstraint(
                condition=Q(Q(state="due") & Q(next_try_at__isnull=False))
                | Q(~Q(state="due") & Q(next_try_at__isnull=True)),
                name="subscription_due_has_next_try",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(state="due"), name="subscription_due"),
        ]

    def __str__(self) -> str:
        return self.topic
