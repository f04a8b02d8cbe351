"""Services with their parts, links and owners over the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import access, cataloguing, registering, retiring
from ownership.api.fields import ComponentField, PartySerializer, PercentField, acting, checked, viewer
from ownership.api.graph import ServiceGraph
from ownership.api.owners import HoldingSerializer, ServiceOwnerSerializer, owner_of, owners_at
from ownership.models import Assignment, Component, Part, Service, ServiceLink
from ownership.queries import owners
from ownership.vocabulary import LONGEST_MS, Archetype, AssignmentRole, ComponentKind, LinkKind, PartRole, Role, Tier
from web.filters import FilterSet


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
    label = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")  # type: ignore[assignment]  # every field has a label, too
    url = serializers.CharField(max_length=500)

    class Meta:
        model = ServiceLink
        fields = ("id", "kind", "label", "url")


class ServiceSerializer(serializers.ModelSerializer[Service]):
    """A service as it stands; `accountable` is null while nobody answers."""

    parts = PartSerializer(many=True, read_only=True)
    links = LinkSerializer(many=True, read_only=True)
    accountable = serializers.SerializerMethodField()
    objective = PercentField(read_only=True, allow_null=True)
    latency_percentile = PercentField(read_only=True, allow_null=True)

    class Meta:
        model = Service
        fields = (
            "slug", "name", "outcome", "tier", "archetype", "objective", "latency_budget_ms", "latency_percentile",
            "accountable", "parts", "links", "created_at", "retired_at",
        )  # fmt: skip

    @extend_schema_field(HoldingSerializer(allow_null=True))
    def get_accountable(self, service: Service) -> dict[str, Any] | None:
        """Who answers now, if they are still here."""
        rows: list[Assignment] = service.accountable_rows  # type: ignore[attr-defined]  # prefetched below
        answering = owners.told(rows, at=timezone.now())
        return answering.accountable.as_known() if answering.accountable and answering.is_answered else None


class PromisesSerializer(serializers.Serializer[Any]):
    """What sort of system it is and what it promises; a latency budget comes with its percentile.

    `objective` is percent of interactions that must be good over 30 days.
    """

    archetype = serializers.ChoiceField(choices=Archetype.choices, required=False)
    objective = PercentField(required=False, allow_null=True)
    latency_budget_ms = serializers.IntegerField(min_value=1, max_value=LONGEST_MS, required=False, allow_null=True)
    latency_percentile = PercentField(required=False, allow_null=True)


class NewServiceSerializer(PromisesSerializer):
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


class EditServiceSerializer(PromisesSerializer):
    """What a PATCH may change; null takes a promise back."""

    name = serializers.CharField(max_length=120, required=False)
    outcome = serializers.CharField(max_length=300, required=False)
    tier = serializers.ChoiceField(choices=Tier.choices, required=False)


class ServiceFilter(FilterSet):
    """?tier=, ?archetype=, ?name= (whatever case), ?search= (name, outcome), ?component= (id), ?team= (slug: it or one
    of its members is accountable), ?answered=true|false, ?retired=true|false"""

    name = django_filters.CharFilter(lookup_expr="iexact")
    search = django_filters.CharFilter(method="by_words")
    team = django_filters.CharFilter(method="by_team")
    component = django_filters.NumberFilter(field_name="parts__component_id")
    answered = django_filters.BooleanFilter(method="by_answered")
    retired = django_filters.BooleanFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Service
        fields: ClassVar = ["tier", "archetype"]

    def by_words(self, queryset: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        """The text stands in the name or the outcome."""
        return queryset.filter(Q(name__icontains=value) | Q(outcome__icontains=value))

    def by_team(self, queryset: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        """Services that the team answers for now, itself or through a member."""
        return queryset.filter(owners.answered_by_team(value, at=timezone.now()))

    def by_answered(self, queryset: QuerySet[Service], name: str, value: bool) -> QuerySet[Service]:
        """Whether somebody who is still here answers."""
        answered = owners.answered(at=timezone.now())
        return queryset.filter(answered if value else ~answered)


class ServiceViewSet(ServiceGraph, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Service]):
    """Services: list, read, name with parts and owner, edit; parts, links and who answered when."""

    queryset = Service.objects.all()
    serializer_class = ServiceSerializer
    filterset_class = ServiceFilter
    ordering = ("name", "pk")
    writes_as = Role.EDITOR
    lookup_field = "slug"
    lookup_value_regex = "[-a-z0-9]+"

    def get_queryset(self) -> QuerySet[Service]:
        """With parts in order, links and who answers now; four queries for any number."""
        accountable = Assignment.objects.filter(
            owners.begun_by(timezone.now()), role=AssignmentRole.ACCOUNTABLE, superseded_at=None
        )
        return (
            super()
            .get_queryset()
            .prefetch_related(
                Prefetch("parts", Part.objects.select_related("component").order_by("position", "pk")),
                Prefetch("links", ServiceLink.objects.order_by("pk")),
                Prefetch(
                    "assignments",
                    accountable.annotate(names_outsider=owners.NAMES_OUTSIDER)
                    .select_related(*owners.PARTIES)
                    .order_by("during", "pk"),
                    to_attr="accountable_rows",
                ),
            )
        )

    @extend_schema(request=NewServiceSerializer, responses={201: ServiceSerializer})
    def create(self, request: Request) -> Response:
        """Name a service, all of it or nothing."""
        made = registering.register(**checked(NewServiceSerializer, request).facts(), **acting(request))
        return self._as_it_stands(made, status=201)

    @extend_schema(request=EditServiceSerializer, responses=ServiceSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change what is given."""
        service = self._editable(request, slug)
        said = checked(EditServiceSerializer, request).validated_data
        return self._as_it_stands(cataloguing.edit_service(service, **said, **acting(request)))

    @extend_schema(request=None, responses=ServiceSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def retire(self, request: Request, slug: str) -> Response:
        """Take it out of use; its history stays."""
        return self._as_it_stands(
            retiring.retire_service(access.retirable_service(viewer(request), slug), **acting(request))
        )

    @extend_schema(request=None, responses=ServiceSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def restore(self, request: Request, slug: str) -> Response:
        """Bring it back as it was."""
        return self._as_it_stands(
            retiring.restore_service(access.retirable_service(viewer(request), slug), **acting(request))
        )

    @owners_at(ServiceOwnerSerializer)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def owner(self, request: Request, slug: str) -> Response:
        """Who answered at an instant, as known then or as known now, and who is asked while nobody does."""
        service = get_object_or_404(Service, slug=slug)
        return Response(ServiceOwnerSerializer(owner_of(service, request)).data)

    @extend_schema(request=NewPartSerializer, responses={200: PartSerializer(many=True), 201: ServiceSerializer})
    @action(detail=True, methods=["get", "post"], filterset_class=None, pagination_class=None)
    def parts(self, request: Request, slug: str) -> Response:
        """The parts in order; POST adds one at the end."""
        if request.method == "GET":
            return Response(PartSerializer(self.get_object().parts.all(), many=True).data)
        service = self._editable(request, slug)
        part = checked(NewPartSerializer, request).validated_data["part"]
        return self._as_it_stands(registering.join_part(service, part, **acting(request)), status=201)

    @extend_schema(request=EditPartSerializer, responses={200: ServiceSerializer, 204: None})
    @action(detail=True, methods=["patch", "delete"], url_path=r"parts/(?P<part_id>\d{1,18})")
    def part(self, request: Request, slug: str, part_id: str) -> Response:
        """Change a part's role or place, or take it out."""
        service = self._editable(request, slug)
        part = access.editable_part(viewer(request), service, int(part_id))
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
        service = self._editable(request, slug)
        link = cataloguing.Link(**checked(LinkSerializer, request).validated_data)
        made = cataloguing.add_link(service, link, **acting(request))
        return Response(LinkSerializer(made).data, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"links/(?P<link_id>\d{1,18})")
    def link(self, request: Request, slug: str, link_id: str) -> Response:
        """Take a link away."""
        link = access.editable_link(viewer(request), self._editable(request, slug), int(link_id))
        cataloguing.remove_link(link, **acting(request))
        return Response(status=204)

    def _editable(self, request: Request, slug: str) -> Service:
        """The living service, for those who may change it."""
        return access.editable_service(viewer(request), slug)

    def _as_it_stands(self, service: Service, *, status: int = 200) -> Response:
        return Response(ServiceSerializer(self.get_queryset().get(pk=service.pk)).data, status=status)
