"""Saved views of the board over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import access, saving
from incidents.response.models import BoardView
from incidents.response.queries import narrowing, saved_views
from incidents.response.queries.wanted import NAMES
from ownership.api.fields import PersonByEmail, acting, checked, viewer
from ownership.vocabulary import Role


class FiltersField(serializers.DictField):
    """The board's filters by their names in its address; kept as they stand there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=200, allow_blank=True), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """The address's query; each filter that cannot be used is said by its name."""
        said = super().to_internal_value(data)
        wanted, faults = narrowing.read(said)
        unknown = {name: f"There is no such filter: use {', '.join(NAMES)}." for name in set(said) - set(NAMES)}
        if faults or unknown:
            raise serializers.ValidationError({name: [words] for name, words in {**faults, **unknown}.items()})
        return wanted.query

    def to_representation(self, value: Any) -> dict[str, str]:
        """From what is kept."""
        return dict(narrowing.kept(value).pairs())


class BoardViewSerializer(serializers.ModelSerializer[BoardView]):
    """A saved view; `own` and `default` say what it is to the one who asks."""

    filters = FiltersField(source="query", read_only=True)
    owner = PersonByEmail(read_only=True)
    own = serializers.BooleanField(source="is_own", read_only=True)
    default = serializers.BooleanField(source="is_default", read_only=True)

    class Meta:
        model = BoardView
        fields = ("id", "name", "filters", "query", "owner", "shared", "own", "default", "position")


class WrittenViewSerializer(serializers.Serializer[Any]):
    """What keeping a view takes, and what a PATCH may change; `place` counts from 1."""

    name = serializers.CharField(max_length=60)
    filters = FiltersField(required=False)
    shared = serializers.BooleanField(required=False)
    default = serializers.BooleanField(required=False)
    place = serializers.IntegerField(min_value=1, max_value=1000, required=False)


class BoardViewViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[BoardView]):
    """Saved views of the board: one's own, and those shown to everybody."""

    queryset = BoardView.objects.none()
    serializer_class = BoardViewSerializer
    ordering = ("position", "pk")
    writes_as = Role.VIEWER
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[BoardView]:
        """What the one who asks may open."""
        return saved_views.of(viewer(self.request))

    @extend_schema(request=WrittenViewSerializer, responses={201: BoardViewSerializer})
    def create(self, request: Request) -> Response:
        """Keep filters under a name."""
        said = checked(WrittenViewSerializer, request).validated_data
        if said.get("shared"):
            access.require_responder(viewer(request))
        made = saving.save(
            name=said["name"],
            query=said.get("filters", ""),
            shared=said.get("shared", False),
            default=said.get("default", False),
            **acting(request),
        )
        return Response(self._told(made.pk), status=201)

    @extend_schema(request=WrittenViewSerializer, responses=BoardViewSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given; `default` alone changes nothing for others and is anybody's to say."""
        said = checked(WrittenViewSerializer, request, partial=True).validated_data
        if set(said) - {"default"}:
            view = access.editable_view(viewer(request), int(pk))
            if said.get("shared") and not view.shared:
                access.require_responder(viewer(request))
            saving.change(view, name=said.get("name"), query=said.get("filters"), shared=said.get("shared"))
            if "place" in said:
                saving.move(view, place=said["place"])
        if "default" in said:
            view = access.readable_view(viewer(request), int(pk))
            saving.set_default(view, is_default=said["default"], person=viewer(request))
        return Response(self._told(int(pk)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it out."""
        saving.remove(access.editable_view(viewer(request), int(pk)))
        return Response(status=204)

    def _told(self, number: int) -> Any:
        return BoardViewSerializer(self.get_queryset().get(pk=number)).data
