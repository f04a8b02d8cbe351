"""Grouping policies and moves of alerts over /api/v1/; every write calls the act that the page calls."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts import moving, splitting
from incidents.alerts.membership import AlertMove
from incidents.alerts.queries import trials
from incidents.response import policies as acts
from incidents.response.api.visibly import IncidentByNumber, Visibly
from incidents.response.models import GroupingPolicy
from incidents.response.policies import Said
from incidents.response.queries import policies
from ownership.api.fields import acting, checked, viewer
from ownership.models import Service
from ownership.vocabulary import Role
from web.errors import Invalid
from web.filters import FilterSet

SAID = tuple(one.name for one in fields(Said))


class PolicySerializer(serializers.ModelSerializer[GroupingPolicy]):
    """One version of a policy; `service` null: of all services without their own."""

    service: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = GroupingPolicy
        fields = ("id", "service", "version", *SAID, "by", "known_from", "superseded_at")


class NewPolicySerializer(serializers.Serializer[Any]):
    """What a new version says; what is left out is as in the built-in policy. `based_on`: the version looked at."""

    service = serializers.SlugRelatedField(
        slug_field="slug", queryset=Service.objects.all(), required=False, allow_null=True, default=None
    )
    labels = serializers.ListField(child=serializers.CharField(max_length=100), required=False, default=list)
    window_minutes = serializers.IntegerField(min_value=1, max_value=43200, default=30)
    quiet_seconds = serializers.IntegerField(
        min_value=0, max_value=86400, required=False, allow_null=True, default=None
    )
    reopen_minutes = serializers.IntegerField(min_value=0, max_value=43200, default=0)
    longest_minutes = serializers.IntegerField(min_value=1, max_value=43200, default=1440)
    flap_times = serializers.IntegerField(min_value=0, max_value=100, default=4)
    flap_minutes = serializers.IntegerField(min_value=1, max_value=1440, default=60)
    calm_minutes = serializers.IntegerField(min_value=1, max_value=1440, default=30)
    based_on = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)

    def said(self) -> Said:
        """As the act takes it."""
        return Said(**{name: self.validated_data[name] for name in SAID})


class DifferenceSerializer(serializers.Serializer[Any]):
    """Incidents that would have been one, or one that would have been `into` several."""

    incidents = serializers.ListField(child=serializers.IntegerField(), source="numbers")
    more = serializers.IntegerField()
    into = serializers.IntegerField()
    alerts = serializers.IntegerField()


class TrialSerializer(serializers.Serializer[Any]):
    """What the policy would have made of the last weeks; `replayed` is what the one in force makes of the same."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    alerts = serializers.IntegerField()
    is_cut = serializers.BooleanField(help_text="Older alerts were left out.")
    was = serializers.IntegerField()
    would = serializers.IntegerField()
    replayed = serializers.IntegerField()
    differences = DifferenceSerializer(many=True)
    more = serializers.IntegerField()


class PolicyFilter(FilterSet):
    """?service=slug, ?default=true, ?current=true"""

    service = django_filters.CharFilter(field_name="service__slug")
    default = django_filters.BooleanFilter(field_name="service", lookup_expr="isnull")
    current = django_filters.BooleanFilter(field_name="superseded_at", lookup_expr="isnull")

    class Meta:
        model = GroupingPolicy
        fields = ("version",)


class PolicyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[GroupingPolicy]):
    """Grouping policies in all their versions, latest first; a new one supersedes the last."""

    queryset = GroupingPolicy.objects.select_related("service", "by")
    serializer_class = PolicySerializer
    filterset_class = PolicyFilter
    ordering = ("-known_from", "-pk")
    writes_as = Role.EDITOR

    @extend_schema(request=NewPolicySerializer, responses={201: PolicySerializer})
    def create(self, request: Request) -> Response:
        """Save a new version, for incidents that open from now on."""
        asked = NewPolicySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        service, based_on = asked.validated_data["service"], asked.validated_data["based_on"]
        made = acts.save(service, asked.said(), based_on=based_on, **acting(request))
        return Response(PolicySerializer(made).data, status=201)

    @extend_schema(request=NewPolicySerializer, responses=TrialSerializer)
    @action(detail=False, methods=["post"], url_path="try")
    def attempt(self, request: Request) -> Response:
        """What it would have made of the last weeks' alerts; nothing is saved."""
        asked = NewPolicySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        service, now = asked.validated_data["service"], timezone.now()
        wanted = (service.pk if service else None, now)
        in_force = policies.rules_of(policies.in_force({wanted})[wanted])
        trial = trials.of(
            viewer(request), service, acts.draft(asked.said(), service=service).rules, in_force=in_force, now=now
        )
        return Response(TrialSerializer(trial).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def give_up(self, request: Request, pk: str) -> Response:
        """The default policy holds for this policy's service from now on."""
        policy = self.get_object()
        if policy.service is None:
            raise Invalid("The default policy can only be replaced.")
        acts.give_up(policy.service, now=acting(request)["now"])
        return Response(status=204)


class MoveSerializer(serializers.ModelSerializer[AlertMove]):
    """An alert that a person moved."""

    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True)

    class Meta:
        model = AlertMove
        fields = ("id", "alert", "came_from", "went_to", "at", "by")


class NewMoveSerializer(serializers.Serializer[Any]):
    """Alerts of one open incident, and the open incident they go to; null: a new one of their own."""

    came_from = IncidentByNumber()
    alerts = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), allow_empty=False)
    went_to = IncidentByNumber(required=False, allow_null=True, default=None)


class MovedSerializer(serializers.Serializer[Any]):
    """Where they are now."""

    incident = serializers.IntegerField()


class MoveFilter(FilterSet):
    """?alert=, ?came_from=, ?went_to="""

    alert = django_filters.NumberFilter(field_name="alert_id")
    came_from = django_filters.NumberFilter(field_name="came_from_id")
    went_to = django_filters.NumberFilter(field_name="went_to_id")

    class Meta:
        model = AlertMove
        fields: ClassVar[list[str]] = []


class MoveViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Visibly[AlertMove]):
    """Which alerts people moved, latest first. Posting moves some."""

    queryset = AlertMove.objects.select_related("by")
    serializer_class = MoveSerializer
    filterset_class = MoveFilter
    through = ("came_from", "went_to")
    ordering = ("-pk",)
    writes_as = Role.RESPONDER

    @extend_schema(request=NewMoveSerializer, responses={201: MovedSerializer})
    def create(self, request: Request) -> Response:
        """Move alerts to another open incident, or to a new one."""
        asked = NewMoveSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        target = moving.move(said["came_from"], alerts=said["alerts"], to=said["went_to"], **acting(request))
        return Response({"incident": target.pk}, status=201)


class NewSplitSerializer(serializers.Serializer[Any]):
    """Alerts of an incident that become one of their own, and notes that are quoted there; one of both at least."""

    came_from = IncidentByNumber()
    title = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    alerts = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), default=list)
    notes = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), default=list)


class SplitViewSet(viewsets.ViewSet):
    """Splitting an incident in two; merging the new one back is the way back."""

    writes_as = Role.RESPONDER

    @extend_schema(request=NewSplitSerializer, responses={201: MovedSerializer}, operation_id="splits_create")
    def create(self, request: Request) -> Response:
        """A new incident of these alerts and notes."""
        said = checked(NewSplitSerializer, request, context={"request": request}).validated_data
        made = splitting.split(said.pop("came_from"), **said, **acting(request))
        return Response({"incident": made.pk}, status=201)


ROUTES = [
    ("grouping", PolicyViewSet, "grouping"),
    ("moves", MoveViewSet, "move"),
    ("splits", SplitViewSet, "split"),
]
