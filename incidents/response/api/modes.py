"""The vocabulary of failure modes over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import coining
from incidents.response.access import editable_mode
from incidents.response.models import FailureMode
from incidents.response.vocabulary import Layer
from ownership.api.fields import acting, checked
from ownership.vocabulary import Role
from web.filters import FilterSet

TEXT: dict[str, Any] = {"max_length": 1000, "required": False, "allow_blank": True}


class ModeSerializer(serializers.ModelSerializer[FailureMode]):
    """A mode; `merged_into` is the one that it was merged into, `counts_as` the end of that chain."""

    layer = serializers.ChoiceField(choices=Layer.choices)

    class Meta:
        model = FailureMode
        fields = (
            "code", "layer", "name", "definition", "detection", "countermeasures", "references", "built_in",
            "retired_at", "merged_into", "counts_as",
        )  # fmt: skip


class ModeTextsSerializer(serializers.Serializer[Any]):
    """What may be said anew of a mode of one's own; `retired` offers it no longer."""

    name = serializers.CharField(max_length=80, required=False)
    definition = serializers.CharField(max_length=1000, required=False)
    detection = serializers.CharField(**TEXT)
    countermeasures = serializers.CharField(**TEXT)
    references = serializers.CharField(**TEXT)
    retired = serializers.BooleanField(required=False)


class NewModeSerializer(serializers.Serializer[Any]):
    """A mode of one's own; its code is `layer.short`, for ever."""

    layer = serializers.ChoiceField(choices=Layer.choices)
    short = serializers.CharField(max_length=61)
    name = serializers.CharField(max_length=80)
    definition = serializers.CharField(max_length=1000)
    detection = serializers.CharField(**TEXT)
    countermeasures = serializers.CharField(**TEXT)
    references = serializers.CharField(**TEXT)


class MergeModeSerializer(serializers.Serializer[Any]):
    """Which mode of the same layer it counts as from now on."""

    into = serializers.PrimaryKeyRelatedField(queryset=FailureMode.objects.all())


class ModeFilter(FilterSet):
    """?layer=, ?built_in="""

    class Meta:
        model = FailureMode
        fields: ClassVar = ["layer", "built_in"]


class ModeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[FailureMode]):
    """Failure modes: the built-in ones, and one's own, which editors add, change and merge."""

    queryset = FailureMode.objects.all()
    serializer_class = ModeSerializer
    filterset_class = ModeFilter
    ordering = ("code",)
    writes_as = Role.EDITOR
    lookup_value_regex = r"[a-z][a-z0-9_.]*"

    @extend_schema(request=NewModeSerializer, responses={201: ModeSerializer})
    def create(self, request: Request) -> Response:
        """Add a mode of one's own."""
        said = checked(NewModeSerializer, request).validated_data
        return Response(ModeSerializer(coining.add(**said, **acting(request))).data, status=201)

    @extend_schema(request=ModeTextsSerializer, responses=ModeSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say a mode of one's own better, retire it or bring it back."""
        mode = editable_mode(acting(request)["by"], pk)
        said = dict(checked(ModeTextsSerializer, request).validated_data)
        retired = said.pop("retired", None)
        changed = coining.edit(mode, **said, **acting(request)) if said else mode
        if retired is not None:
            changed = (coining.retire if retired else coining.bring_back)(changed, **acting(request))
        return Response(ModeSerializer(changed).data)

    @extend_schema(request=MergeModeSerializer, responses=ModeSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Let one's own mode count as another of its layer; findings keep what they were recorded with."""
        into = checked(MergeModeSerializer, request).validated_data["into"]
        mode = editable_mode(acting(request)["by"], pk)
        return Response(ModeSerializer(coining.merge(mode, into=into, **acting(request))).data)

    @extend_schema(request=None, responses=ModeSerializer)
    @action(detail=True, methods=["post"])
    def separate(self, request: Request, pk: str) -> Response:
        """Undo a merge."""
        mode = editable_mode(acting(request)["by"], pk)
        return Response(ModeSerializer(coining.separate(mode, **acting(request))).data)
