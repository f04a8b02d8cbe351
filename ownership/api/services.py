"""Services with their parts, links and owners over the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import cataloguing, registering
from ownership.api.fields import ComponentField, PartySerializer, acting, checked
from ownership.models import Assignment, Component, Part, Service, ServiceLink
from ownership.queries import owners
from ownership.vocabulary import AssignmentRole, ComponentKind, LinkKind, PartRole, Role, Tier


class PartSerializer(serializers.ModelSerializer[Part]):
    """A part on the path."""

    name = serializers.CharField(source="component.name", read_only=True)
    kind = serializers.CharField(source="component.kind", read_only=True)

    class Meta:
        model = Part
        fields = ("id", "component", "name", "kind", "role", "position")


class NewPartSerializer(serializers.Serializer[Any]):
    """A component by id or name; an unknown name with a kind makes a new one."""

    component = ComponentField(new=True)
    kind = serializers.ChoiceField(choices=ComponentKind.choices, required=False)
    role = serializers.ChoiceField(choices=PartRole.choices, default=PartRole.CRITICAL)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """As the act takes it, under `part`."""
        component = said["component"]
        if isinstance(component, Component):
            return {"part": registering.NewPart(component.name, component.kind, said["role"])}
        if "kind" not in said:
            raise serializers.ValidationError({"kind": f"There is no {component} yet: give its kind to make it."})
        return {"part": registering.NewPart(component, said["kind"], said["role"])}


class EditPartSerializer(serializers.Serializer[Any]):
    """A part's role, or its place counted from 0."""

    role = serializers.ChoiceField(choices=PartRole.choices, required=False)
    position = serializers.IntegerField(min_value=0, max_value=1000, required=False)


class LinkSerializer(serializers.ModelSerializer[ServiceLink]):
    """Something to have at hand."""

    kind = serializers.ChoiceField(choices=LinkKind.choices)
    label = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")  # type: ignore[assignment]
    url = serializers.CharField(max_length=500)

    class Meta:
        model = ServiceLink
        fields = ("id", "kind", "label", "url")


class HoldingSerializer(serializers.Serializer[Any]):
    """A party and since when it holds its role."""

    kind = serializers.ChoiceField(choices=["person", "team"])
    id = serializers.IntegerField()
    name = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)


class ServiceSerializer(serializers.ModelSerializer[Service]):
    """A service as it stands; `accountable` is null while nobody answers."""

    parts = PartSerializer(many=True, read_only=True)
    links = LinkSerializer(many=True, read_only=True)
    accountable = serializers.SerializerMethodField()

    class Meta:
        model = Service
        fields = ("slug", "name", "outcome", "tier", "accountable", "parts", "links", "created_at", "retired_at")

    @extend_schema_field(HoldingSerializer(allow_null=True))
    def get_accountable(self, service: Service) -> dict[str, Any] | None:
        """Who answers now, if they are still here."""
        rows: list[Assignment] = service.accountable_now  # type: ignore[attr-defined]  # prefetched below
        holding = owners.Holding(rows[0].party, rows[0].during.lower) if rows else None
        return holding.as_known() if holding and not holding.is_vacant else None


class NewServiceSerializer(serializers.Serializer[Any]):
    """A whole service at once; name and outcome are enough."""

    name = serializers.CharField(max_length=120)
    outcome = serializers.CharField(max_length=300)
    tier = serializers.ChoiceField(choices=Tier.choices, default=Tier.T2)
    parts = NewPartSerializer(many=True, required=False, default=list)
    links = LinkSerializer(many=True, required=False, default=list)
    accountable = PartySerializer(required=False, allow_null=True, default=None)

    def facts(self) -> dict[str, Any]:
        """What `registering.register` takes."""
        said = dict(self.validated_data)
        said["parts"] = [one["part"] for one in said["parts"]]
        said["links"] = [cataloguing.Link(**link) for link in said["links"]]
        said["accountable"] = said["accountable"] and said["accountable"]["party"]
        return said


class EditServiceSerializer(serializers.Serializer[Any]):
    """What a PATCH may change."""

    name = serializers.CharField(max_length=120, required=False)
    outcome = serializers.CharField(max_length=300, required=False)
    tier = serializers.ChoiceField(choices=Tier.choices, required=False)


class OwnerQuerySerializer(serializers.Serializer[Any]):
    """The instant asked about, and as known when; both now when left out."""

    at = serializers.DateTimeField(required=False, default=None)
    known_at = serializers.DateTimeField(required=False, default=None)


class OwnerSerializer(serializers.Serializer[Any]):
    """Who answered for a service at an instant, as known at an instant (null: as known now)."""

    service = serializers.SlugField()
    at = serializers.DateTimeField()
    known_at = serializers.DateTimeField(allow_null=True)
    accountable = HoldingSerializer(allow_null=True)
    deputies = HoldingSerializer(many=True)
    escalation = HoldingSerializer(many=True)


class ServiceFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """?tier=, ?name= (whatever case), ?search=, ?component= (id), ?answered=true|false, ?retired=true|false"""

    name = django_filters.CharFilter(lookup_expr="iexact")
    search = django_filters.CharFilter(field_name="name", lookup_expr="icontains")
    component = django_filters.NumberFilter(field_name="parts__component_id")
    answered = django_filters.BooleanFilter(method="by_answered")
    retired = django_filters.BooleanFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Service
        fields: ClassVar = ["tier"]

    def by_answered(self, queryset: QuerySet[Service], name: str, value: bool) -> QuerySet[Service]:
        """Whether somebody who is still here answers."""
        answered = owners.answered(at=timezone.now())
        return queryset.filter(answered if value else ~answered)


class ServiceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Service]):
    """Services: list, read, name with parts and owner, edit; parts, links and who answered when."""

    queryset = Service.objects.all()
    serializer_class = ServiceSerializer
    filterset_class = ServiceFilter
    ordering = ("name", "pk")
    writes_as = Role.EDITOR
    lookup_field = "slug"
    lookup_value_regex = "[-a-z0-9]+"

    def get_queryset(self) -> QuerySet[Service]:
        """With parts in order, links and who answers now; five queries for any number."""
        accountable = Assignment.objects.filter(
            role=AssignmentRole.ACCOUNTABLE, superseded_at=None, during__contains=timezone.now()
        )
        return (
            super()
            .get_queryset()
            .prefetch_related(
                Prefetch("parts", Part.objects.select_related("component").order_by("position", "pk")),
                Prefetch("links", ServiceLink.objects.order_by("pk")),
                Prefetch("assignments", accountable.select_related("person", "team"), to_attr="accountable_now"),
            )
        )

    @extend_schema(request=NewServiceSerializer, responses={201: ServiceSerializer})
    def create(self, request: Request) -> Response:
        """Name a service, all of it or nothing."""
        made = registering.register(**checked(NewServiceSerializer, request).facts(), **acting(request))
        return self._as_it_stands(made, status=201)

    @extend_schema(request=EditServiceSerializer, responses=ServiceSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change name, outcome or tier."""
        said = checked(EditServiceSerializer, request).validated_data
        return self._as_it_stands(cataloguing.edit_service(self.get_object(), **said, **acting(request)))

    @extend_schema(
        responses=OwnerSerializer,
        parameters=[
            OpenApiParameter("at", OpenApiTypes.DATETIME, description="The instant asked about; now when left out."),
            OpenApiParameter("known_at", OpenApiTypes.DATETIME, description="As known then; now when left out."),
        ],
    )
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def owner(self, request: Request, slug: str) -> Response:
        """Who answered at an instant, as known then or as known now."""
        service = get_object_or_404(Service, slug=slug)
        asked = OwnerQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        at, known_at = asked.validated_data["at"] or timezone.now(), asked.validated_data["known_at"]
        answering = owners.of_services([service.pk], at=at, known_at=known_at)[service.pk]
        told = {
            "service": slug,
            "at": at,
            "known_at": known_at,
            "accountable": answering.accountable.as_known() if answering.accountable else None,
            "deputies": [holding.as_known() for holding in answering.deputies],
            "escalation": [holding.as_known() for holding in answering.escalation],
        }
        return Response(OwnerSerializer(told).data)

    @extend_schema(request=NewPartSerializer, responses={200: PartSerializer(many=True), 201: ServiceSerializer})
    @action(detail=True, methods=["get", "post"], filterset_class=None, pagination_class=None)
    def parts(self, request: Request, slug: str) -> Response:
        """The parts in order; POST adds one at the end."""
        service = self.get_object()
        if request.method == "GET":
            return Response(PartSerializer(service.parts.all(), many=True).data)
        part = checked(NewPartSerializer, request).validated_data["part"]
        return self._as_it_stands(registering.join_part(service, part, **acting(request)), status=201)

    @extend_schema(request=EditPartSerializer, responses={200: ServiceSerializer, 204: None})
    @action(detail=True, methods=["patch", "delete"], url_path=r"parts/(?P<part_id>\d{1,18})")
    def part(self, request: Request, slug: str, part_id: str) -> Response:
        """Change a part's role or place, or take it out."""
        service = self.get_object()
        part = get_object_or_404(Part.objects.select_related("service"), pk=part_id, service=service)
        if request.method == "DELETE":
            cataloguing.remove_part(part, **acting(request))
            return Response(status=204)
        said = checked(EditPartSerializer, request).validated_data
        with transaction.atomic():  # all that was asked, or nothing
            if "role" in said:
                cataloguing.change_part(part, role=said["role"], **acting(request))
            if "position" in said:
                cataloguing.move_part(part, to=said["position"], **acting(request))
        return self._as_it_stands(service)

    @extend_schema(request=LinkSerializer, responses={201: LinkSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def links(self, request: Request, slug: str) -> Response:
        """Put a link at hand."""
        link = cataloguing.Link(**checked(LinkSerializer, request).validated_data)
        made = cataloguing.add_link(self.get_object(), link, **acting(request))
        return Response(LinkSerializer(made).data, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"links/(?P<link_id>\d{1,18})")
    def link(self, request: Request, slug: str, link_id: str) -> Response:
        """Take a link away."""
        link = get_object_or_404(ServiceLink, pk=link_id, service=self.get_object())
        cataloguing.remove_link(link, **acting(request))
        return Response(status=204)

    def _as_it_stands(self, service: Service, *, status: int = 200) -> Response:
        return Response(ServiceSerializer(self.get_queryset().get(pk=service.pk)).data, status=status)
