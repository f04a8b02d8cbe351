"""Sources, the raw deliveries they send, and the alerts read from them."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Left
from django.utils import timezone

from incidents.alerts.rule_models import AlertRule
from incidents.alerts.sources import report
from incidents.response.models import Incident
from incidents.response.vocabulary import Layer
from ownership.models import Component, Person, Service

# PagerDuty's clients send the source's key in the event itself.
_KEY = re.compile(r'("routing_key"\s*:\s*")[^"]*(")')


class SnsCheck(models.TextChoices):
    """What is asked of messages that say that Amazon SNS sent them; only CloudWatch sources ask."""

    CHECK = "check", "What carries the envelope of SNS must be signed by it"
    REQUIRE = "require", "Only what SNS signed is taken"
    OFF = "off", "Signatures are not checked: the key alone decides"


class Source(models.Model):
    """A configured sender of alerts. Its keys and signing secrets are rows of their own (trust_models)."""

    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=120, unique=True)
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    disabled_at = models.DateTimeField(null=True, blank=True)
    signature = models.JSONField(null=True, blank=True, help_text="How its sender signs (signatures.Scheme); or not.")
    rate_limit = models.IntegerField(null=True, blank=True, help_text="Deliveries a second; 0: none, empty: the usual.")
    sns_check = models.CharField(max_length=7, choices=SnsCheck.choices, default=SnsCheck.CHECK)
    topics = models.JSONField(default=list, blank=True, help_text="ARNs of the topics that may post; empty: any.")
    built_in = models.BooleanField(default=False, help_text="Seamline's own: reports that people file here.")
    expected_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Tell when nothing came for so many hours; empty: it may be silent."
    )
    expected_since = models.DateTimeField(null=True, blank=True, help_text="Silence before this does not count.")
    silence_told_at = models.DateTimeField(null=True, blank=True, help_text="When people were told of this silence.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rate_limit__isnull=True) | Q(rate_limit__gte=0), name="source_rate_limit_not_negative"
            ),
            models.CheckConstraint(condition=Q(sns_check__in=SnsCheck.values), name="source_sns_check_known"),
            models.UniqueConstraint(fields=["kind"], condition=Q(built_in=True), name="source_one_built_in"),
            models.CheckConstraint(
                condition=Q(expected_hours__isnull=True, expected_since__isnull=True)
                | Q(expected_hours__gte=1, expected_since__isnull=False),
                name="source_expected_pair",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def silent_since(self, *, last: datetime | None, now: datetime) -> datetime | None:
        """Since when nothing comes, once that is longer than was said; `last` is when its sender last sent anything."""
        if self.expected_hours is None or self.expected_since is None or self.disabled_at is not None:
            return None
        quiet_from = max(last or self.expected_since, self.expected_since)
        return quiet_from if now - quiet_from > timedelta(hours=self.expected_hours) else None


class DeliveryState(models.TextChoices):
    """How far a delivery has come."""

    WAITING = "waiting", "Waiting"
    HELD = "held", "Held until its signature can be checked"
    DIGESTED = "digested", "Digested"
    REJECTED = "rejected", "Rejected"


# The beginning of a reason without its numbers, so that one cause is one group, whatever the place in the body.
_CAUSE = Left(Func(F("reason"), Value("[0-9]+"), Value("#"), Value("g"), function="regexp_replace"), 100)


class Delivery(models.Model):
    """One request as it came, byte for byte; stored before it is answered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, related_name="deliveries")
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)
    content_type = models.CharField(max_length=200, blank=True)
    headers = models.JSONField(default=dict, help_text="The few headers that adapters read.")
    body = models.BinaryField()
    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    reason = models.TextField(blank=True, help_text="Why it was rejected, or which of its readings were.")
    attempts = models.PositiveSmallIntegerField(default=0)
    is_test = models.BooleanField(default=False, help_text="Sent by the source page's test button.")
    # Numbers of SourceSecret without a foreign key, whose check and index each INSERT would pay for; such rows stay.
    by_key = models.BigIntegerField(null=True, blank=True, help_text="The hook key that it came with.")
    by_signature = models.BigIntegerField(null=True, blank=True, help_text="The signing secret that it was signed by.")
    body_removed_at = models.DateTimeField(null=True, blank=True, help_text="When body and headers were let go.")
    mapping_version = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Which version of its source's mapping read it; empty: the default.",
    )
    cause = models.GeneratedField(expression=_CAUSE, output_field=models.CharField(max_length=100), db_persist=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(condition=~Q(state="rejected") | ~Q(reason=""), name="delivery_rejected_has_reason"),
            models.CheckConstraint(
                condition=Q(body_removed_at__isnull=True) | Q(body=b"", headers={}), name="delivery_removed_is_empty"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["received_at", "id"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["source", "-received_at", "-id"], name="delivery_of_source"),
            models.Index(
                fields=["source", "-received_at", "-id"], condition=Q(state="rejected"), name="delivery_rejected"
            ),
            models.Index(fields=["source"], condition=Q(state="held"), name="delivery_held"),
            models.Index(
                fields=["source", "-received_at", "-id"],
                condition=Q(state="digested") & ~Q(reason=""),
                name="delivery_in_part",
            ),
            models.Index(
                fields=["source", "cause", "-received_at", "-id"], condition=Q(state="rejected"), name="delivery_cause"
            ),
            # Rows enter it when they are digested, not when they come: the hook's INSERT does not pay for it.
            models.Index(
                fields=["received_at", "id"],
                condition=Q(state__in=["digested", "rejected"], body_removed_at__isnull=True),
                name="delivery_with_body",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.received_at:%Y-%m-%d %H:%M:%S}"

    @property
    def may_be_tried(self) -> bool:
        """Rejected by an adapter, which may learn, its body still kept; what was refused at the door is never read."""
        return self.state == DeliveryState.REJECTED and self.attempts > 0 and self.body_removed_at is None

    @property
    def text(self) -> str:
        """The body for people: as UTF-8, what is none as U+FFFD; a key of the source in it is left out."""
        return _KEY.sub(r"\1…\2", bytes(self.body).decode("utf-8", "replace"))


class Alert(models.Model):
    """One episode of a problem at one source: firing until resolved; the same problem later is a new row."""

    # Each insert pays for every index: where one of those below begins with the column, it has none of its own.
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, related_name="alerts")
    problem_key = models.CharField(max_length=300)
    name = models.CharField(max_length=300, blank=True, help_text="The sort of alert that it is one of.")
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    severity = models.CharField(max_length=10, default="unknown", help_text="critical, high, medium, low, unknown")
    severity_raw = models.CharField(max_length=120, blank=True)
    labels = models.JSONField(default=dict)
    links = models.JSONField(default=list, help_text="[{label, url}]")
    started_at = models.DateTimeField(help_text="Event time of the episode's start.")
    last_event_at = models.DateTimeField(help_text="Event time of its latest firing.")
    resolved_at = models.DateTimeField(null=True, blank=True, help_text="Event time of the resolve.")
    received_at = models.DateTimeField(help_text="When its first reading reached us.")
    last_received_at = models.DateTimeField(default=timezone.now, help_text="When its latest reading reached us.")
    processed_at = models.DateTimeField(default=timezone.now)
    times_seen = models.PositiveIntegerField(default=1, help_text="Firings; 0: a resolve that overtook its firing.")
    firings = models.JSONField(default=list, help_text="[[instant, count]]: where a late resolve may cut it.")
    component = models.ForeignKey(
        Component, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="alerts"
    )
    why = models.TextField(blank=True, help_text="Which rule resolved its subject and its incident.")
    rule = models.ForeignKey(
        AlertRule, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    layer = models.CharField(max_length=11, choices=Layer.choices, blank=True, help_text="Suggested by a rule.")
    suggestion = models.JSONField(default=dict, help_text="{layer, mode, book, rule, version, name, matched, why}")
    is_test = models.BooleanField(default=False)
    lately = models.PositiveIntegerField(default=1, help_text="Its problem's beginnings within the policy's period.")
    flapping = models.BooleanField(default=False, help_text="It is one of a problem that comes and goes.")
    dismissed_at = models.DateTimeField(null=True, blank=True, help_text="A report that an editor called no problem.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "problem_key"], condition=Q(resolved_at__isnull=True), name="alert_one_open"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | Q(resolved_at__gte=F("started_at")), name="alert_times_in_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["source", "problem_key", "-started_at"], name="alert_episodes"),
            models.Index(fields=["incident", "-started_at"], name="alert_of_incident"),
            models.Index(
                fields=["incident", "name"], condition=Q(resolved_at__isnull=True), name="alert_open_of_incident"
            ),
            # What people report is little and stands among thousands of other alerts.
            models.Index(
                fields=["incident", "-started_at"], condition=Q(name__startswith=report.NAME), name="alert_reported"
            ),
            models.Index(fields=["source", "-received_at", "-id"], name="alert_of_source"),
            models.Index(fields=["processed_at"], condition=Q(times_seen=0), name="alert_held"),
            models.Index(fields=["-received_at", "-id"], name="alert_received"),
            models.Index(fields=["layer", "-received_at", "-id"], condition=~Q(layer=""), name="alert_of_layer"),
            models.Index(fields=["service", "-received_at", "-id"], name="alert_of_service"),
            models.Index(fields=["component"], condition=Q(component__isnull=False), name="alert_of_component"),
            models.Index(fields=["rule"], condition=Q(rule__isnull=False), name="alert_of_rule"),
        ]

    def __str__(self) -> str:
        return self.title
