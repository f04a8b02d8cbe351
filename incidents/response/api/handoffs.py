"""Who has the ball, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import handing_off
from incidents.response.api.visibly import Visibly
from incidents.response.models import HandOff, Incident
from incidents.response.queries import handoffs
from ownership.api.fields import PersonByEmail, acting, checked


class GiveSerializer(serializers.Serializer[Any]):
    """To whom the ball goes, and why."""

    to = PersonByEmail()
    reason = serializers.CharField(max_length=500)


class HandOffSerializer(serializers.ModelSerializer[HandOff]):
    """One transfer; `held_by` null: nobody had it."""

    held_by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    to: Any = serializers.SlugRelatedField(slug_field="email", read_only=True)
    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True)

    class Meta:
        model = HandOff
        fields = ("id", "held_by", "to", "reason", "by", "at")


class PassesSerializer(serializers.Serializer[Any]):
    """The latest transfers, newest first; `rounds` are those that came straight back: `Maya → Priya → Maya`."""

    ball: Any = serializers.EmailField(allow_null=True)
    count = serializers.IntegerField()
    rounds = serializers.ListField(child=serializers.CharField())
    rows = HandOffSerializer(many=True)


class HandOffActions(Visibly[Incident]):
    """The part of the view set of incidents that is about who has the ball."""

    @extend_schema(methods=["GET"], responses=PassesSerializer)
    @extend_schema(methods=["POST"], request=GiveSerializer, responses=PassesSerializer)
    @action(detail=True, methods=["get", "post"])
    def handoff(self, request: Request, pk: str) -> Response:
        """Who had the ball when; POST gives it to somebody with a `reason`."""
        incident = self.get_object()
        if request.method == "POST":
            said = checked(GiveSerializer, request).validated_data
            incident = handing_off.give(incident, **said, **acting(request))
        found = handoffs.of(incident)
        ball = incident.ball.email if incident.ball else None
        told = {"ball": ball, "count": found.count, "rounds": found.rounds, "rows": found.rows}
        return Response(PassesSerializer(told).data)
