"""Reports by people, and the last words about quality, over /api/v1/."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts import access, reporting
from incidents.alerts.queries import reports as queries
from incidents.alerts.report_models import Report
from incidents.alerts.watch_models import QualitySignal
from ownership.api.fields import ServiceBySlug, acting, checked, viewer
from ownership.vocabulary import Role

KEY = "Idempotency-Key"


class ReportSerializer(serializers.Serializer[Any]):
    """A report and what became of it; `state` is being read, open, acknowledged, resolved, not a problem and the like.

    `asked`, `answered` and `expected` are for whoever filed it and for editors, one report at a time; null elsewhere.
    """

    id = serializers.UUIDField(source="report.pk")
    filed_at = serializers.DateTimeField(source="report.filed_at")
    filed_by = serializers.EmailField(source="report.filed_by.email")
    service = serializers.SerializerMethodField()
    state = serializers.CharField()
    incident = serializers.SerializerMethodField()
    dismissed_at = serializers.DateTimeField(source="report.dismissed_at", allow_null=True)
    dismissed_why = serializers.CharField(source="report.dismissed_why")
    asked = serializers.SerializerMethodField()
    answered = serializers.SerializerMethodField()
    expected = serializers.SerializerMethodField()

    @extend_schema_field({"type": ["string", "null"]})
    def get_service(self, filed: queries.Filed) -> str | None:
        """Its slug, as the person said."""
        return filed.report.service.slug if filed.report.service else None

    @extend_schema_field({"type": ["integer", "null"]})
    def get_incident(self, filed: queries.Filed) -> int | None:
        """The incident's number, once there is one."""
        return filed.incident.pk if filed.incident else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_asked(self, filed: queries.Filed) -> str | None:
        """What was asked."""
        return filed.words["asked"] if filed.words else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_answered(self, filed: queries.Filed) -> str | None:
        """What it answered."""
        return filed.words["answered"] if filed.words else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_expected(self, filed: queries.Filed) -> str | None:
        """What should have been answered."""
        return filed.words["expected"] if filed.words else None


class NewReportSerializer(serializers.Serializer[Any]):
    """What a report takes: one of the first three at least."""

    asked = serializers.CharField(required=False, allow_blank=True, default="", max_length=reporting.LONGEST)
    answered = serializers.CharField(required=False, allow_blank=True, default="", max_length=reporting.LONGEST)
    expected = serializers.CharField(required=False, allow_blank=True, default="", max_length=reporting.LONGEST)
    service = ServiceBySlug(required=False, allow_null=True, default=None)
    where = serializers.CharField(required=False, allow_blank=True, default="", max_length=reporting.SHORT)
    trace_id = serializers.CharField(required=False, allow_blank=True, default="", max_length=reporting.SHORT)
    prompt_version = serializers.CharField(required=False, allow_blank=True, default="", max_length=reporting.SHORT)
    model_version = serializers.CharField(required=False, allow_blank=True, default="", max_length=reporting.SHORT)
    index_version = serializers.CharField(required=False, allow_blank=True, default="", max_length=reporting.SHORT)
    by = serializers.ChoiceField(choices=[("user", "a user"), ("colleague", "a colleague")], default="user")


class DismissSerializer(serializers.Serializer[Any]):
    """Why a report is not a problem."""

    why = serializers.CharField(max_length=2000)


class ReportViewSet(viewsets.GenericViewSet[Any]):
    """Reports of wrong answers: your own; editors see everybody's."""

    queryset = Report.objects.all()
    serializer_class = ReportSerializer
    lookup_value_regex = "[0-9a-f-]{36}"
    ordering = ("-filed_at", "-pk")

    @property
    def takes_ingest(self) -> bool:
        """A token that only sends may file."""
        return bool(self.action == "create")

    @property
    def writes_as(self) -> Role:
        """Everybody reports; editors decide about reports."""
        return Role.EDITOR if self.action == "dismiss" else Role.VIEWER

    def get_queryset(self) -> QuerySet[Report]:
        """Those that this person may read."""
        found = Report.objects.select_related("delivery", "filed_by", "service").defer("delivery__body")
        if getattr(self, "swagger_fake_view", False):
            return found.none()  # the schema has no viewer
        asks = viewer(self.request)
        return found if access.may_manage(asks) else found.filter(filed_by=asks)

    @extend_schema(responses=ReportSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Latest first."""
        rows = self.paginate_queryset(self.get_queryset()) or []
        incidents = queries.incidents_of(viewer(request), rows)
        filed = [queries.Filed(one, incidents.get(one.problem_key)) for one in rows]
        return self.get_paginated_response(ReportSerializer(filed, many=True).data)

    @extend_schema(responses=ReportSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One report with its words."""
        return Response(_shown(request, self.get_object()))

    @extend_schema(
        request=NewReportSerializer,
        responses={201: ReportSerializer},
        parameters=[
            OpenApiParameter(
                KEY, OpenApiTypes.STR, OpenApiParameter.HEADER, description="Sent twice, it files one report."
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Report a wrong answer."""
        said = dict(checked(NewReportSerializer, request).validated_data)
        service = said.pop("service")
        number = reporting.file(reporting.Said(**said), key=_key(request), service=service, **acting(request))
        return Response(_shown(request, self.get_queryset().get(pk=number)), status=201)

    @extend_schema(request=DismissSerializer, responses=ReportSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """It is not a problem: closes the report with the reason."""
        found = self.get_object()
        reporting.dismiss(found, why=checked(DismissSerializer, request).validated_data["why"], **acting(request))
        return Response(_shown(request, self.get_queryset().get(pk=found.pk)))


def _key(request: Request) -> UUID:
    """The client's own key for this report, or a new one, which makes each request a report."""
    given = request.headers.get(KEY, "").strip()
    return uuid5(NAMESPACE_URL, f"report:{given}") if given else uuid4()


def _shown(request: Request, found: Report) -> dict[str, Any]:
    return dict(ReportSerializer(queries.one(viewer(request), found, may_read=True)).data)


class QualitySignalSerializer(serializers.ModelSerializer[QualitySignal]):
    """The last word of one sort about the quality of a service's answers."""

    service: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = QualitySignal
        fields = ("service", "sort", "state", "source", "problem_key", "at", "received_at")


class QualitySignalViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[QualitySignal]):
    """The last words about quality, by service: of each sort (eval, guardrail, report) the latest alone."""

    queryset = QualitySignal.objects.select_related("service")
    serializer_class = QualitySignalSerializer
    filterset_fields = ("sort", "state", "source")
    ordering = ("service_id", "sort")
    writes_as = Role.EDITOR


ROUTES = [("reports", ReportViewSet, "report"), ("quality-signals", QualitySignalViewSet, "quality-signal")]
