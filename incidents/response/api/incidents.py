"""Incidents over the API."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import Exact
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import bulk, closing, impacts, lifecycle
from incidents.response.api.confiding import PrivacyAndMergeActs
from incidents.response.api.handoffs import HandOffActions
from incidents.response.api.impacts import ImpactActions
from incidents.response.api.many import AcknowledgeManySerializer, ManyDoneSerializer, ResolveManySerializer
from incidents.response.api.shapes import (
    AcknowledgeSerializer,
    DeclareSerializer,
    EditSerializer,
    IncidentSerializer,
    MitigateSerializer,
    ReopenSerializer,
    ResolveSerializer,
)
from incidents.response.api.times import TimesActions
from incidents.response.api.visibly import Visibly
from incidents.response.models import Incident
from incidents.response.models.ordering import SUSPECTED
from incidents.response.queries import states, visible
from incidents.response.queries.wanted import UNRESOLVED
from incidents.response.vocabulary import DeclaredVia, Layer, State
from ownership.api.fields import acting, checked, viewer
from ownership.models import Person
from ownership.vocabulary import Role
from web.filters import FilterSet


class IncidentFilter(FilterSet):
    """?state= as the rows have it (several with commas), ?unresolved=, ?service=, ?severity=, ?type= and so on."""

    state = django_filters.CharFilter(method="by_state", label="one State or several: open,acknowledged")
    unresolved = django_filters.BooleanFilter(method="by_unresolved")
    service = django_filters.CharFilter(field_name="service__slug")
    first_blame = django_filters.ChoiceFilter(choices=Layer.choices, method="by_first_blame")
    detected_after = django_filters.IsoDateTimeFilter(field_name="detected_at", lookup_expr="gte")
    detected_before = django_filters.IsoDateTimeFilter(field_name="detected_at", lookup_expr="lt")

    class Meta:
        model = Incident
        fields: ClassVar = ["severity", "type", "declared_via"]

    def by_unresolved(self, queryset: QuerySet[Incident], name: str, value: bool) -> QuerySet[Incident]:
        """Before the resolve, or after it; what was merged is resolved where it goes on, and not by itself."""
        return queryset.filter(UNRESOLVED if value else Q(resolved_at__isnull=False))

    def by_first_blame(self, queryset: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        """First blamed on this layer. What was blamed is also what is suspected, and of that there is an index."""
        return queryset.filter(Exact(SUSPECTED, value), first_blame=value)

    def by_state(self, queryset: QuerySet[Incident], name: str, value: str) -> QuerySet[Incident]:
        """In one of these states; 422 for one that there is not."""
        asked = [one.strip() for one in value.split(",")]
        if not set(asked) <= set(State.values):
            raise serializers.ValidationError({"state": f"Choose among {', '.join(State.values)}."})
        return queryset.filter(reduce(or_, map(states.clause, asked)))


class IncidentViewSet(
    TimesActions,
    ImpactActions,
    HandOffActions,
    PrivacyAndMergeActs,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    Visibly[Incident],
):
    """Incidents that whoever asks may see: list, read, declare, edit, and what becomes of them."""

    queryset = Incident.objects.select_related("service", "component", "ball")
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilter
    ordering = ("-detected_at", "-pk")
    writes_as = Role.RESPONDER
    lookup_value_regex = r"\d+"
    through = ("",)

    def get_queryset(self) -> QuerySet[Incident]:
        """Those that this person may see, with where those go on that were merged, where they may see that too."""
        found = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return found
        head = visible.to(viewer(self.request)).filter(pk=OuterRef("merged_into"))
        return found.annotate(goes_on=Subquery(head.values("pk")))

    @property
    def takes_ingest(self) -> bool:
        """A token that only sends may declare."""
        return bool(self.action == "create")

    @extend_schema(request=DeclareSerializer, responses={201: IncidentSerializer})
    def create(self, request: Request) -> Response:
        """Declare an incident."""
        asked = DeclareSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        names = ("title", "service", "severity", "impact", "detected_by", "detected_at", "first_blame", "private")
        said = {name: asked.validated_data[name] for name in names} | {"of_type": asked.validated_data["type"]}
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
        if "type" in said:
            impacts.set_type(incident, of_type=said["type"], by=by, now=now)
        if "service" in said:
            lifecycle.set_service(incident, service=said["service"], by=by, now=now)
        names = ("impact", "impact_precision", "impact_from", "impact_until", "detected_by")
        if any(name in said for name in names):
            impacts.edit(incident, said=said, by=by, now=now)

    @extend_schema(request=AcknowledgeSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Take the incident; the ball is yours."""
        incident = self.get_object()
        asked = AcknowledgeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        lifecycle.acknowledge(incident, **asked.validated_data, **acting(request))
        return self._as_it_stands(incident)

    @extend_schema(request=MitigateSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def mitigate(self, request: Request, pk: str) -> Response:
        """Users are well again."""
        at = checked(MitigateSerializer, request).validated_data["mitigated_at"]
        return self._as_it_stands(lifecycle.mitigate(self.get_object(), at=at, **acting(request)))

    @extend_schema(request=None, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Nothing is left to do: 422 `not_reviewed` while its review is not done."""
        return self._as_it_stands(closing.close(self.get_object(), **acting(request)))

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

    @extend_schema(request=AcknowledgeManySerializer, responses=ManyDoneSerializer)
    @action(detail=False, methods=["post"], url_path="acknowledge-many")
    def acknowledge_many(self, request: Request) -> Response:
        """Take several; says of each that was left why."""
        said = checked(AcknowledgeManySerializer, request).validated_data
        return Response(ManyDoneSerializer(bulk.acknowledge(**said, **acting(request))).data)

    @extend_schema(request=ResolveManySerializer, responses=ManyDoneSerializer)
    @action(detail=False, methods=["post"], url_path="resolve-many")
    def resolve_many(self, request: Request) -> Response:
        """Resolve several with the same finding or none; says of each that was left why."""
        asked = checked(ResolveManySerializer, request)
        report = bulk.resolve(asked.validated_data["numbers"], **asked.said(), **acting(request))
        return Response(ManyDoneSerializer(report).data)

    def _as_it_stands(self, incident: Incident) -> Response:
        shown = Incident.objects.select_related("service", "component", "ball")  # also when it is theirs to see no more
        return Response(IncidentSerializer(shown.get(pk=incident.pk)).data)
