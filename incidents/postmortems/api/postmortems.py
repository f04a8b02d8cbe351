"""Postmortems: list, read, start, write sections, review findings, publish."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import access, acting, drafting, laying_out, reviewing
from incidents.postmortems.api.earlier import Earlier
from incidents.postmortems.api.layers import LayerActs
from incidents.postmortems.api.reviewing import ReviewActs, problem
from incidents.postmortems.api.shapes import (
    FollowSerializer,
    NewFindingSerializer,
    PostmortemSerializer,
    ReasonSerializer,
    ReviewedSerializer,
    SaveSerializer,
    SectionSerializer,
    StartSerializer,
    WholeSerializer,
)
from incidents.postmortems.models import IN_STATE, Postmortem
from incidents.response.access import workable_incident
from incidents.response.api.findings import FindingSerializer, require_seen
from incidents.response.api.visibly import Visibly
from incidents.response.findings import FindingChanged
from incidents.response.models import Finding
from ownership.api.fields import acting as actor
from ownership.api.fields import checked
from web.filters import FilterSet

WITH_LINE = r"findings/(?P<line>[0-9a-f-]{36})"


class PostmortemFilter(FilterSet):
    """?state=draft|in_review|published|closed, ?service=, ?author="""

    state = django_filters.ChoiceFilter(choices=[(state, state) for state in IN_STATE], method="by_state")
    service = django_filters.CharFilter(field_name="incident__service__slug")
    author = django_filters.CharFilter(field_name="author__email", lookup_expr="iexact")

    class Meta:
        model = Postmortem
        fields: ClassVar[list[str]] = []

    def by_state(self, queryset: QuerySet[Postmortem], name: str, value: str) -> QuerySet[Postmortem]:
        """Those in one state."""
        return queryset.filter(IN_STATE[value])


class PostmortemViewSet(LayerActs, mixins.ListModelMixin, Earlier, ReviewActs, Visibly[Postmortem]):
    """Postmortems: list, read, start, write sections, tag layers, review findings, publish."""

    queryset = Postmortem.objects.select_related("template", "author", "facilitator", "published_by")
    serializer_class = PostmortemSerializer
    filterset_class = PostmortemFilter
    ordering = ("-started_at", "-pk")
    lookup_url_kwarg = "number"
    lookup_field = "incident"
    lookup_value_regex = r"\d+"

    @extend_schema(responses=WholeSerializer)
    def retrieve(self, request: Request, number: str) -> Response:
        """One postmortem, by the number of its incident."""
        return self._whole(request, int(number))

    @extend_schema(request=StartSerializer, responses={201: WholeSerializer})
    def create(self, request: Request) -> Response:
        """Start the postmortem of an incident, prefilled; asking twice gives the same one."""
        asked = checked(StartSerializer, request)
        incident = workable_incident(actor(request)["by"], asked.validated_data["number"])
        code = asked.validated_data["template"]
        template = access.offered_template(code) if code else None
        drafting.start(incident, template=template, **actor(request))
        return self._whole(request, incident.pk, status=201)

    @extend_schema(request=FollowSerializer, responses=WholeSerializer)
    @action(detail=True, methods=["put"])
    def template(self, request: Request, number: str) -> Response:
        """Let a draft follow the newest version of another template; no text is lost."""
        draft = self._draft(request, number)
        chosen = access.offered_template(checked(FollowSerializer, request).validated_data["template"])
        laying_out.change(draft, chosen, **actor(request))
        return self._whole(request, int(number))

    @extend_schema(request=SaveSerializer, responses=SectionSerializer)
    @action(detail=True, methods=["patch"], url_path=r"sections/(?P<key>[\w-]+)")
    def sections(self, request: Request, number: str, key: str) -> Response:
        """Save a section; 409 with both texts (`mine`, `theirs`) when its revision has moved on."""
        section = access.editable_section(self._draft(request, number), key)
        said = checked(SaveSerializer, request).validated_data
        try:
            saved = drafting.save_section(section, text=said["text"], on_revision=said["revision"], **actor(request))
        except drafting.StaleRevision as error:
            return problem(error, mine=error.mine, theirs=SectionSerializer(error.theirs).data)
        return Response(SectionSerializer(saved).data)

    @extend_schema(request=NewFindingSerializer, responses={201: FindingSerializer})
    @action(detail=True, methods=["post"])
    def findings(self, request: Request, number: str) -> Response:
        """Add a reviewed finding."""
        draft = self._draft(request, number)
        said = checked(NewFindingSerializer, request).validated_data
        require_seen(actor(request)["by"], draft.incident_id, said.get("links", ()))
        return self._finding(request, reviewing.add(draft, **said, **actor(request)), status=201)

    @extend_schema(request=ReviewedSerializer, responses=FindingSerializer, operation_id="postmortems_finding_review")
    @action(detail=True, methods=["patch"], url_path=WITH_LINE)
    def finding(self, request: Request, number: str, line: str) -> Response:
        """Correct a finding and so review it; an empty body confirms it as it is.

        409 `finding_changed` with what stands now (`theirs`) when that is not the version that `seen` names.
        """
        draft = self._draft(request, number)
        standing = access.editable_finding(draft, UUID(line))
        said = checked(ReviewedSerializer, request).validated_data
        require_seen(actor(request)["by"], draft.incident_id, said.get("links", ()))
        seen = said.pop("seen", standing.pk)
        try:
            revised = reviewing.revise(draft, standing, seen=seen, **said, **actor(request))
        except FindingChanged as error:
            theirs = self._finding(request, access.editable_finding(draft, UUID(line)))
            return problem(error, theirs=theirs.data)
        return self._finding(request, revised)

    def _finding(self, request: Request, found: Finding, *, status: int = 200) -> Response:
        return Response(FindingSerializer(found, context={"viewer": actor(request)["by"]}).data, status=status)

    @extend_schema(request=None, responses={204: None}, operation_id="postmortems_finding_withdraw")
    @finding.mapping.delete
    def withdraw(self, request: Request, number: str, line: str) -> Response:
        """Take a finding back."""
        draft = self._draft(request, number)
        reviewing.withdraw(draft, access.editable_finding(draft, UUID(line)), **actor(request))
        return Response(status=204)

    @extend_schema(request=ReasonSerializer, responses=ReasonSerializer, operation_id="postmortems_no_action")
    @action(detail=True, methods=["put"], url_path=f"{WITH_LINE}/no-action")
    def no_action(self, request: Request, number: str, line: str) -> Response:
        """Record why a finding gets no action."""
        draft = self._draft(request, number)
        said = checked(ReasonSerializer, request).validated_data
        given = acting.give_reason(draft, finding_line=UUID(line), **said, **actor(request))
        return Response({"reason": given.reason})

    @extend_schema(request=ReasonSerializer, responses=WholeSerializer)
    @action(detail=True, methods=["put"], url_path="start-unknown")
    def start_unknown(self, request: Request, number: str) -> Response:
        """Say why the start of the impact cannot be established."""
        said = checked(ReasonSerializer, request).validated_data
        drafting.say_start_unknown(self._draft(request, number), **said, **actor(request))
        return self._whole(request, int(number))
