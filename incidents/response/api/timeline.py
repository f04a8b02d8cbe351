"""Timelines over the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import access, noting
from incidents.response.api.visibly import IncidentByNumber, Visibly
from incidents.response.models import TimelineRow
from incidents.response.noting import When
from incidents.response.queries import referring, told
from incidents.response.vocabulary import Precision, TimelineKind
from ownership.api.fields import acting, checked, viewer
from ownership.vocabulary import Role
from web.filters import FilterSet


class TimelineSerializer(serializers.ModelSerializer[TimelineRow]):
    """A row as it holds now. `by` wrote this version, `author` the first; `first` is the id that all versions share."""

    by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    author: Any = serializers.EmailField(source="author.email", read_only=True, allow_null=True, default=None)
    first = serializers.IntegerField(source="first_id", read_only=True)

    class Meta:
        model = TimelineRow
        fields = (
            "id",
            "incident",
            "kind",
            "at",
            "recorded_at",
            "by",
            "author",
            "text",
            "why",
            "data",
            "first",
            "version",
        )
        read_only_fields = fields

    def to_representation(self, instance: TimelineRow) -> Any:
        """Without another incident that whoever asks may not see."""
        seen = self.context.get("seen")
        if seen is None:
            seen = referring.seen(viewer(self.context["request"]), [instance])
        return super().to_representation(referring.redacted(instance, seen))


class TellSerializer(serializers.Serializer[Any]):
    """A note, a fact (`at`, with `precision` and `source_url` if known), or another version of the row `revises`."""

    incident = IncidentByNumber(required=False)
    kind = serializers.ChoiceField(
        choices=[(TimelineKind.NOTE, "Note"), (TimelineKind.FACT, "Fact")], default=TimelineKind.NOTE
    )
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=noting.LONGEST)
    at = serializers.DateTimeField(required=False)
    precision = serializers.ChoiceField(
        choices=[(one.value, one.label) for one in noting.PRECISIONS], required=False, help_text="`minute` unless said."
    )
    source_url = serializers.CharField(required=False, allow_blank=True, max_length=noting.LONGEST_SOURCE)
    revises = serializers.IntegerField(
        required=False, min_value=1, help_text="The id of the version that is before you; 409 `row_changed` later on."
    )
    taken_back = serializers.BooleanField(default=False, help_text="With `revises` and `why`: it no longer counts.")
    why = serializers.CharField(required=False, allow_blank=True, default="", max_length=noting.LONGEST_WHY)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """A new row needs its incident, a new fact its time."""
        if "revises" not in said:
            needed = ["incident"] + (["at"] if said["kind"] == TimelineKind.FACT else [])
            missing = [name for name in needed if name not in said]
            if missing:
                raise serializers.ValidationError(dict.fromkeys(missing, "This field is required."))
            if said["taken_back"]:
                raise serializers.ValidationError({"revises": "Name the row that is taken back."})
        return said


class TimelineFilter(FilterSet):
    """?incident=, ?kind="""

    incident = django_filters.NumberFilter(field_name="incident_id")

    class Meta:
        model = TimelineRow
        fields: ClassVar = ["kind"]


class TimelineViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Visibly[TimelineRow]):
    """Timelines as they hold now; append-only: an edit is a new version.

    `?incident=` narrows to one, in the order it happened; all of them together come as they were written.
    """

    queryset = TimelineRow.objects.select_related("by", "revises__by")
    serializer_class = TimelineSerializer
    filterset_class = TimelineFilter
    writes_as = Role.RESPONDER
    lookup_value_regex = r"\d+"

    def filter_queryset(self, queryset: Any) -> Any:
        """The latest version of each."""
        return told.latest(super().filter_queryset(queryset))

    def get_object(self) -> TimelineRow:
        """The row as it holds now, by the id of any of its versions."""
        asked = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        return told.latest(self.get_queryset()).get(Q(pk=asked.first_id) | Q(revises=asked.first_id))

    @property
    def ordering(self) -> tuple[str, ...]:
        """What was written later stands later: whoever follows all timelines misses nothing."""
        return ("at", "pk") if self.request.query_params.get("incident") else ("pk",)

    def paginate_queryset(self, queryset: Any) -> Any:
        """A page, and which of the incidents that its rows name may be seen; one query for all of them."""
        rows = super().paginate_queryset(queryset)
        self.seen = referring.seen(viewer(self.request), rows or [])
        return rows

    def get_serializer_context(self) -> dict[str, Any]:
        """With what may be seen, of a list."""
        return {**super().get_serializer_context(), **({"seen": self.seen} if hasattr(self, "seen") else {})}

    @extend_schema(request=TellSerializer, responses={201: TimelineSerializer})
    def create(self, request: Request) -> Response:
        """Add a note or a fact, say one anew, or take one back."""
        asked = checked(TellSerializer, request, context=self.get_serializer_context()).validated_data
        made = _revised(request, asked) if "revises" in asked else _added(request, asked)
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(responses=TimelineSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """All versions of a row, oldest first; of what was taken back for who wrote it and admins alone."""
        row = self.get_object()
        rows = told.versions(row.first_id).select_related("by", "revises__by")
        if not access.may_read_versions(viewer(request), row):
            rows = rows.filter(pk=row.pk)
        return Response(self.get_serializer(rows, many=True).data)


def _added(request: Request, said: dict[str, Any]) -> TimelineRow:
    if said["kind"] == TimelineKind.FACT:
        return noting.fact(said["incident"], text=said["text"], when=_when(said), **acting(request))
    return noting.note(said["incident"], text=said["text"], **acting(request))


def _revised(request: Request, said: dict[str, Any]) -> TimelineRow:
    """By the id of a version: its number is the one that the writer saw."""
    row = access.seen_row(viewer(request), said["revises"])
    if said["taken_back"]:
        return noting.take_back(row, seen=row.version, why=said["why"], **acting(request))
    when = _when({**row.data, **said}) if "at" in said else None
    return noting.revise(row, seen=row.version, text=said["text"] or row.text, when=when, **acting(request))


def _when(said: dict[str, Any]) -> When:
    return When(said["at"], said.get("precision") or Precision.MINUTE, said.get("source_url", ""))
