"""Incidents, their timeline and findings over /api/v1/; every write calls the act that the page calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import findings, lifecycle
from incidents.response.lifecycle import Impact
from incidents.response.models import FailureMode, Finding, Incident, TimelineRow
from incidents.response.vocabulary import (
    Confidence,
    DeclaredVia,
    DetectedBy,
    FindingRole,
    FindingState,
    Layer,
    Precision,
    Severity,
)
from ownership.api.fields import Named, ServiceBySlug, acting
from ownership.models import Component, Person
from ownership.vocabulary import Role
from web.filters import FilterSet


class ImpactSerializer(serializers.Serializer[Any]):
    """When the impact began, as exactly as it is known."""

    impact_precision = serializers.ChoiceField(choices=Precision.choices, default=Precision.UNKNOWN)
    impact_from = serializers.DateTimeField(required=False, allow_null=True, default=None)
    impact_until = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def began(self) -> Impact:
        """As the acts take it."""
        data = self.validated_data
        return Impact(data["impact_precision"], data["impact_from"], data["impact_until"])


class DeclareSerializer(ImpactSerializer):
    """What declaring takes; only the title is needed."""

    title = serializers.CharField(max_length=300)
    service = ServiceBySlug(required=False, allow_null=True, default=None)
    severity = serializers.ChoiceField(choices=Severity.choices, default=Severity.PENDING)
    impact = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)
    detected_by = serializers.ChoiceField(choices=DetectedBy.choices, allow_blank=True, default="")
    detected_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    first_blame = serializers.ChoiceField(choices=Layer.choices, allow_blank=True, default="")


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident as it stands."""

    number = serializers.IntegerField(source="pk", read_only=True)
    ref = serializers.CharField(read_only=True)
    state = serializers.CharField(read_only=True)
    service: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    component: Any = serializers.SlugRelatedField(slug_field="name", read_only=True, allow_null=True)
    ball: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Incident
        fields = (
            "number", "ref", "title", "state", "service", "component", "severity", "impact", "detected_by",
            "impact_from", "impact_until", "impact_precision", "detected_at", "opened_at", "acknowledged_at",
            "resolved_at", "resolved_how", "first_blame", "suggested_layer", "suggestion", "ball", "declared_via",
            "chain", "policy",
        )  # fmt: skip


class EditSerializer(serializers.Serializer[Any]):
    """What a PATCH may change; the past of times and severity is kept."""

    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    service = ServiceBySlug(required=False)
    impact = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    impact_precision = serializers.ChoiceField(choices=Precision.choices, required=False)
    impact_from = serializers.DateTimeField(required=False, allow_null=True)
    impact_until = serializers.DateTimeField(required=False, allow_null=True)
    detected_by = serializers.ChoiceField(choices=DetectedBy.choices, required=False, allow_blank=True)


class AcknowledgeSerializer(serializers.Serializer[Any]):
    """First blame may come with the acknowledgement; empty is "not known yet"."""

    first_blame = serializers.ChoiceField(choices=Layer.choices, allow_blank=True, default="")


class ResolveSerializer(serializers.Serializer[Any]):
    """When it ended, and one provisional finding, or none: not known."""

    resolved_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    layer = serializers.ChoiceField(choices=Layer.choices, allow_blank=True, default="")
    mode = serializers.PrimaryKeyRelatedField(
        queryset=FailureMode.objects.all(), required=False, allow_null=True, default=None
    )
    evidence = serializers.CharField(required=False, allow_blank=True, default="")
    despite = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        default=list,
        help_text="Codes of what speaks against it and is overruled: `still_firing` when alerts of it still fire.",
    )


class ReopenSerializer(serializers.Serializer[Any]):
    """Why it is open again."""

    reason = serializers.CharField(max_length=300)


