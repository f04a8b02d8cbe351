"""The times of an incident over the API: as they are, as they were believed, corrected, checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import anchors
from incidents.response.api.visibly import Visibly
from incidents.response.impacts import Impact
from incidents.response.models import Incident
from incidents.response.queries import clock
from incidents.response.queries.durations import Span
from incidents.response.vocabulary import Anchor, Precision
from ownership.api.fields import acting, checked

FIELDS = ("detected_at", "acknowledged_at", "identified_at", "mitigated_at", "resolved_at")


class WasSerializer(serializers.Serializer[Any]):
    """A time that was believed, and until when."""

    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class MarkSerializer(serializers.Serializer[Any]):
    """One anchor; `before` is what was believed of it earlier, newest first."""

    anchor = serializers.ChoiceField(choices=Anchor.choices)
    at = serializers.DateTimeField(allow_null=True)
    before = WasSerializer(many=True)


class SpanSerializer(serializers.Serializer[Any]):
    """A duration in seconds; `at_least` null: at most `at_most`. Both null: the ends are out of order."""

    begins = serializers.ChoiceField(choices=Anchor.choices)
    ends = serializers.ChoiceField(choices=Anchor.choices)
    at_least = serializers.SerializerMethodField()
    at_most = serializers.SerializerMethodField()

    def get_at_least(self, span: Span) -> int | None:
        """Seconds."""
        return None if span.least is None else int(span.least.total_seconds())

    def get_at_most(self, span: Span) -> int | None:
        """Seconds."""
        return None if span.most is None else int(span.most.total_seconds())


class ClockSerializer(serializers.Serializer[Any]):
    """All named times, the durations between those known, and who has checked them."""

    marks = MarkSerializer(many=True)
    impact_until = serializers.DateTimeField(allow_null=True)
    impact_precision = serializers.ChoiceField(choices=Precision.choices)
    spans = SpanSerializer(many=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    checked_by = serializers.EmailField(allow_null=True)


class TimesSerializer(serializers.Serializer[Any]):
    """What is corrected, why, and whether all the times were checked; what is left out stays."""

    impact_precision = serializers.ChoiceField(choices=Precision.choices, required=False)
    impact_from = serializers.DateTimeField(required=False, allow_null=True)
    impact_until = serializers.DateTimeField(required=False, allow_null=True)
    detected_at = serializers.DateTimeField(required=False)
    acknowledged_at = serializers.DateTimeField(required=False, allow_null=True)
    identified_at = serializers.DateTimeField(required=False, allow_null=True)
    mitigated_at = serializers.DateTimeField(required=False, allow_null=True)
    resolved_at = serializers.DateTimeField(required=False, allow_null=True)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    checked = serializers.BooleanField(default=False)

    def times(self, incident: Incident) -> anchors.Times | None:
        """The times as they shall be; None when none was given."""
        said: dict[str, Any] = self.validated_data
        given = {name: said[name] for name in FIELDS if name in said}
        stand = anchors.of(incident)
        names = ("impact_precision", "impact_from", "impact_until")
        if any(name in said for name in names):
            began = Impact(*(said.get(name, getattr(incident, name)) for name in names))
            return replace(stand, impact=began, **given)
        return replace(stand, **given) if given else None


class TimesActions(Visibly[Incident]):
    """The part of the view set of incidents that is about their times."""

    @extend_schema(methods=["GET"], responses=ClockSerializer)
    @extend_schema(methods=["POST"], request=TimesSerializer, responses=ClockSerializer)
    @action(detail=True, methods=["get", "post"])
    def times(self, request: Request, pk: str) -> Response:
        """All named times and what lies between; POST corrects them with a `reason`, `checked` confirms all."""
        incident = self.get_object()
        if request.method == "POST":
            asked = checked(TimesSerializer, request)
            kept = {name: asked.validated_data[name] for name in ("reason", "checked")}
            seen = anchors.of(incident).stamp
            incident = anchors.correct(
                incident, times=asked.times(incident), written_on=seen, **kept, **acting(request)
            )
        return Response(_told(incident))


def _told(incident: Incident) -> dict[str, Any]:
    found = clock.of(incident)
    by = incident.times_checked_by
    return ClockSerializer(
        {
            "marks": found.marks,
            "impact_until": incident.impact_until,
            "impact_precision": incident.impact_precision,
            "spans": found.spans,
            "checked_at": incident.times_checked_at,
            "checked_by": by.email if by else None,
        }
    ).data
