"""Channels over the API: one's own and those of teams, a test of each, and quiet hours."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import access, channels
from ownership.api.fields import PersonByEmail, TeamBySlug, acting, checked, viewer
from ownership.forms.channels import zones
from ownership.models import Channel, Manner, Message, Person, Team
from ownership.queries import channels as reads
from ownership.vocabulary import NoticeKind, Role
from web.filters import FilterSet
from web.wakeup import Bell

TEAM = OpenApiParameter("team", description="The slug of a team; one's own when left out.")
bell = Bell("ownership.send_notices")


class TestMessageSerializer(serializers.ModelSerializer[Message]):
    """A test message: on its way while `sent_at` is null and `failure` empty."""

    class Meta:
        model = Message
        fields = ("made_at", "sent_at", "failure")


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """A way to reach a person or a team; its address is never told again."""

    person = PersonByEmail(read_only=True, allow_null=True)
    team = TeamBySlug(read_only=True, allow_null=True)
    is_own_mail = serializers.BooleanField(read_only=True)
    muted = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Channel
        fields = (
            "id", "person", "team", "kind", "label", "hint", "is_own_mail", "muted", "enabled", "made_at",
            "last_sent_at", "failing_since", "failure",
        )  # fmt: skip


class NewChannelSerializer(serializers.Serializer[Any]):
    """An address, for oneself or for a team; `muted` are kinds of notices that it leaves out."""

    team = TeamBySlug(required=False, allow_null=True, default=None)
    address = serializers.CharField(max_length=2000, write_only=True)
    label: Any = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    muted = serializers.MultipleChoiceField(choices=NoticeKind.choices, required=False, default=set)


class EditChannelSerializer(serializers.Serializer[Any]):
    """What a PATCH may change."""

    address = serializers.CharField(max_length=2000, required=False, write_only=True)
    label: Any = serializers.CharField(max_length=80, required=False, allow_blank=True)
    muted = serializers.MultipleChoiceField(choices=NoticeKind.choices, required=False)
    enabled = serializers.BooleanField(required=False)


class QuietSerializer(serializers.ModelSerializer[Manner]):
    """Quiet hours by the clock of `time_zone`; days are 0 (Monday) to 6. `members_too` counts for teams."""

    time_zone = serializers.ChoiceField(choices=zones())
    quiet_days = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), default=list)
    whole_days = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), default=list)

    class Meta:
        model = Manner
        fields = ("time_zone", "quiet_from", "quiet_until", "quiet_days", "whole_days", "members_too")
        extra_kwargs: ClassVar = {"quiet_from": {"default": None}, "quiet_until": {"default": None}}
        validators: ClassVar[list[Any]] = []  # the act says what does not fit, and the database


class ChannelFilter(FilterSet):
    """?team= (slug), ?failing=true|false"""

    team = django_filters.CharFilter(field_name="team__slug")
    failing = django_filters.BooleanFilter(field_name="failing_since", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Channel
        fields: ClassVar[list[str]] = []


class ChannelViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[Channel]
):
    """Channels of whoever asks and of teams: list, read; add, change, remove and test one's own and one's teams'."""

    queryset = Channel.objects.none()
    serializer_class = ChannelSerializer
    filterset_class = ChannelFilter
    ordering = ("pk",)
    writes_as = Role.VIEWER
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Channel]:
        """One's own, and those of teams."""
        return reads.whole().filter(Q(person=viewer(self.request)) | Q(team__isnull=False, team__dissolved_at=None))

    @extend_schema(request=NewChannelSerializer, responses={201: ChannelSerializer})
    def create(self, request: Request) -> Response:
        """One more channel; its address is told only here."""
        said = checked(NewChannelSerializer, request).validated_data
        owner = _changeable(request, said.pop("team"))
        made = channels.add(owner, **said, **acting(request))
        return Response(ChannelSerializer(made).data, status=201)

    @extend_schema(request=EditChannelSerializer, responses=ChannelSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change its name, address, what it leaves out, whether it is switched on."""
        found = access.own_channel(viewer(request), int(pk))
        asked = checked(EditChannelSerializer, request).validated_data
        said = {name: getattr(found, name) for name in ("label", "muted", "enabled")} | asked
        return Response(ChannelSerializer(channels.edit(found, **said, **acting(request))).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it away."""
        channels.remove(access.own_channel(viewer(request), int(pk)), **acting(request))
        return Response(status=204)

    @extend_schema(methods=["GET"], responses=TestMessageSerializer)
    @extend_schema(methods=["POST"], request=None, responses={202: TestMessageSerializer})
    @action(detail=True, methods=["get", "post"], filterset_class=None, pagination_class=None)
    def test(self, request: Request, pk: str) -> Response:
        """Send a test message now (202), and ask what became of the latest."""
        found = access.own_channel(viewer(request), int(pk))
        if request.method == "POST":
            channels.test(found, **acting(request))
            bell.ring()
        last = reads.last_test(found)
        return Response(
            TestMessageSerializer(last).data if last else {}, status=202 if request.method == "POST" else 200
        )

    @extend_schema(methods=["GET"], parameters=[TEAM], responses=QuietSerializer)
    @extend_schema(methods=["PUT"], parameters=[TEAM], request=QuietSerializer, responses=QuietSerializer)
    @action(detail=False, methods=["get", "put"], filterset_class=None, pagination_class=None)
    def quiet(self, request: Request) -> Response:
        """When oneself or a team wants quiet."""
        slug = request.query_params.get("team")
        if request.method == "GET":
            owner = access.readable_team(viewer(request), slug) if slug else viewer(request)
            return Response(QuietSerializer(reads.manner_of(owner) or Manner()).data)
        owner = access.team_with_channels(viewer(request), slug) if slug else viewer(request)
        said = checked(QuietSerializer, request).validated_data
        return Response(QuietSerializer(channels.set_manner(owner, **said, **acting(request))).data)


def _changeable(request: Request, team: Team | None) -> Person | Team:
    """The team, when this person may change how it is told; oneself when none was named."""
    return access.team_with_channels(viewer(request), team.slug) if team is not None else viewer(request)
