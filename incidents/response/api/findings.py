"""Findings over the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from incidents.response import evidence, findings
from incidents.response.api.visibly import IncidentByNumber, Visibly
from incidents.response.models import FailureMode, Finding
from incidents.response.queries import exhibits, modes
from incidents.response.vocabulary import Confidence, FindingRole, FindingState, Layer
from ownership.api.fields import Named, acting, viewer
from ownership.models import Component, Person
from ownership.vocabulary import Role
from web import references
from web.errors import Invalid
from web.filters import FilterSet


class EvidenceLinkSerializer(serializers.Serializer[Any]):
    """What shows a finding: a thing by its kind (row, file, alert, change, example) and id, or an address."""

    kind = serializers.CharField(max_length=30)
    id = serializers.CharField(max_length=64, required=False)
    url = serializers.URLField(max_length=500, required=False)
    lost = serializers.CharField(
        read_only=True, required=False, help_text="Instead of the id, where the thing is gone or not yours to see."
    )

    def get_fields(self) -> dict[str, Any]:
        """Adds `label`, a name that the class itself has taken."""
        return {**super().get_fields(), "label": serializers.CharField(required=False, allow_blank=True)}


@extend_schema_field(EvidenceLinkSerializer(many=True))
class EvidenceField(serializers.JSONField):
    """A list of links; what they point at is looked up by whoever shows them."""

    def to_internal_value(self, data: Any) -> Any:
        """Of the right shape, each once."""
        if not isinstance(data, list) or not all(isinstance(link, dict) for link in data):
            raise serializers.ValidationError("A list of links, each {kind, id} or {kind: url, url, label}.")
        try:
            return evidence.clean(data)
        except Invalid as error:
            raise serializers.ValidationError(error.message) from error


def whoever(context: Mapping[str, Any]) -> Person:
    """Who asks: the context's `viewer`, or who is behind its `request`."""
    named: Person | None = context.get("viewer")
    return named or viewer(context["request"])


def require_seen(viewer: Person, number: int, links: Sequence[evidence.Link]) -> None:
    """Refuse links to what this person may not see, or what is not there; unknown kinds are refused too."""
    targets = references.resolved(viewer, number, links)
    lost = [references.key_of(link) for link in links if link["kind"] != references.URL]
    if missing := [key for key in lost if key not in targets]:
        raise serializers.ValidationError({"links": f"There is nothing like this to point at: {', '.join(missing)}."})


class FindingListSerializer(serializers.ListSerializer[Finding]):
    """Findings; what they point at is looked up once for all."""

    def to_representation(self, data: Any) -> Any:
        """Each with its links as whoever asks may see them."""
        found = list(data)
        given = super().to_representation(found)
        for one, links in zip(given, exhibits.open_to(whoever(self.context), found), strict=True):
            one["links"] = links
        return given


class FindingSerializer(serializers.ModelSerializer[Finding]):
    """A finding as it stands; `line` is its identity over all versions, `id` that of this one.

    The context has the `request`, or names the `viewer`: the id of what they may not see is not told.
    """

    incident = IncidentByNumber()
    layer = serializers.ChoiceField(choices=Layer.choices, required=False)
    component = Named(
        slug_field="name", queryset=Component.objects.filter(retired_at=None), required=False, allow_null=True
    )
    role = serializers.ChoiceField(choices=FindingRole.choices, required=False)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False)
    state = serializers.ChoiceField(choices=FindingState.choices, read_only=True)
    links = EvidenceField(required=False)
    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Finding
        list_serializer_class = FindingListSerializer
        fields = (
            "id", "line", "incident", "layer", "mode", "component", "dependency", "role", "evidence", "links",
            "confidence",
            "primary", "state", "by", "known_from",
        )  # fmt: skip
        read_only_fields = ("line", "known_from")

    def to_representation(self, instance: Finding) -> Any:
        """With its links as whoever asks may see them; in a list that is done for all of them."""
        given = super().to_representation(instance)
        if not isinstance(self.parent, FindingListSerializer):
            (given["links"],) = exhibits.open_to(whoever(self.context), [instance])
        return given

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """A finding names at least a layer; a mode brings its own."""
        if self.instance is None and not said.get("layer") and not said.get("mode"):
            raise serializers.ValidationError({"layer": "Name the layer, or the mode, which brings its layer."})
        return said


class FindingFilter(FilterSet):
    """?incident=, ?layer=, ?mode= (with what was merged into it), ?state="""

    incident = django_filters.NumberFilter(field_name="incident_id")

    mode = django_filters.ModelChoiceFilter(queryset=FailureMode.objects.all(), method="by_mode")

    class Meta:
        model = Finding
        fields: ClassVar = ["layer", "state"]

    def by_mode(self, queryset: QuerySet[Finding], name: str, value: FailureMode) -> QuerySet[Finding]:
        """Recorded with it, or with a mode that counts as the same."""
        return queryset.filter(mode__in=modes.same_as([value.code]))


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
        incident = said.pop("incident")
        require_seen(viewer(self.request), incident.pk, said.get("links", ()))
        serializer.instance = findings.record(incident, **said, **acting(self.request))
