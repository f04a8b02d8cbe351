"""Outgoing webhooks: addresses that are told what happened, their secrets, and what was sent to them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ownership.models.people import Person


class Webhook(models.Model):
    """An address that is told of events. Off: nothing is written for it."""

    name = models.CharField(max_length=120)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list, help_text="The names of the events that it wants.")
    private = models.BooleanField(default=False, help_text="It is told of private things too.")
    is_on = models.BooleanField(default=True)
    off_why = models.CharField(max_length=300, blank=True, help_text="Why it was switched off by itself.")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="Nothing got through since; empty: fine.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row; counted as far as it matters.")
    try_after = models.DateTimeField(null=True, blank=True, help_text="Left alone until then, for it failed.")
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(removed_at__isnull=True) | Q(is_on=False), name="webhook_removed_is_off")
        ]

    def __str__(self) -> str:
        return self.name


class WebhookSecret(models.Model):
    """What the messages to an address are signed with, sealed (web.sealing); two may be live, so that one takes over.

    Live: `ends_at` is empty or to come.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="secrets")
    slot = models.SmallIntegerField(help_text="1 or 2: two live ones, no third.")
    sealed = models.TextField()
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="When it signs no longer.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["webhook", "slot"], name="webhook_two_secrets"),
            models.CheckConstraint(condition=Q(slot__in=[1, 2]), name="webhook_secret_slot_known"),
        ]

    def __str__(self) -> str:
        return f"secret {self.slot} of webhook {self.webhook_id}"


class WebhookDelivery(models.Model):
    """One event for one address: due while `next_try_at` is set, then delivered, given up or withheld."""

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    event_id = models.UUIDField(help_text="The same each time it is sent; receivers drop what they know.")
    event = models.CharField(max_length=40)
    about = models.CharField(max_length=60, blank=True, help_text="What it is about, such as INC-12.")
    body = models.TextField()
    is_private = models.BooleanField(default=False, help_text="What it is about is private, or became so.")
    is_withheld = models.BooleanField(default=False, help_text="Its webhook may not be told this any more.")
    made_at = models.DateTimeField()
    again_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Who had it sent again."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the last answer.")
    answer = models.CharField(max_length=300, blank=True, help_text="How the last answer began, or what went wrong.")

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["webhook", "event_id"], condition=Q(again_by__isnull=True), name="webhook_delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(is_withheld=False) | Q(body="", next_try_at__isnull=True), name="webhook_withheld_is_gone"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["webhook", "next_try_at", "id"],
                condition=Q(next_try_at__isnull=False),
                name="webhook_delivery_waits",
            ),
            models.Index(
                fields=["next_try_at", "id"],
                condition=Q(next_try_at__isnull=False, again_by__isnull=False),
                name="webhook_delivery_asked",
            ),
            models.Index(fields=["webhook", "-id"], name="webhook_delivery_log"),
            models.Index(fields=["made_at"], name="webhook_delivery_made"),
            models.Index(fields=["about"], name="webhook_delivery_about"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"

    @property
    def state(self) -> str:
        """delivered, withheld, waiting or given up."""
        if self.delivered_at:
            return "delivered"
        if self.is_withheld:
            return "withheld"
        return "waiting" if self.next_try_at else "given up"