class IncidentFilter(FilterSet):
    """?state=open|resolved, ?service=, ?severity=, ?first_blame=, ?detected_after=, ?detected_before="""

    state = django_filters.ChoiceFilter(choices=[("open", "open"), ("resolved", "resolved")], method="by_state")
    service = django_filters.CharFilter(field_name="service__slug")
    detected_after = django_filters.IsoDateTimeFilter(field_name="detected_at", lookup_expr="gte")
    detected_before = django_filters.IsoDateTimeFilter(field_name="detected_at", lookup_expr="lt")

    class Meta:
        model = Incident
        fields: ClassVar = ["severity", "first_blame", "declared_via"]

    def by_state(self, queryset: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        """Open or resolved."""
        return queryset.filter(resolved_at__isnull=value == "open")


class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Incident]):
    """Incidents: list, read, declare, edit, acknowledge, resolve, reopen."""

    queryset = Incident.objects.select_related("service", "component", "ball")
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilter
    ordering = ("-detected_at", "-pk")
    writes_as = Role.RESPONDER
    lookup_value_regex = r"\d+"

    @property
    def takes_ingest(self) -> bool:
        """A token that only sends may declare."""
        return bool(self.action == "create")

    @extend_schema(request=DeclareSerializer, responses={201: IncidentSerializer})
    def create(self, request: Request) -> Response:
        """Declare an incident."""
        asked = DeclareSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        names = ("title", "service", "severity", "impact", "detected_by", "detected_at", "first_blame")
        said = {name: asked.validated_data[name] for name in names}
        made = lifecycle.declare(**said, began=asked.began(), **acting(request), via=DeclaredVia.API)
        return Response(IncidentSerializer(made).data, status=201)

    @extend_schema(request=EditSerializer, responses=IncidentSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change severity, service or what is known of the impact."""
        incident = self.get_object()
        asked = EditSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with transaction.atomic():  # all that was asked, or nothing
            self._edit(incident, asked.validated_data, **acting(request))
        return self._as_it_stands(incident)

    def _edit(self, incident: Incident, said: dict[str, Any], *, by: Person, now: datetime) -> None:
        if "severity" in said:
            lifecycle.set_severity(incident, severity=said["severity"], by=by, now=now)
        if "service" in said:
            lifecycle.set_service(incident, service=said["service"], by=by, now=now)
        names = ("impact", "impact_precision", "impact_from", "impact_until", "detected_by")
        if any(name in said for name in names):
            kept = {name: said.get(name, getattr(incident, name)) for name in names}
            began = Impact(kept["impact_precision"], kept["impact_from"], kept["impact_until"])
            lifecycle.set_impact(
                incident, impact=kept["impact"], detected_by=kept["detected_by"], began=began, by=by, now=now
            )

    @extend_schema(request=AcknowledgeSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Take the incident; the ball is yours."""
        incident = self.get_object()
        asked = AcknowledgeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        lifecycle.acknowledge(incident, **asked.validated_data, **acting(request))
        return self._as_it_stands(incident)

    @extend_schema(request=ResolveSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Resolve, with one provisional finding or none."""
        incident = self.get_object()
        asked = ResolveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        lifecycle.resolve(incident, at=said.pop("resolved_at"), **said, **acting(request))
        return self._as_it_stands(incident)

    @extend_schema(request=ReopenSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Open it again."""
        incident = self.get_object()
        asked = ReopenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        lifecycle.reopen(incident, **asked.validated_data, **acting(request))
        return self._as_it_stands(incident)

    def _as_it_stands(self, incident: Incident) -> Response:
        return Response(IncidentSerializer(self.get_queryset().get(pk=incident.pk)).data)


class TimelineSerializer(serializers.ModelSerializer[TimelineRow]):
    """A timeline row. Writing one adds a note."""

    incident = serializers.PrimaryKeyRelatedField(queryset=Incident.objects.all())
    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    text = serializers.CharField(max_length=20_000)

    class Meta:
        model = TimelineRow
        fields = ("id", "incident", "kind", "at", "recorded_at", "by", "text", "why", "data")
        read_only_fields = ("kind", "at", "recorded_at", "why", "data")


class TimelineViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet[TimelineRow]
):
    """Timelines, oldest first (`?incident=` narrows to one); append-only."""

    queryset = TimelineRow.objects.select_related("by")
    serializer_class = TimelineSerializer
    filterset_fields = ("incident", "kind")
    ordering = ("at", "pk")
    writes_as = Role.RESPONDER

    def perform_create(self, serializer: serializers.BaseSerializer[TimelineRow]) -> None:
        """Add a note."""
        said = serializer.validated_data
        serializer.instance = lifecycle.note(said["incident"], text=said["text"], **acting(self.request))


class FindingSerializer(serializers.ModelSerializer[Finding]):
    """A finding as it stands; `line` is its identity over all versions."""

    incident = serializers.PrimaryKeyRelatedField(queryset=Incident.objects.all())
    layer = serializers.ChoiceField(choices=Layer.choices, required=False)
    component = Named(
        slug_field="name", queryset=Component.objects.filter(retired_at=None), required=False, allow_null=True
    )
    role = serializers.ChoiceField(choices=FindingRole.choices, required=False)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False)
    state = serializers.ChoiceField(choices=FindingState.choices, read_only=True)
    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Finding
        fields = (
            "id", "line", "incident", "layer", "mode", "component", "dependency", "role", "evidence", "confidence",
            "primary", "state", "by", "known_from",
        )  # fmt: skip
        read_only_fields = ("line", "known_from")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """A finding names at least a layer; a mode brings its own."""
        if self.instance is None and not said.get("layer") and not said.get("mode"):
            raise serializers.ValidationError({"layer": "Name the layer, or the mode, which brings its layer."})
        return said


class FindingViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet[Finding]
):
    """Current findings. New ones are provisional: a postmortem reviews them."""

    queryset = Finding.objects.filter(superseded_at=None).select_related("component", "by")
    serializer_class = FindingSerializer
    filterset_fields = ("incident", "layer", "mode", "state")
    ordering = ("-known_from", "-pk")
    writes_as = Role.RESPONDER

    def perform_create(self, serializer: serializers.BaseSerializer[Finding]) -> None:
        """Record a provisional finding."""
        said = dict(serializer.validated_data)
        serializer.instance = findings.record(said.pop("incident"), **said, **acting(self.request))


ROUTES = [
    ("incidents", IncidentViewSet, "incident"),
    ("timeline", TimelineViewSet, "timeline"),
    ("findings", FindingViewSet, "finding"),
]
