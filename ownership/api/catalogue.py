"""Components and the seams between them over the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import access, cataloguing, retiring
from ownership.api.fields import ComponentField, PercentField, TeamBySlug, acting, checked, viewer
from ownership.api.graph import ComponentGraph
from ownership.api.owners import ComponentOwnerSerializer, DependencyOwnerSerializer, owner_of, owners_at
from ownership.models import Alias, Component, ComponentLink, Dependency
from ownership.queries import components
from ownership.vocabulary import LONGEST_MS, ComponentKind, DependencyKind, Lifecycle, LinkKind, Role
from web.filters import FilterSet

LONGEST_MINUTES = 10 * 365 * 1440  # of what is fresh enough: ten years


class AliasSerializer(serializers.ModelSerializer[Alias]):
    """A label of alerts, `system`, whose value `key` means the component."""

    system = serializers.CharField(max_length=80)
    key = serializers.CharField(max_length=200)

    class Meta:
        model = Alias
        fields = ("id", "system", "key")


class ComponentLinkSerializer(serializers.ModelSerializer[ComponentLink]):
    """Something to have at hand when the component fails."""

    kind = serializers.ChoiceField(choices=LinkKind.choices)
    label = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")  # type: ignore[assignment]  # every field has a label, too
    url = serializers.CharField(max_length=500)

    class Meta:
        model = ComponentLink
        fields = ("id", "kind", "label", "url")


class LabelsField(serializers.DictField):
    """Labels: text to text."""

    child = serializers.CharField(max_length=cataloguing.LONGEST_VALUE)


class ComponentSerializer(serializers.ModelSerializer[Component]):
    """A component as it stands."""

    custodian = TeamBySlug(read_only=True, allow_null=True)
    aliases = AliasSerializer(many=True, read_only=True)
    links = ComponentLinkSerializer(many=True, read_only=True)
    labels = LabelsField(read_only=True)

    class Meta:
        model = Component
        fields = (
            "id", "name", "kind", "description", "lifecycle", "labels", "custodian", "aliases", "links", "created_at",
            "retired_at",
        )  # fmt: skip


class NewComponentSerializer(serializers.Serializer[Any]):
    """What naming a component takes; name and kind are enough."""

    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=ComponentKind.choices)
    description = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    custodian = TeamBySlug(required=False, allow_null=True, default=None)
    lifecycle = serializers.ChoiceField(choices=Lifecycle.choices, default=Lifecycle.PRODUCTION)
    labels = LabelsField(required=False, default=dict)
    aliases = AliasSerializer(many=True, required=False, default=list)


class EditComponentSerializer(serializers.Serializer[Any]):
    """What a PATCH may change; `labels` replace those that were there."""

    name = serializers.CharField(max_length=120, required=False)
    kind = serializers.ChoiceField(choices=ComponentKind.choices, required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    custodian = TeamBySlug(required=False, allow_null=True)
    lifecycle = serializers.ChoiceField(choices=Lifecycle.choices, required=False)
    labels = LabelsField(required=False)


class ComponentFilter(FilterSet):
    """?kind=, ?lifecycle=, ?name= (whatever case), ?search= (name, description, alias), ?custodian=, ?service=,
    ?alias=system=key, ?label=key:value, ?retired=true|false"""

    name = django_filters.CharFilter(lookup_expr="iexact")
    search = django_filters.CharFilter(method="by_words")
    label = django_filters.CharFilter(method="by_label")
    custodian = django_filters.CharFilter(field_name="custodian__slug")
    service = django_filters.CharFilter(field_name="parts__service__slug")
    alias = django_filters.CharFilter(method="by_alias")
    retired = django_filters.BooleanFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Component
        fields: ClassVar = ["kind", "lifecycle"]

    def by_words(self, queryset: QuerySet[Component], name: str, value: str) -> QuerySet[Component]:
        """The text stands in the name, the description or what alerts call it."""
        return queryset.filter(components.mentions(value))

    def by_label(self, queryset: QuerySet[Component], name: str, value: str) -> QuerySet[Component]:
        """Components that carry the label: `team:search`."""
        return queryset.filter(components.labelled(value))

    def by_alias(self, queryset: QuerySet[Component], name: str, value: str) -> QuerySet[Component]:
        """The component that alerts call so: `job=retriever-prod`."""
        system, _, key = value.partition("=")
        return queryset.filter(aliases__system=system, aliases__key__iexact=key)


class ComponentViewSet(
    ComponentGraph, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Component]
):
    """Components: list, read, name, edit, retire; their links and the labels by which alerts name them."""

    queryset = Component.objects.select_related("custodian").prefetch_related("aliases", "links")
    serializer_class = ComponentSerializer
    filterset_class = ComponentFilter
    ordering = ("name", "pk")
    writes_as = Role.EDITOR
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=NewComponentSerializer, responses={201: ComponentSerializer})
    def create(self, request: Request) -> Response:
        """Name a component."""
        said = dict(checked(NewComponentSerializer, request).validated_data)
        aliases = [(alias["system"], alias["key"]) for alias in said.pop("aliases")]
        made = cataloguing.add_component(**said, aliases=aliases, **acting(request))
        return Response(ComponentSerializer(made).data, status=201)

    @extend_schema(request=EditComponentSerializer, responses=ComponentSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given."""
        component = self._editable(request, pk)
        said = checked(EditComponentSerializer, request).validated_data
        return Response(ComponentSerializer(cataloguing.edit_component(component, **said, **acting(request))).data)

    @extend_schema(request=None, responses=ComponentSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def retire(self, request: Request, pk: str) -> Response:
        """Take it out of use: its aliases go, services and seams still show it."""
        retiring.retire_component(access.retirable_component(viewer(request), int(pk)), **acting(request))
        return Response(ComponentSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=ComponentSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def restore(self, request: Request, pk: str) -> Response:
        """Bring it back, without its aliases."""
        retiring.restore_component(access.retirable_component(viewer(request), int(pk)), **acting(request))
        return Response(ComponentSerializer(self.get_object()).data)

    @extend_schema(request=ComponentLinkSerializer, responses={201: ComponentLinkSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def links(self, request: Request, pk: str) -> Response:
        """Put a link at hand."""
        component = self._editable(request, pk)
        link = cataloguing.Link(**checked(ComponentLinkSerializer, request).validated_data)
        made = cataloguing.add_link(component, link, **acting(request))
        return Response(ComponentLinkSerializer(made).data, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"links/(?P<link_id>\d{1,18})")
    def link(self, request: Request, pk: str, link_id: str) -> Response:
        """Take a link away."""
        link = access.editable_component_link(viewer(request), self._editable(request, pk), int(link_id))
        cataloguing.remove_link(link, **acting(request))
        return Response(status=204)

    @extend_schema(request=AliasSerializer, responses={201: AliasSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def aliases(self, request: Request, pk: str) -> Response:
        """Say which label of alerts means this component."""
        component = self._editable(request, pk)
        said = checked(AliasSerializer, request).validated_data
        made = cataloguing.add_alias(component, **said, **acting(request))
        return Response(AliasSerializer(made).data, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"aliases/(?P<alias_id>\d{1,18})")
    def alias(self, request: Request, pk: str, alias_id: str) -> Response:
        """Alerts with this label no longer mean the component."""
        alias = access.editable_alias(viewer(request), int(alias_id), component=self._editable(request, pk))
        cataloguing.remove_alias(alias, **acting(request))
        return Response(status=204)

    @owners_at(ComponentOwnerSerializer)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def owner(self, request: Request, pk: str) -> Response:
        """Who answered for the component by itself at an instant; `resolve` also asks its services."""
        found = get_object_or_404(Component, pk=pk)
        return Response(ComponentOwnerSerializer(owner_of(found, request)).data)

    def _editable(self, request: Request, pk: str) -> Component:
        """The living component, for those who may change it."""
        return access.editable_component(viewer(request), int(pk))


class DependencySerializer(serializers.ModelSerializer[Dependency]):
    """A seam as it stands; `attempts` counts the first try.

    `latency_share` is percent of a service's latency budget for the downstream's own time; `unit` and
    `freshness_minutes` are what the reader of its data expects.
    """

    latency_share = PercentField(highest="100", places=1, read_only=True, allow_null=True)
    upstream_name = serializers.CharField(source="upstream.name", read_only=True)
    downstream_name = serializers.CharField(source="downstream.name", read_only=True)

    class Meta:
        model = Dependency
        fields = (
            "id", "upstream", "upstream_name", "downstream", "downstream_name", "kind", "timeout_ms", "attempts",
            "latency_share", "contract_url", "unit", "freshness_minutes",
        )  # fmt: skip


class SeamFactsSerializer(serializers.Serializer[Any]):
    """How one component needs the other."""

    kind = serializers.ChoiceField(choices=DependencyKind.choices, required=False)
    timeout_ms = serializers.IntegerField(min_value=1, max_value=LONGEST_MS, required=False, allow_null=True)
    attempts = serializers.IntegerField(min_value=1, max_value=100, required=False, allow_null=True)
    latency_share = PercentField(highest="100", places=1, required=False, allow_null=True)
    contract_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    unit = serializers.CharField(max_length=200, required=False, allow_blank=True)
    freshness_minutes = serializers.IntegerField(
        min_value=1, max_value=LONGEST_MINUTES, required=False, allow_null=True
    )


class NewDependencySerializer(SeamFactsSerializer):
    """`upstream` needs `downstream`; each by id or name."""

    upstream = ComponentField()
    downstream = ComponentField()


class DependencyFilter(FilterSet):
    """?upstream=, ?downstream= (ids), ?kind=, ?service= (both ends are its parts)"""

    upstream = django_filters.NumberFilter(field_name="upstream_id")
    downstream = django_filters.NumberFilter(field_name="downstream_id")
    service = django_filters.CharFilter(method="by_service")

    class Meta:
        model = Dependency
        fields: ClassVar = ["kind"]

    def by_service(self, queryset: QuerySet[Dependency], name: str, value: str) -> QuerySet[Dependency]:
        """Seams inside one service."""
        return queryset.filter(upstream__parts__service__slug=value, downstream__parts__service__slug=value)


class DependencyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Dependency]):
    """Seams: list, read, record, edit, remove."""

    queryset = Dependency.objects.select_related("upstream", "downstream")
    serializer_class = DependencySerializer
    filterset_class = DependencyFilter
    ordering = ("pk",)
    writes_as = Role.EDITOR
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=NewDependencySerializer, responses={201: DependencySerializer})
    def create(self, request: Request) -> Response:
        """Record that one component needs another."""
        said = dict(checked(NewDependencySerializer, request).validated_data)
        made = cataloguing.add_seam(said.pop("upstream"), said.pop("downstream"), **said, **acting(request))
        return Response(DependencySerializer(made).data, status=201)

    @extend_schema(request=SeamFactsSerializer, responses=DependencySerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given."""
        seam = access.editable_seam(viewer(request), int(pk))
        said = checked(SeamFactsSerializer, request).validated_data
        return Response(DependencySerializer(cataloguing.edit_seam(seam, **said, **acting(request))).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Forget a seam that nothing refers to."""
        cataloguing.remove_seam(access.editable_seam(viewer(request), int(pk)), **acting(request))
        return Response(status=204)

    @owners_at(DependencyOwnerSerializer)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def owner(self, request: Request, pk: str) -> Response:
        """Who answered for the seam at an instant."""
        found = get_object_or_404(Dependency, pk=pk)
        return Response(DependencyOwnerSerializer(owner_of(found, request)).data)
