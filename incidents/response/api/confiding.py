"""What incidents offer over the API besides their life: private or public, merged and taken apart."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import access, confiding, merging
from incidents.response.api.shapes import IncidentSerializer
from incidents.response.api.visibly import IncidentByNumber
from incidents.response.models import Incident
from incidents.response.vocabulary import MergeReason
from ownership.api.fields import acting, checked, viewer


class WhySerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=300)


class MergeSerializer(serializers.Serializer[Any]):
    """Where it goes on, and why they are one."""

    into = IncidentByNumber()
    reason = serializers.ChoiceField(choices=MergeReason.choices, default=MergeReason.SAME)
    why = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class PrivacyAndMergeActs:
    """Who may see an incident, and what it is merged or linked with."""

    @extend_schema(request=WhySerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def private(self, request: Request, pk: str) -> Response:
        """From now on for its people only."""
        incident = access.confidable_incident(viewer(request), int(pk))
        said = checked(WhySerializer, request).validated_data
        return _shown(confiding.make_private(incident, **said, **acting(request)))

    @extend_schema(request=WhySerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def public(self, request: Request, pk: str) -> Response:
        """For everybody again."""
        incident = access.confidable_incident(viewer(request), int(pk))
        said = checked(WhySerializer, request).validated_data
        return _shown(confiding.make_public(incident, **said, **acting(request)))

    @extend_schema(request=MergeSerializer, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Merge it into another; answers where its story goes on."""
        incident = access.workable_incident(viewer(request), int(pk))
        said = checked(MergeSerializer, request, context={"request": request}).validated_data
        return _shown(merging.merge(incident, **said, **acting(request)))

    @extend_schema(request=None, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def unmerge(self, request: Request, pk: str) -> Response:
        """Take it out of what it was merged into."""
        incident = access.separable_incident(viewer(request), int(pk))
        return _shown(merging.undo(incident, **acting(request)))


def _shown(incident: Incident) -> Response:
    return Response(IncidentSerializer(incident).data)
