"""Sources over /api/v1/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts import access, addresses, intake, remapping, replaying, rotating, silence, sourcing
from incidents.alerts.mapping_models import SourceMapping
from incidents.alerts.models import Source
from incidents.alerts.queries import trust as queries
from incidents.alerts.sources import registry
from incidents.alerts.trust_models import Purpose, SourceSecret
from ownership.api.fields import acting
from ownership.vocabulary import Role


class SourceSerializer(serializers.ModelSerializer[Source]):
    """A source; its key is never shown again."""

    key_hint = serializers.CharField(read_only=True, allow_null=True, help_text="How its newest live key begins.")
    disabled = serializers.SerializerMethodField()
    signed = serializers.SerializerMethodField()

    class Meta:
        model = Source
        fields: tuple[str, ...] = (
            "id", "kind", "name", "key_hint", "disabled", "signed", "rate_limit", "built_in", "expected_hours",
            "created_at",
        )  # fmt: skip

    def get_disabled(self, source: Source) -> bool:
        """True while its key does not work."""
        return source.disabled_at is not None

    def get_signed(self, source: Source) -> bool:
        """True when only signed requests are taken."""
        return source.signature is not None


class MadeSourceSerializer(SourceSerializer):
    """A source just made, with its hook URL, shown only now."""

    hook_url = serializers.CharField(read_only=True)

    class Meta(SourceSerializer.Meta):
        fields = (*SourceSerializer.Meta.fields, "hook_url")


class NewSourceSerializer(serializers.Serializer[Any]):
    """What a new source takes."""

    kind = serializers.ChoiceField(choices=registry.choices())
    name = serializers.CharField(max_length=120)


class EditSourceSerializer(serializers.Serializer[Any]):
    """What a PATCH may change."""

    name = serializers.CharField(max_length=120, required=False)
    disabled = serializers.BooleanField(required=False)
    rate_limit = serializers.IntegerField(
        required=False, allow_null=True, help_text="Deliveries a second; 0 is no limit, null the usual one."
    )
    expected_hours = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=silence.LONGEST,
        help_text="Tell when nothing came for so many hours; null: it may be silent.",
    )


class NewKeySerializer(serializers.Serializer[Any]):
    """For how long the key before works beside the new one."""

    overlap_days = serializers.IntegerField(
        default=rotating.OVERLAP.days,
        min_value=0,
        max_value=365,
        allow_null=True,
        help_text="0 ends it at once, null leaves it until somebody ends it.",
    )


class KeySerializer(serializers.ModelSerializer[SourceSecret]):
    """A live hook key: how it begins, and when it was last used, to the minute."""

    class Meta:
        model = SourceSecret
        fields = ("id", "hint", "created_at", "ends_at", "last_used_at")


class MappingSerializer(serializers.ModelSerializer[SourceMapping]):
    """One version of a source's mapping."""

    class Meta:
        model = SourceMapping
        fields = ("version", "text", "known_from", "superseded_at")


