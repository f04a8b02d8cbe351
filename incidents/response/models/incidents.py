"""The incident, its superseded versions, its timeline."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from incidents.response.models.grouping import GroupingPolicy
from incidents.response.models.ordering import SUSPECTED, URGENCY
from incidents.response.vocabulary import (
    BLAME_NOT_KNOWN,
    TOLD_BY_ALERTS,
    DeclaredVia,
    DetectedBy,
    IncidentType,
    Layer,
    Precision,
    ResolvedHow,
    Severity,
    State,
    TimelineKind,
)
from ownership.models import Component, Person, Service


def _pair(at: str, by: str) -> Q:
    """Both are set, or neither."""
    both = Q(**{f"{at}__isnull": False, f"{by}__isnull": False})
    return both | Q(**{f"{at}__isnull": True, f"{by}__isnull": True})


class Incident(models.Model):
    """What people work on. A trigger keeps every superseded value of its times and severity in IncidentVersion."""

    title = models.CharField(max_length=300)
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    component = models.ForeignKey(
        Component, null=True, blank=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    type = models.CharField(
        max_length=13, choices=IncidentType.choices, blank=True, default="", db_default="", help_text="Empty: not said."
    )
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.PENDING)
    severity_set_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="A person's choice sticks."
    )
    impact = models.TextField(blank=True, help_text="What users see.")
    detected_by = models.CharField(max_length=14, choices=DetectedBy.choices, blank=True)

    impact_from = models.DateTimeField(null=True, blank=True, help_text="Start of the impact, or the earliest it was.")
    impact_until = models.DateTimeField(null=True, blank=True, help_text="The latest it started, when between two.")
    impact_precision = models.CharField(max_length=8, choices=Precision.choices, default=Precision.UNKNOWN)
    detected_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(default=timezone.now, help_text="When it was recorded here.")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    identified_at = models.DateTimeField(null=True, blank=True, help_text="When the cause was known.")
    mitigated_at = models.DateTimeField(null=True, blank=True, help_text="When users were well again.")
    mitigated_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolved_how = models.CharField(max_length=6, choices=ResolvedHow.choices, blank=True)

    closed_at = models.DateTimeField(null=True, blank=True, help_text="When its review was done, or gone without.")
    closed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    times_checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When a person last checked them; a trigger empties it once one changes."
    )
    times_checked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    first_blame = models.CharField(max_length=11, choices=Layer.choices, blank=True, help_text="Empty: not said.")
    first_blamed_at = models.DateTimeField(null=True, blank=True)
    first_blamed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    blame_unknown_at = models.DateTimeField(
        null=True, blank=True, help_text="When the first answer was “not known yet”; stays when a layer follows."
    )
    blame_unknown_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    suggested_layer = models.CharField(
        max_length=11, choices=Layer.choices, blank=True, help_text="What a rule made of its alerts; never a blame."
    )
    suggestion = models.JSONField(default=dict, help_text="{layer, mode, book, rule, version, name, matched, why}")

    ball = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Who has the ball."
    )
    declared_via = models.CharField(max_length=5, choices=DeclaredVia.choices)
    declared_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    chain = models.JSONField(default=dict, help_text="Who answered, and why this service, as known when it opened.")
    no_postmortem_reason = models.TextField(blank=True)

    grouping_key = models.CharField(max_length=300, blank=True, help_text="Alerts with this key join.")
    joinable = models.BooleanField(default=False)
    last_alert_at = models.DateTimeField(null=True, blank=True, help_text="Event time of the last member that fired.")
    policy = models.ForeignKey(
        GroupingPolicy,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What it groups by, from its opening on; empty: the built-in policy.",
    )
    changed_at = models.DateTimeField(auto_now=True)
    private = models.BooleanField(default=False, help_text="For its people only: see queries/visible.py.")
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Where its story goes on."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grouping_key"],
                condition=Q(resolved_at__isnull=True, joinable=True),
                name="incident_one_joinable",
            ),
            models.CheckConstraint(condition=_pair("acknowledged_at", "acknowledged_by"), name="incident_ack_pair"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True, resolved_how="")
                | Q(resolved_at__isnull=False, resolved_by__isnull=False, resolved_how="person")
                | Q(resolved_at__isnull=False, resolved_by__isnull=True, resolved_how="alerts"),
                name="incident_resolved_pair",
            ),
            models.CheckConstraint(condition=_pair("mitigated_at", "mitigated_by"), name="incident_mitigated_pair"),
            models.CheckConstraint(condition=_pair("closed_at", "closed_by"), name="incident_closed_pair"),
            models.CheckConstraint(condition=_pair("times_checked_at", "times_checked_by"), name="incident_check_pair"),
            models.CheckConstraint(
                condition=_pair("blame_unknown_at", "blame_unknown_by"), name="incident_blame_unknown_pair"
            ),
            models.CheckConstraint(
                condition=Q(first_blame="", first_blamed_at__isnull=True, first_blamed_by__isnull=True)
                | (~Q(first_blame="") & Q(first_blamed_at__isnull=False, first_blamed_by__isnull=False)),
                name="incident_first_blame_triple",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True)
                | Q(impact_from__isnull=True)
                | Q(impact_from__lte=F("resolved_at")),
                name="incident_impact_before_resolved",
            ),
            models.CheckConstraint(
                condition=Q(mitigated_at__isnull=True)
                | Q(impact_from__isnull=True)
                | Q(impact_from__lte=F("mitigated_at")),
                name="incident_impact_before_mitigated",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True)
                | Q(mitigated_at__isnull=True)
                | Q(mitigated_at__lte=F("resolved_at")),
                name="incident_mitigated_before_resolved",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(resolved_at__isnull=False, resolved_at__lte=F("closed_at")),
                name="incident_resolved_before_closed",
            ),
            models.CheckConstraint(
                condition=Q(impact_precision="unknown", impact_from__isnull=True, impact_until__isnull=True)
                | (
                    Q(impact_precision="between", impact_from__isnull=False, impact_until__isnull=False)
                    & Q(impact_until__gt=F("impact_from"))
                )
                | (
                    Q(impact_precision__in=["exact", "minute", "hour", "day"], impact_from__isnull=False)
                    & Q(impact_until__isnull=True)
                ),
                name="incident_impact_precision",
            ),
            models.CheckConstraint(condition=Q(type__in=["", *IncidentType.values]), name="incident_type_known"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="incident_severity_known"),
            models.CheckConstraint(condition=Q(first_blame__in=["", *Layer.values]), name="incident_first_blame_known"),
            models.CheckConstraint(condition=Q(joinable=False) | ~Q(grouping_key=""), name="incident_joinable_has_key"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="incident_merged_elsewhere"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                URGENCY.desc(),
                F("detected_at").desc(),
                F("id").desc(),
                condition=Q(resolved_at__isnull=True, merged_into__isnull=True),  # what was merged is never resolved
                name="incident_board",
            ),
            models.Index(fields=["severity", "-detected_at", "-id"], name="incident_severity"),
            models.Index(SUSPECTED, F("detected_at").desc(), F("id").desc(), name="incident_suspected"),
            models.Index(
                fields=["-resolved_at", "-id"], condition=Q(resolved_at__isnull=False), name="incident_resolved"
            ),
            models.Index(
                fields=["-resolved_at", "-id"],
                condition=Q(resolved_at__isnull=False, closed_at__isnull=True),
                name="incident_review_left",
            ),
            models.Index(fields=["-detected_at", "-id"], name="incident_detected"),
            models.Index(fields=["service", "-detected_at"], name="incident_service_detected"),
            models.Index(fields=["component", "-detected_at"], name="incident_component_detected"),
            models.Index(fields=["id"], condition=Q(private=True), name="incident_private"),
            models.Index(
                fields=["grouping_key", "-resolved_at"],
                condition=Q(resolved_how="alerts"),
                name="incident_may_come_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ref(self) -> str:
        """The name people use: INC-481."""
        return f"INC-{self.pk}"

    @property
    def state(self) -> str:
        """One of State: the furthest that it has come."""
        if self.merged_into_id:
            return State.MERGED.value
        if self.closed_at:
            return State.CLOSED.value
        if self.resolved_at:
            return State.RESOLVED.value
        if self.mitigated_at:
            return State.MITIGATED.value
        return State.ACKNOWLEDGED.value if self.acknowledged_at else State.OPEN.value

    @property
    def is_over(self) -> bool:
        """True once it is resolved, closed or not."""
        return self.resolved_at is not None

    @property
    def blamed(self) -> str:
        """The layer first blamed, `unknown` when "not known yet" was the answer so far, empty when nobody was asked."""
        return self.first_blame or (BLAME_NOT_KNOWN if self.blame_unknown_at else "")


class IncidentVersion(models.Model):
    """What was believed of an incident, and when: what the charts count of it. Written by a trigger only."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="versions")
    severity = models.CharField(max_length=8)
    service = models.ForeignKey(Service, null=True, on_delete=models.PROTECT, related_name="+")
    impact_from = models.DateTimeField(null=True)
    impact_until = models.DateTimeField(null=True)
    impact_precision = models.CharField(max_length=8)
    detected_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    identified_at = models.DateTimeField(null=True)
    mitigated_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    times_checked_at = models.DateTimeField(null=True)
    type = models.CharField(max_length=13, blank=True, default="", db_default="")
    detected_by = models.CharField(max_length=14, blank=True, default="", db_default="")
    suggested_layer = models.CharField(max_length=11, blank=True, default="", db_default="")
    owned = models.BooleanField(null=True, help_text="Somebody was accountable when it opened; empty: not recorded.")
    known_from = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(superseded_at__isnull=True), name="incident_version_one_current"
            )
        ]

    def __str__(self) -> str:
        return f"INC-{self.incident_id} as known from {self.known_from:%Y-%m-%d %H:%M}"


