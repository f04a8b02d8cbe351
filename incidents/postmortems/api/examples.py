"""Failing examples: list, read, record, correct, take back, and all of a filter as JSON Lines."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import example_access, exemplifying, jsonl
from incidents.postmortems.exemplifying import LONGEST, LONGEST_NOTE, LONGEST_WHY, Said
from incidents.postmortems.models import FailingExample
from incidents.postmortems.queries import examples as queries
from incidents.postmortems.queries.examples import Filter
from incidents.postmortems.vocabulary import GuardrailKind, InputFormat
from incidents.response.access import workable_incident
from incidents.response.api.visibly import Visibly
from incidents.response.models import FailureMode
from incidents.response.queries import modes
from incidents.response.vocabulary import Layer
from ownership.api.fields import ComponentField, PersonByEmail, checked, viewer
from ownership.api.fields import acting as actor
from ownership.vocabulary import Role
from web.filters import FilterSet

NARROWED = [
    OpenApiParameter("service", OpenApiTypes.STR, description="Slug of the incident's service."),
    OpenApiParameter("layer", OpenApiTypes.STR, enum=Layer.values),
    OpenApiParameter("mode", OpenApiTypes.STR, description="Code of the failure mode."),
    OpenApiParameter("component", OpenApiTypes.INT),
    OpenApiParameter("guardrail", OpenApiTypes.STR, enum=["any", *GuardrailKind.values]),
    OpenApiParameter("tag", OpenApiTypes.STR),
    OpenApiParameter("since", OpenApiTypes.DATE, description="Recorded or corrected on this day or later."),
]


class ExampleSerializer(serializers.ModelSerializer[FailingExample]):
    """An example as it stands; `line` stays the same over its versions."""

    incident = serializers.IntegerField(source="incident_id", read_only=True)
    component = ComponentField(read_only=True)
    created_by = PersonByEmail(read_only=True)
    by = PersonByEmail(read_only=True)

    class Meta:
        model = FailingExample
        fields = (
            "line", "version", "incident", "input", "input_format", "expected", "observed", "layer", "mode",
            "component", "guardrail_kind", "tags", "note", "source_url", "replaced", "kept", "created_at",
            "created_by", "known_from", "by",
        )  # fmt: skip


class WrittenExampleSerializer(serializers.Serializer[Any]):
    """What an example takes. What looks private is replaced before it is kept, but for the values in `keep`."""

    input = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    input_format = serializers.ChoiceField(choices=InputFormat.choices, default=InputFormat.TEXT)
    expected = serializers.CharField(max_length=LONGEST, default="", allow_blank=True, trim_whitespace=False)
    observed = serializers.CharField(max_length=LONGEST, default="", allow_blank=True, trim_whitespace=False)
    layer = serializers.ChoiceField(choices=Layer.choices, default="", allow_blank=True, help_text="Without a mode.")
    mode: Any = serializers.SlugRelatedField(
        slug_field="code", queryset=FailureMode.objects.all(), default=None, allow_null=True
    )
    component = ComponentField(default=None, allow_null=True)
    guardrail_kind = serializers.ChoiceField(choices=GuardrailKind.choices, default="", allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=exemplifying.LONGEST_TAG), default=list)
    note = serializers.CharField(max_length=LONGEST_NOTE, default="", allow_blank=True)
    source_url = serializers.CharField(max_length=LONGEST_NOTE, default="", allow_blank=True)
    keep = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST, trim_whitespace=False),
        default=list,
        help_text="Values that look private and are not, exactly as they stand in the texts.",
    )


class CorrectedExampleSerializer(WrittenExampleSerializer):
    """An example said otherwise, and the version that it was written on."""

    version = serializers.IntegerField(min_value=1)


class NewExampleSerializer(WrittenExampleSerializer):
    """An example of an incident."""

    number = serializers.IntegerField(help_text="The incident's number.")


class WithdrawnExampleSerializer(serializers.Serializer[Any]):
    """Why it is no example after all."""

    why = serializers.CharField(max_length=LONGEST_WHY)


class ExampleFilter(FilterSet):
    """?incident=, ?service=, ?layer=, ?mode= (with what was merged into it), ?component=, ?guardrail_kind="""

    service = django_filters.CharFilter(field_name="incident__service__slug")
    incident = django_filters.NumberFilter(field_name="incident")
    component = django_filters.NumberFilter(field_name="component")
    mode = django_filters.ModelChoiceFilter(queryset=FailureMode.objects.all(), method="by_mode")

    class Meta:
        model = FailingExample
        fields: ClassVar = ["layer", "guardrail_kind"]

    def by_mode(self, queryset: QuerySet[FailingExample], name: str, value: FailureMode) -> QuerySet[FailingExample]:
        """Recorded with it, or with a mode that counts as the same."""
        return queryset.filter(mode__in=modes.same_as([value.code]))


class AsAsked(DefaultContentNegotiation):
    """A file has one shape, whatever the client accepts."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        """The first."""
        return renderers[0], renderers[0].media_type


class ExampleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Visibly[FailingExample]):
    """Failing examples of incidents: redacted inputs, with what was expected and what came."""

    queryset = queries.standing()
    serializer_class = ExampleSerializer
    filterset_class = ExampleFilter
    ordering = ("-created_at", "-pk")
    writes_as = Role.RESPONDER
    lookup_field = "line"
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    through = ("incident",)

    @extend_schema(request=NewExampleSerializer, responses={201: ExampleSerializer})
    def create(self, request: Request) -> Response:
        """Record an example; what looks private in it is replaced first, but for `keep`."""
        told = dict(checked(NewExampleSerializer, request).validated_data)
        incident = workable_incident(actor(request)["by"], told.pop("number"))
        said, keep = _said(told)
        return Response(self._whole(exemplifying.add(incident, said, keep=keep, **actor(request))), status=201)

    @extend_schema(request=CorrectedExampleSerializer, responses=ExampleSerializer)
    def update(self, request: Request, line: str) -> Response:
        """Say it otherwise: the next version. 409 when `version` is no more the current one."""
        found = example_access.editable_example(actor(request)["by"], UUID(line))
        told = dict(checked(CorrectedExampleSerializer, request).validated_data)
        if told.pop("version") != found.version:
            raise exemplifying.ExampleChanged
        said, keep = _said(told)
        return Response(self._whole(exemplifying.correct(found, said, keep=keep, **actor(request))))

    @extend_schema(request=WithdrawnExampleSerializer, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, line: str) -> Response:
        """Take it back with a reason; it leaves every list and export."""
        found = example_access.editable_example(actor(request)["by"], UUID(line))
        why = checked(WithdrawnExampleSerializer, request).validated_data["why"]
        exemplifying.take_back(found, why=why, **actor(request))
        return Response(status=204)

    @extend_schema(parameters=NARROWED, responses={(200, "application/x-ndjson"): OpenApiTypes.STR}, filters=False)
    @action(detail=False, methods=["get"], content_negotiation_class=AsAsked, pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        """All of a filter as JSON Lines of the schema seamline.failing_example/1, streamed, the latest first."""
        asked = Filter.of(request.query_params)
        return jsonl.download(queries.every(viewer(request), asked))

    def _whole(self, one: FailingExample) -> dict[str, Any]:
        return dict(ExampleSerializer(self.get_queryset().get(pk=one.pk)).data)


def _said(told: dict[str, Any]) -> tuple[Said, set[str]]:
    """What is said, and the codes of what is to stay as it is."""
    values = set(told.pop("keep"))
    said = Said(**{**told, "tags": tuple(told["tags"])})
    plan = exemplifying.checked(said).plan
    return said, {one.code for one in plan.replacements if one.value in values}
