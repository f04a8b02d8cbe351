"""The answers for programs: the same rows that the pages draw."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from incidents.patterns import exports, problems
from incidents.patterns.queries import choices
from incidents.patterns.questions import BY_SLUG, QUESTIONS
from incidents.patterns.questions.asking import about
from incidents.patterns.window import NO_SERVICE, SPANS, Window
from ownership.api.fields import viewer

FILTERS = [
    OpenApiParameter(
        "months", OpenApiTypes.INT, enum=SPANS, description="Whole months up to the current one; else 12."
    ),
    OpenApiParameter("from", OpenApiTypes.DATE, description="First day (UTC); wins over months."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="Last day (UTC)."),
    OpenApiParameter("as_of", OpenApiTypes.DATETIME, description="As known then; else now."),
    OpenApiParameter("service", OpenApiTypes.STR, description=f"A service's slug, or {NO_SERVICE} for none named."),
    OpenApiParameter("team", OpenApiTypes.STR, description="A team's slug: the services that it answers for."),
    OpenApiParameter("tier", OpenApiTypes.STR, description="Of the service."),
    OpenApiParameter("archetype", OpenApiTypes.STR, description="Of the service."),
    OpenApiParameter("severity", OpenApiTypes.STR),
    OpenApiParameter("detected_by", OpenApiTypes.STR),
    OpenApiParameter("failing", OpenApiTypes.STR, description="Only incidents with a finding in this layer."),
]


class PatternSerializer(serializers.Serializer[Any]):
    """A question that can be asked."""

    slug = serializers.CharField()
    title = serializers.CharField()


class PatternColumnSerializer(serializers.Serializer[Any]):
    """A column of the rows. Shares are 0..1, durations seconds; null is "not known"."""

    name = serializers.CharField()
    title = serializers.CharField(source="label")
    kind = serializers.CharField()
    help = serializers.CharField()


class PatternAnswerSerializer(serializers.Serializer[Any]):
    """An answer: its sentence, what it stands on, and its rows by column."""

    slug = serializers.CharField()
    title = serializers.CharField()
    headline = serializers.CharField()
    caption = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())
    as_of = serializers.DateTimeField()
    since = serializers.DateField()
    until = serializers.DateField()
    filters = serializers.DictField(child=serializers.CharField())
    n = serializers.IntegerField(help_text="What the answer counts.")
    incidents = serializers.IntegerField(help_text="Detected in this time.")
    tagged = serializers.IntegerField(help_text="Of these, with a current finding.")
    untagged = serializers.IntegerField(help_text="Of these, resolved without a finding.")
    open = serializers.IntegerField(help_text="Of these, not resolved.")
    columns = PatternColumnSerializer(many=True)
    rows = serializers.ListField(child=serializers.DictField())


class Patterns(ViewSet):
    """What keeps failing: the questions, and the answer to each."""

    lookup_field = "slug"

    @extend_schema(operation_id="patterns_list", responses=PatternSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The questions that can be asked."""
        return Response([{"slug": one.slug, "title": one.title} for one in QUESTIONS])

    @extend_schema(
        operation_id="patterns_answer",
        parameters=[OpenApiParameter("slug", OpenApiTypes.STR, OpenApiParameter.PATH, enum=[*BY_SLUG]), *FILTERS],
        responses=PatternAnswerSerializer,
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        """The answer to one of them; 422 when a filter cannot be used."""
        if slug not in BY_SLUG:
            raise Http404
        known = {name: [value for value, _ in of] for name, of in choices.offered().items()}
        known["service"].append(NO_SERVICE)
        window = Window.from_query(request.query_params, timezone.now()).among(known)
        problems.require_usable(window.problems)
        asked = about(window, viewer(request))
        answer = BY_SLUG[slug].ask(asked)
        shown = {
            "slug": slug,
            "title": BY_SLUG[slug].title,
            "headline": answer.headline,
            "caption": answer.caption,
            "notes": answer.notes,
            "as_of": window.as_of,
            "since": window.first_day,
            "until": window.last_day,
            "filters": window.filters.query(),
            "n": answer.n,
            **vars(asked.base),
            "columns": [vars(column) for column in answer.columns],
            "rows": exports.as_rows(answer),
        }
        return Response(PatternAnswerSerializer(shown).data)


ROUTES = [("patterns", Patterns, "patterns")]
