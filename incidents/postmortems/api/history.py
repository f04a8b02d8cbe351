"""The past of a section: its revisions, and bringing one back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import access, drafting, writing
from incidents.postmortems.api.reviewing import problem
from incidents.postmortems.api.shapes import SectionSerializer
from incidents.postmortems.models import SectionRevision
from incidents.postmortems.queries import revisions
from ownership.api.fields import PersonByEmail, checked, viewer
from ownership.api.fields import acting as actor
from ownership.vocabulary import Role

LARGEST = 2**31 - 1


class RevisionSerializer(serializers.ModelSerializer[SectionRevision]):
    """A text as it was saved; `restores` names the revision whose text it is again."""

    by = PersonByEmail(read_only=True)

    class Meta:
        model = SectionRevision
        fields = ("revision", "text", "restores", "at", "by")
        read_only_fields = fields


class RestoreSerializer(serializers.Serializer[Any]):
    """The revision whose text is saved once more, and the one that it replaces."""

    restores = serializers.IntegerField(min_value=0, max_value=LARGEST)
    revision = serializers.IntegerField(min_value=0, max_value=LARGEST)


class SectionPastViewSet(viewsets.GenericViewSet[SectionRevision]):
    """What a section said before; responders read it, also once it is published."""

    queryset = SectionRevision.objects.none()
    serializer_class = RevisionSerializer
    ordering = ("-revision",)
    writes_as = Role.RESPONDER

    @extend_schema(responses=RevisionSerializer(many=True), operation_id="postmortems_section_history")
    @action(detail=False, methods=["get"])
    def history(self, request: Request, number: str, key: str) -> Response:
        """The revisions of a section, newest first."""
        section = access.section_with_past(viewer(request), int(number), key)
        page = self.paginate_queryset(revisions.of(section))
        return self.get_paginated_response(RevisionSerializer(page, many=True).data)

    @extend_schema(request=RestoreSerializer, responses=SectionSerializer, operation_id="postmortems_section_restore")
    @action(detail=False, methods=["post"])
    def restore(self, request: Request, number: str, key: str) -> Response:
        """Save an earlier text as the newest revision; 409 when `revision` is no longer the newest."""
        draft = access.editable_postmortem(viewer(request), int(number))
        section = access.editable_section(draft, key)
        said = checked(RestoreSerializer, request).validated_data
        try:
            saved = writing.restore(section, revision=said["restores"], on_revision=said["revision"], **actor(request))
        except drafting.StaleRevision as error:
            return problem(error, mine=error.mine, theirs=SectionSerializer(error.theirs).data)
        return Response(SectionSerializer(saved).data)
