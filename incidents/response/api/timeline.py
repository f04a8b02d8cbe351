"""Timelines over the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from rest_framework import mixins, serializers

from incidents.response import lifecycle
from incidents.response.api.visibly import IncidentByNumber, Visibly
from incidents.response.models import TimelineRow
from incidents.response.queries import referring
from ownership.api.fields import acting, viewer
from ownership.vocabulary import Role
from web.filters import FilterSet


class TimelineSerializer(serializers.ModelSerializer[TimelineRow]):
    """A timeline row. Writing one adds a note."""

    incident = IncidentByNumber()
    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    text = serializers.CharField(max_length=20_000)

    class Meta:
        model = TimelineRow
        fields = ("id", "incident", "kind", "at", "recorded_at", "by", "text", "why", "data")
        read_only_fields = ("kind", "at", "recorded_at", "why", "data")

    def to_representation(self, instance: TimelineRow) -> Any:
        """Without another incident that whoever asks may not see."""
        seen = self.context.get("seen")
        if seen is None:
            seen = referring.seen(viewer(self.context["request"]), [instance])
        return super().to_representation(referring.redacted(instance, seen))


class TimelineFilter(FilterSet):
    """?incident=, ?kind="""

    incident = django_filters.NumberFilter(field_name="incident_id")

    class Meta:
        model = TimelineRow
        fields: ClassVar = ["kind"]


class TimelineViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, Visibly[TimelineRow]):
    """Timelines, oldest first (`?incident=` narrows to one); append-only."""

    queryset = TimelineRow.objects.select_related("by")
    serializer_class = TimelineSerializer
    filterset_class = TimelineFilter
    ordering = ("at", "pk")
    writes_as = Role.RESPONDER

    def paginate_queryset(self, queryset: Any) -> Any:
        """A page, and which of the incidents that its rows name may be seen; one query for all of them."""
        rows = super().paginate_queryset(queryset)
        self.seen = referring.seen(viewer(self.request), rows or [])
        return rows

    def get_serializer_context(self) -> dict[str, Any]:
        """With what may be seen, of a list."""
        return {**super().get_serializer_context(), **({"seen": self.seen} if hasattr(self, "seen") else {})}

    def perform_create(self, serializer: serializers.BaseSerializer[TimelineRow]) -> None:
        """Add a note."""
        said = serializer.validated_data
        serializer.instance = lifecycle.note(said["incident"], text=said["text"], **acting(self.request))
