"""Changes over /api/v1/: what programs record as they change things, and what is on record."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts import changing
from incidents.alerts.change_models import Change, ChangeKind, ChangeVia
from incidents.alerts.changing import Said
from incidents.alerts.queries import changes as queries
from ownership.api.fields import ComponentField, ServiceBySlug, acting, checked
from ownership.models import Component
from ownership.vocabulary import Role
from web.filters import FilterSet

LONGEST = 20_000


class ChangeSerializer(serializers.ModelSerializer[Change]):
    """One change as it stands. `component` and `service` are null while it is unplaced; `why` says how it was found."""

    id = serializers.UUIDField(source="line")
    component = serializers.SerializerMethodField()
    service: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    recorded_by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    recorded_at = serializers.DateTimeField(source="known_from")

    class Meta:
        model = Change
        fields = (
            "id", "kind", "title", "description", "at", "component", "service", "named", "why", "labels", "before",
            "after", "who", "link", "via", "source", "external_key", "recorded_by", "recorded_at", "withdrawn_why",
        )  # fmt: skip

    @extend_schema_field({"type": ["object", "null"], "properties": {"id": {"type": "integer"}, "name": {}}})
    def get_component(self, change: Change) -> dict[str, Any] | None:
        """Its id and name."""
        return {"id": change.component.pk, "name": change.component.name} if change.component else None


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class NamedOrKnown(serializers.Field[Any, Any, Any, Any]):
    """A component by its id, or whatever name the sender has for it."""

    def to_internal_value(self, data: Any) -> Component | str:
        """The component of an id, which must be there; any other text stays a name."""
        if isinstance(data, int) and not isinstance(data, bool):
            known: Component | str = ComponentField().to_internal_value(data)
            return known
        return str(serializers.CharField(max_length=300).run_validation(data))


class CorrectionSerializer(serializers.Serializer[Any]):
    """What may be said otherwise of a change; what is left out stays."""

    title = serializers.CharField(max_length=300, required=False)
    kind = serializers.ChoiceField(choices=ChangeKind.choices, required=False)
    at = serializers.DateTimeField(required=False)
    component = ComponentField(required=False, allow_null=True)
    service = ServiceBySlug(required=False, allow_null=True)
    description = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST)
    before = serializers.CharField(required=False, allow_blank=True, max_length=300)
    after = serializers.CharField(required=False, allow_blank=True, max_length=300)
    who = serializers.CharField(required=False, allow_blank=True, max_length=200)
    link = serializers.URLField(required=False, allow_blank=True, max_length=2000)


class NewChangeSerializer(CorrectionSerializer):
    """What a change takes: a `title`, and best a `component` by id, name or alias, a `kind` and its own time `at`."""

    title = serializers.CharField(max_length=300)
    component: Any = NamedOrKnown(required=False, allow_null=True, default=None)
    labels = serializers.DictField(
        child=serializers.CharField(max_length=2000, allow_blank=True), required=False, default=dict
    )
    external_key = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class WithdrawSerializer(serializers.Serializer[Any]):
    """Why a change never was."""

    why = serializers.CharField(max_length=2000)


class ChangeFilter(FilterSet):
    """?component= (id), ?service= (slug: itself and its parts), ?kind=, ?source=, ?external_key=, ?unplaced=,
    ?at_after=, ?at_before="""

    component = django_filters.NumberFilter(field_name="component")
    service = django_filters.CharFilter(method="by_service", label="slug of a service")
    unplaced = django_filters.BooleanFilter(method="by_place", label="true: those that fit no component")
    at_after = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte")
    at_before = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt")

    class Meta:
        model = Change
        fields: ClassVar = ["kind", "source", "external_key"]

    def by_service(self, queryset: QuerySet[Change], name: str, value: str) -> QuerySet[Change]:
        """Those of the service and of its parts."""
        return queryset.filter(queries.of_service(slug=value))

    def by_place(self, queryset: QuerySet[Change], name: str, value: bool) -> QuerySet[Change]:
        """Unplaced or placed."""
        return (
            queryset.filter(component=None, service=None) if value else queryset.exclude(component=None, service=None)
        )


class ChangeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Change]):
    """Recorded changes, the latest first. Changes of owners stand in `assignments/`."""

    queryset = Change.objects.filter(superseded_at=None).select_related("component", "service", "recorded_by")
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter
    lookup_field = "line"
    lookup_value_regex = "[0-9a-f-]{36}"
    ordering = ("-at", "-pk")
    writes_as = Role.RESPONDER

    @property
    def takes_ingest(self) -> bool:
        """A token that only sends may record."""
        return bool(self.action == "create")

    def get_queryset(self) -> QuerySet[Change]:
        """Lists leave out what was withdrawn; by its id it is still found."""
        found = super().get_queryset()
        return found.filter(withdrawn_why="") if self.action == "list" else found

    @extend_schema(request=NewChangeSerializer, responses={201: ChangeSerializer, 200: ChangeSerializer})
    def create(self, request: Request) -> Response:
        """Record a change; 200 with the one on record when its `external_key` is known."""
        told = dict(checked(NewChangeSerializer, request).validated_data)
        key, named = told.pop("external_key"), told.pop("component")
        by_id = named if isinstance(named, Component) else None
        told.setdefault("at", timezone.now())
        said = Said(**told, component=by_id, named=by_id.name if by_id else named or "")
        change, is_new = changing.record(said, key=key, via=ChangeVia.API, **acting(request))
        return Response(self._told(change), status=201 if is_new else 200)

    @extend_schema(request=CorrectionSerializer, responses=ChangeSerializer)
    def partial_update(self, request: Request, line: str) -> Response:
        """Correct a change; the earlier version stays on record."""
        found = self.get_object()
        said = dict(checked(CorrectionSerializer, request).validated_data)
        if said.get("component") is not None:
            said.setdefault("service", None)
        elif said.get("service") is not None:
            said.setdefault("component", None)
        return Response(self._told(changing.correct(found, changing.with_(found, **said), **acting(request))))

    @extend_schema(request=WithdrawSerializer, responses=ChangeSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, line: str) -> Response:
        """It never was; it leaves the lists and stays on record."""
        found = self.get_object()
        why = checked(WithdrawSerializer, request).validated_data["why"]
        return Response(self._told(changing.withdraw(found, why=why, **acting(request))))

    def _told(self, change: Change) -> dict[str, Any]:
        return dict(ChangeSerializer(change).data)


ROUTES = [("changes", ChangeViewSet, "change")]
