"""Catalogues in and out over the API."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import exporting, importing
from ownership.api.fields import acting
from ownership.api.negotiating import OneShape
from ownership.importing import uploading
from ownership.vocabulary import Role
from web.uploads import was_too_large

_FILES = {"type": "object", "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}}}
_BYTES = {"type": "string", "format": "binary"}


class RawParser(BaseParser):
    """The body as it came, as far as the limit and one byte."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The bytes."""
        return bytes(stream.read(settings.UPLOAD_MAX_BYTES + 1))


class ImportOptions(serializers.Serializer[Any]):
    """How to import; all of it is optional."""

    dry_run = serializers.BooleanField(default=False, help_text="Show what would come of it and keep nothing.")
    all_or_nothing = serializers.BooleanField(default=False, help_text="One error keeps everything out (422).")
    format = serializers.ChoiceField(
        choices=importing.FORMATS, required=False, help_text="By default the name of each file says it."
    )
    source = serializers.CharField(  # type: ignore[assignment]  # every field has a source, too
        required=False, default="", max_length=200, help_text="The repository or folder; claims are known again by it."
    )
    filename = serializers.CharField(
        required=False, default="catalog-info.yaml", max_length=200, help_text="What a raw body is called."
    )


class ProblemInFileSerializer(serializers.Serializer[Any]):
    """Something wrong at a line of a file, and the cure."""

    file = serializers.CharField()
    line = serializers.IntegerField()
    code = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.CharField(help_text="`error` or `warning`.")


class ImportReportSerializer(serializers.Serializer[Any]):
    """The report that `manage.py import_catalogue --json` prints; docs/catalogue-import.md explains each part."""

    files = serializers.IntegerField()
    entities = serializers.DictField(child=serializers.IntegerField())
    unique = serializers.IntegerField()
    duplicates = serializers.ListField(child=serializers.DictField())
    skipped = serializers.ListField(child=serializers.DictField())
    owners = serializers.IntegerField()
    claims = serializers.IntegerField()
    unresolved = serializers.ListField(child=serializers.DictField())
    without_account = serializers.ListField(child=serializers.DictField())
    problems = ProblemInFileSerializer(many=True)
    created = serializers.DictField(child=serializers.IntegerField())
    added = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    claim_changes = serializers.ListField(child=serializers.DictField())
    claims_again = serializers.IntegerField()
    nothing_to_do = serializers.BooleanField()
    dry_run = serializers.BooleanField()
    refused = serializers.BooleanField()


class CatalogueViewSet(viewsets.ViewSet):
    """The catalogue as a whole: in from files, out as files."""

    writes_as = Role.EDITOR
    content_negotiation_class = OneShape

    @extend_schema(
        parameters=[ImportOptions],
        request={"multipart/form-data": _FILES, "application/octet-stream": _BYTES},
        responses={200: ImportReportSerializer, 422: OpenApiResponse(description="A problem, with the `report`.")},
    )
    @action(detail=False, methods=["post"], url_path="import", parser_classes=[MultiPartParser, RawParser])
    def bring_in(self, request: Request) -> Response:
        """Import files, or one zip or tar.gz: as `file` parts of a form, or one as the raw body. Once for the same."""
        asked = ImportOptions(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        folder, pieces = importing.read(
            _given(request, said["filename"]), source=said["source"], format=said.get("format")
        )
        options = {"dry_run": said["dry_run"], "all_or_nothing": said["all_or_nothing"]}
        report = importing.run_pieces(pieces, folder=folder, **options, **acting(request))
        return Response(report.as_json()) if not report.refused else _refused(report.as_json())

    @extend_schema(
        parameters=[OpenApiParameter("format", str, enum=list(exporting.FORMATS), default="backstage")],
        responses={
            (200, "application/yaml"): OpenApiTypes.STR,
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    @action(detail=False, methods=["get"])
    def export(self, request: Request) -> StreamingHttpResponse:
        """The living catalogue with who answers now, as catalog-info.yaml (`backstage`) or as a table (`csv`)."""
        wanted = request.query_params.get("format", "backstage")
        if wanted not in exporting.FORMATS:
            raise serializers.ValidationError({"format": [f"Write one of {', '.join(exporting.FORMATS)}."]})
        found = exporting.export(wanted, at=timezone.now())
        answer = StreamingHttpResponse(found.pieces, content_type=found.content_type)
        answer["Content-Disposition"] = f'attachment; filename="{found.filename}"'
        return answer


def _given(request: Request, name: str) -> dict[str, bytes]:
    data = request.data  # read now: it fills FILES, or is the raw body
    if was_too_large(request._request):
        raise uploading.too_large()
    if isinstance(data, bytes):
        return {name: data} if data else {}
    return uploading.by_name((str(one.name), one.read()) for one in request.FILES.getlist("file"))


def _refused(report: dict[str, Any]) -> Response:
    count = sum(one["severity"] == "error" for one in report["problems"])
    detail = f"Nothing was imported: {count} errors, and all_or_nothing is set. The report names each."
    problem = {"type": "about:blank", "title": "import refused", "status": 422, "code": "import_refused"}
    body = {**problem, "detail": detail, "report": report}
    return Response(body, status=422, content_type="application/problem+json")