class AffectedService(models.Model):
    """A further service that the failing component belongs to."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="affected")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["incident", "service"], name="affected_once")]

    def __str__(self) -> str:
        return f"{self.service} by INC-{self.incident_id}"


class TimelineRow(models.Model):
    """One thing that happened; append-only by a trigger. `at` is when it happened, `recorded_at` when we learnt it.

    An edit is a row of its own: it refers to the first row in `revises` and counts up `version`. Which rows hold now
    is asked in one place, `queries/told.py`.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    kind = models.CharField(max_length=14, choices=TimelineKind.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    why = models.TextField(blank=True, help_text="The rule behind an automatic decision; why it was taken back.")
    data = models.JSONField(default=dict)
    revises = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="revisions",
        db_index=False,  # timeline_version_once begins with it
        help_text="The first version, when this is a later one.",
    )
    version = models.PositiveSmallIntegerField(default=1, db_default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["revises", "version"], name="timeline_version_once"),
            models.CheckConstraint(
                condition=Q(revises__isnull=True, version=1) | Q(revises__isnull=False, version__gt=1),
                name="timeline_first_is_one",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["incident", "at", "id"], name="timeline_order"),
            models.Index(
                fields=["incident", "at", "id"],
                condition=~Q(kind__in=[kind.value for kind in TOLD_BY_ALERTS]),
                name="timeline_besides_alerts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of INC-{self.incident_id}"

    @property
    def first_id(self) -> int:
        """The id that stays the same through all versions."""
        return self.revises_id or self.pk

    @property
    def author(self) -> Person | None:
        """Who wrote the first version; `by` is who wrote this one."""
        return self.revises.by if self.revises else self.by

    @property
    def taken_back(self) -> bool:
        """True when its author, or an admin, took it back."""
        return self.kind == TimelineKind.TAKEN_BACK