class NewMappingSerializer(serializers.Serializer[Any]):
    """A mapping as TOML; empty goes back to the default. `over` is the version that it replaces, 0 for the default."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    over = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class ReplaySerializer(serializers.Serializer[Any]):
    """Which rejected deliveries: of one cause, as the deliveries have it, or all."""

    cause = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)


class ReplayedSerializer(serializers.Serializer[Any]):
    """How many wait for their next try, and how many are left for another call."""

    waiting = serializers.IntegerField()
    left = serializers.IntegerField()


class SourceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Source]):
    """Sources: list, read, add, rename, limit, disable, keys, test alert."""

    queryset = Source.objects.all()
    serializer_class = SourceSerializer
    filterset_fields = ("kind",)
    ordering = ("-created_at", "-pk")
    writes_as = Role.EDITOR

    def get_queryset(self) -> QuerySet[Source]:
        """Each with the beginning of its newest live key."""
        return queries.with_key_hint(super().get_queryset(), now=timezone.now())

    @extend_schema(request=NewSourceSerializer, responses={201: MadeSourceSerializer})
    def create(self, request: Request) -> Response:
        """Add a source; the answer holds its hook URL, shown only now."""
        asked = NewSourceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        source, key = sourcing.add(**asked.validated_data, **acting(request))
        return self._made(source, key, status=201)

    @extend_schema(request=EditSourceSerializer, responses=SourceSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename, limit, disable or enable it."""
        source = self.get_object()
        asked = EditSourceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        if "name" in said:
            sourcing.rename(source, name=said["name"], **acting(request))
        if "rate_limit" in said:
            sourcing.limit(source, rate_limit=said["rate_limit"], **acting(request))
        if "disabled" in said:
            switch = sourcing.disable if said["disabled"] else sourcing.enable
            switch(source, **acting(request))
        if "expected_hours" in said:
            silence.expect(source, hours=said["expected_hours"], **acting(request))
        return Response(SourceSerializer(source).data)

    def get_object(self) -> Source:
        """One source; Seamline's own has no key, no name to change and nothing to test."""
        found = super().get_object()
        if self.action in {"partial_update", "key", "test", "mapping"}:
            access.require_foreign(found)
        return found

    @extend_schema(methods=["GET"], responses=MappingSerializer)
    @extend_schema(methods=["PUT"], request=NewMappingSerializer, responses={200: MappingSerializer, 204: None})
    @action(detail=True, methods=["get", "put"])
    def mapping(self, request: Request, pk: str) -> Response:
        """The mapping in use, 404 for the default; a PUT puts another version into use."""
        source = self.get_object()
        if request.method == "PUT":
            asked = NewMappingSerializer(data=request.data)
            asked.is_valid(raise_exception=True)
            said = asked.validated_data
            if not said["text"].strip():
                remapping.drop(source, **acting(request))
                return Response(status=204)
            return Response(MappingSerializer(remapping.supersede(source, **said, **acting(request))).data)
        current = remapping.current_of([source.pk]).get(source.pk)
        if current is None:
            raise NotFound("This source is read by the default mapping of its kind.")
        return Response(MappingSerializer(current).data)

    @extend_schema(request=ReplaySerializer, responses={202: ReplayedSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Let the digest try its rejected deliveries once more, of one cause or all."""
        asked = ReplaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = replaying.all_again(self.get_object(), cause=asked.validated_data["cause"], **acting(request))
        return Response(ReplayedSerializer(done).data, status=202)

    @extend_schema(request=NewKeySerializer, responses=MadeSourceSerializer)
    @action(detail=True, methods=["post"])
    def key(self, request: Request, pk: str) -> Response:
        """A new key; the one before works on for `overlap_days`. 409 while two are live already."""
        source = self.get_object()
        asked = NewKeySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        days = asked.validated_data["overlap_days"]
        key = rotating.new_key(source, overlap=None if days is None else timedelta(days=days), **acting(request))
        return self._made(source, key, status=200)

    @extend_schema(responses=KeySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def keys(self, request: Request, pk: str) -> Response:
        """Its live keys, two at most, the newest first."""
        live = rotating.live(self.get_object(), Purpose.KEY, now=timezone.now())
        return Response(KeySerializer(live, many=True).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path="keys/(?P<key_id>[0-9]+)/end")
    def end_key(self, request: Request, pk: str, key_id: str) -> Response:
        """It stops working at once."""
        live = rotating.live(self.get_object(), Purpose.KEY, now=timezone.now())
        rotating.end(get_object_or_404(live, pk=key_id), **acting(request))
        return Response(status=204)

    @extend_schema(request=None, responses={202: None})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a test alert and its resolve the way the sender would."""
        taken = intake.send_test(self.get_object(), **acting(request))
        return Response({"deliveries": [str(one.id) for one in taken]}, status=202)

    def _made(self, source: Source, key: str, *, status: int) -> Response:
        told = SourceSerializer(self.get_queryset().get(pk=source.pk)).data
        return Response({**told, "hook_url": addresses.hook_url(source, key)}, status=status)


ROUTES = [("sources", SourceViewSet, "source")]
