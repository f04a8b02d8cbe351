"""Files of timelines over the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import access, attaching, noting
from incidents.response.api.visibly import IncidentByNumber, Visibly
from incidents.response.attaching import Upload
from incidents.response.models import Attachment
from incidents.response.queries import told
from incidents.response.sending import sent_out
from ownership.api.fields import acting, viewer
from ownership.vocabulary import Role
from web.filters import FilterSet
from web.uploads import was_too_large
from web.wording import size


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    """A file of a timeline. `row` is the first version of its row; its bytes are at `…/content/` until removed."""

    added_by: Any = serializers.SlugRelatedField(slug_field="email", read_only=True)

    class Meta:
        model = Attachment
        fields = (
            "id", "incident", "row", "name", "media_type", "size", "digest", "alt", "added_at", "added_by",
            "removed_at", "removed_why",
        )  # fmt: skip
        read_only_fields = fields


class AttachSerializer(serializers.Serializer[Any]):
    """One file, with words of its own or without."""

    incident = IncidentByNumber()
    file = serializers.FileField(allow_empty_file=True)
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=noting.LONGEST)
    alt = serializers.CharField(required=False, allow_blank=True, default="", max_length=attaching.LONGEST_ALT)


class RemoveSerializer(serializers.Serializer[Any]):
    """Why a file is removed for good."""

    why = serializers.CharField(max_length=attaching.LONGEST_WHY)


class AttachmentFilter(FilterSet):
    """?incident="""

    incident = django_filters.NumberFilter(field_name="incident_id")

    class Meta:
        model = Attachment
        fields: ClassVar = ["incident"]


class AttachmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Visibly[Attachment]):
    """The files of timelines (`?incident=` narrows to one incident), but of what was taken back."""

    queryset = Attachment.objects.select_related("added_by")
    serializer_class = AttachmentSerializer
    filterset_class = AttachmentFilter
    ordering = ("pk",)
    writes_as = Role.RESPONDER
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Attachment]:
        """Of incidents that the asker may see, and of rows that still count."""
        return told.not_taken_back(super().get_queryset())

    @extend_schema(request={"multipart/form-data": AttachSerializer}, responses={201: AttachmentSerializer})
    def create(self, request: Request) -> Response:
        """Attach one file to a note of its own: multipart, with `incident` and `file`."""
        asked = AttachSerializer(data=request.data, context=self.get_serializer_context())
        if was_too_large(request._request):  # known once the body was read
            raise attaching.TooLarge(f"A form may have {size(settings.UPLOAD_MAX_BYTES)}.", field="file")
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        came = Upload(said["file"].name or "", said["file"].size or 0, said["file"], said["alt"])
        row = noting.note(said["incident"], text=said["text"], files=[came], **acting(request))
        made = Attachment.objects.select_related("added_by").get(row=row)
        return Response(AttachmentSerializer(made).data, status=201)

    def get_parsers(self) -> list[Any]:
        """A file comes as multipart, everything else as JSON."""
        creating = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser()] if creating else super().get_parsers()

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> HttpResponseBase:
        """The bytes, as they came."""
        row = self.get_object()
        found = access.readable_attachment(viewer(request), row.incident_id, row.pk)
        return sent_out(request._request, found)

    @extend_schema(request=RemoveSerializer, responses=AttachmentSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str) -> Response:
        """Remove a file for good, with `why`: admins."""
        row = self.get_object()
        asked = RemoveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = access.removable_attachment(viewer(request), row.incident_id, row.pk)
        attaching.remove(found, why=asked.validated_data["why"], **acting(request))
        return Response(AttachmentSerializer(self.get_object()).data)
