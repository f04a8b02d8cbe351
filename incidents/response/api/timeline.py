"""Timelines over the API."""

from __future__ import annotations

from typing import Any

from rest_framework import mixins, serializers, viewsets

from incidents.response import lifecycle
from incidents.response.models import Incident, TimelineRow
from ownership.api.fields import acting
from ownership.vocabulary import Role


class TimelineSerializer(serializers.ModelSerializer[TimelineRow]):
    """A timeline row. Writing one adds a note."""

    incident = serializers.PrimaryKeyRelatedField(queryset=Incident.objects.all())
    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    text = serializers.CharField(max_length=20_000)

    class Meta:
        model = TimelineRow
        fields = ("id", "incident", "kind", "at", "recorded_at", "by", "text", "why", "data")
        read_only_fields = ("kind", "at", "recorded_at", "why", "data")


class TimelineViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet[TimelineRow]
):
    """Timelines, oldest first (`?incident=` narrows to one); append-only."""

    queryset = TimelineRow.objects.select_related("by")
    serializer_class = TimelineSerializer
    filterset_fields = ("incident", "kind")
    ordering = ("at", "pk")
    writes_as = Role.RESPONDER

    def perform_create(self, serializer: serializers.BaseSerializer[TimelineRow]) -> None:
        """Add a note."""
        said = serializer.validated_data
        serializer.instance = lifecycle.note(said["incident"], text=said["text"], **acting(self.request))
