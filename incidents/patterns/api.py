"""The charts' rows for programs: the same that the pages draw."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from incidents.patterns import queries, reports
from incidents.patterns.rows import Row
from incidents.patterns.window import NO_SERVICE, SPANS, Window
from incidents.response.vocabulary import Layer
from ownership.api.fields import viewer

FILTERS = [
    OpenApiParameter(
        "months", OpenApiTypes.INT, enum=SPANS, description="Whole months up to the current one; else 12."
    ),
    OpenApiParameter("from", OpenApiTypes.DATE, description="First day (UTC); wins over months."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="Last day (UTC)."),
    OpenApiParameter("service", OpenApiTypes.STR, description=f"A service's slug, or {NO_SERVICE} for none named."),
]


class RowSerializer(serializers.Serializer[Row]):
    """One layer in one month."""

    month = serializers.RegexField(r"^\d{4}-\d{2}$", help_text="Month (UTC) in which the incidents were detected.")
    layer = serializers.ChoiceField(choices=Layer.choices)
    reviewed = serializers.IntegerField()
    provisional = serializers.IntegerField()
    findings = serializers.IntegerField(help_text="Both together.")


@extend_schema_serializer(many=False)
class FindingsByLayerSerializer(serializers.Serializer[Any]):
    """The chart's sentence, what it counts, and its rows: every month with every layer, oldest first."""

    headline = serializers.CharField()
    as_of = serializers.DateTimeField()
    since = serializers.DateField(source="first_day")
    until = serializers.DateField(source="last_day")
    service = serializers.CharField(allow_blank=True, help_text="Empty: all services.")
    incidents = serializers.IntegerField(help_text="Detected in this time.")
    tagged = serializers.IntegerField(help_text="Of these, with a current finding.")
    untagged = serializers.IntegerField(help_text="Of these, resolved without a finding.")
    open = serializers.IntegerField(help_text="Of these, not resolved.")
    reviewed = serializers.IntegerField()
    provisional = serializers.IntegerField()
    rows = RowSerializer(many=True)


class FindingsByLayer(ViewSet):
    """Current findings per layer and month."""

    @extend_schema(operation_id="patterns_findings_by_layer", parameters=FILTERS, responses=FindingsByLayerSerializer)
    def list(self, request: Request) -> Response:
        """The rows of /patterns/; 422 when a filter cannot be used."""
        slugs = [choice.slug for choice in queries.services()]
        window = Window.from_query(request.query_params, timezone.now()).among(slugs)
        reports.require_usable(window.problems)
        report = reports.findings_by_layer(window, viewer(request))
        shown = {
            "headline": report.headline,
            "as_of": window.as_of,
            "first_day": window.first_day,
            "last_day": window.last_day,
            "service": window.service,
            **vars(report.counts),
            "reviewed": report.overall.reviewed,
            "provisional": report.overall.provisional,
            "rows": [_plain(row) for row in report.rows],
        }
        return Response(FindingsByLayerSerializer(shown).data)


def _plain(row: Row) -> dict[str, Any]:
    return {
        "month": f"{row.month:%Y-%m}",
        "layer": row.layer,
        "reviewed": row.reviewed,
        "provisional": row.provisional,
        "findings": row.findings,
    }


ROUTES = [("patterns/findings-by-layer", FindingsByLayer, "patterns-findings-by-layer")]
