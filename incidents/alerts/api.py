"""Deliveries and alerts over /api/v1/."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts import access, replaying
from incidents.alerts.models import Alert, Delivery
from incidents.response.api.visibly import Visibly
from ownership.api.fields import acting
from ownership.vocabulary import Role
from web.filters import FilterSet


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A delivery without its body."""

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            "id", "source", "received_at", "processed_at", "content_type", "headers", "state", "reason", "cause",
            "mapping_version", "is_test", "body_removed_at",
        )  # fmt: skip


class WholeDeliverySerializer(DeliverySerializer):
    """One delivery. `body` is its text for editors, null for everybody else: it may hold users' words."""

    body = serializers.SerializerMethodField()

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "body")

    @extend_schema_field(OpenApiTypes.STR)
    def get_body(self, delivery: Delivery) -> str | None:
        """The body as UTF-8; what is none shows as U+FFFD, and a key of ours is left out."""
        if not access.may_manage(self.context["request"].user):
            return None
        return delivery.text


class DeliveryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Delivery]):
    """What sources sent, latest first; rejected ones can be tried again."""

    serializer_class = DeliverySerializer
    filterset_fields = ("source", "state", "is_test")
    ordering = ("-received_at", "-pk")
    writes_as = Role.EDITOR

    def get_queryset(self) -> QuerySet[Delivery]:
        """Lists leave the bodies where they are."""
        return Delivery.objects.all() if self.action == "retrieve" else Delivery.objects.defer("body")

    def get_serializer_class(self) -> type[DeliverySerializer]:
        """One delivery shows its body to editors."""
        return WholeDeliverySerializer if self.action == "retrieve" else DeliverySerializer

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Let the digest try a rejected delivery once more."""
        delivery = self.get_object()
        replaying.again(delivery, **acting(request))
        return Response(DeliverySerializer(self.get_queryset().get(pk=delivery.pk)).data, status=202)


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """One episode of a problem."""

    state = serializers.SerializerMethodField()
    component: Any = serializers.SlugRelatedField(slug_field="name", read_only=True, allow_null=True)
    service: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    rule = serializers.SerializerMethodField()

    class Meta:
        model = Alert
        fields = (
            "id", "source", "problem_key", "state", "name", "title", "summary", "severity", "severity_raw", "labels",
            "links", "started_at", "last_event_at", "resolved_at", "received_at", "last_received_at", "processed_at",
            "times_seen", "flapping", "lately", "component", "service", "incident", "why", "rule", "layer",
            "suggestion", "is_test",
        )  # fmt: skip

    def get_state(self, alert: Alert) -> str:
        """`firing` or `resolved`."""
        return "resolved" if alert.resolved_at else "firing"

    def get_rule(self, alert: Alert) -> str | None:
        """The rule and version that said what it is about: `rule 4 v2`; null when an alias or a name did."""
        return str(alert.rule) if alert.rule else None


class AlertFilter(FilterSet):
    """?state=firing|resolved, ?source=, ?incident=, ?service=, ?problem_key=, ?layer=, ?started_after=,
    ?started_before="""

    state = django_filters.ChoiceFilter(
        choices=[("firing", "firing"), ("resolved", "resolved")], method="by_state", label="firing or resolved"
    )
    incident = django_filters.NumberFilter(field_name="incident_id")
    service = django_filters.CharFilter(field_name="service__slug")
    started_after = django_filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="gte")
    started_before = django_filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="lt")

    class Meta:
        model = Alert
        fields: ClassVar = ["source", "problem_key", "severity", "layer", "is_test"]

    def by_state(self, queryset: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        """Firing or resolved."""
        return queryset.filter(resolved_at__isnull=value == "firing")


class AlertViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Visibly[Alert]):
    """Alerts, latest first; those of incidents that whoever asks may see, or of none."""

    queryset = Alert.objects.select_related("component", "service", "rule")
    serializer_class = AlertSerializer
    filterset_class = AlertFilter
    ordering = ("-received_at", "-pk")
    writes_as = Role.EDITOR
    may_be_without = True


ROUTES = [
    ("deliveries", DeliveryViewSet, "delivery"),
    ("alerts", AlertViewSet, "alert"),
]
