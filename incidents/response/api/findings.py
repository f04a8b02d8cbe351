"""Findings over the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from rest_framework import mixins, serializers

from incidents.response import findings
from incidents.response.api.visibly import IncidentByNumber, Visibly
from incidents.response.models import Finding
from incidents.response.vocabulary import Confidence, FindingRole, FindingState, Layer
from ownership.api.fields import Named, acting
from ownership.models import Component
from ownership.vocabulary import Role
from web.filters import FilterSet


class FindingSerializer(serializers.ModelSerializer[Finding]):
    """A finding as it stands; `line` is its identity over all versions."""

    incident = IncidentByNumber()
    layer = serializers.ChoiceField(choices=Layer.choices, required=False)
    component = Named(
        slug_field="name", queryset=Component.objects.filter(retired_at=None), required=False, allow_null=True
    )
    role = serializers.ChoiceField(choices=FindingRole.choices, required=False)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False)
    state = serializers.ChoiceField(choices=FindingState.choices, read_only=True)
    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Finding
        fields = (
            "id", "line", "incident", "layer", "mode", "component", "dependency", "role", "evidence", "confidence",
            "primary", "state", "by", "known_from",
        )  # fmt: skip
        read_only_fields = ("line", "known_from")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """A finding names at least a layer; a mode brings its own."""
        if self.instance is None and not said.get("layer") and not said.get("mode"):
            raise serializers.ValidationError({"layer": "Name the layer, or the mode, which brings its layer."})
        return said


class FindingFilter(FilterSet):
    """?incident=, ?layer=, ?mode=, ?state="""

    incident = django_filters.NumberFilter(field_name="incident_id")

    class Meta:
        model = Finding
        fields: ClassVar = ["layer", "mode", "state"]


class FindingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, Visibly[Finding]):
    """Current findings. New ones are provisional: a postmortem reviews them."""

    queryset = Finding.objects.filter(superseded_at=None).select_related("component", "by")
    serializer_class = FindingSerializer
    filterset_class = FindingFilter
    ordering = ("-known_from", "-pk")
    writes_as = Role.RESPONDER

    def perform_create(self, serializer: serializers.BaseSerializer[Finding]) -> None:
        """Record a provisional finding."""
        said = dict(serializer.validated_data)
        serializer.instance = findings.record(said.pop("incident"), **said, **acting(self.request))
