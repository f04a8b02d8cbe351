"""Actions of all postmortems: list, read, add, change, take out, mark as done."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import access, acting
from incidents.postmortems.api.shapes import ActionSerializer
from incidents.postmortems.models import Action
from incidents.response.api.visibly import Visibly
from ownership.api.fields import acting as actor
from ownership.api.fields import checked
from ownership.vocabulary import Role
from web.filters import FilterSet


class ActionFilter(FilterSet):
    """?postmortem=, ?owner=, ?owner_team=, ?kind=, ?open=, ?due_before="""

    postmortem = django_filters.NumberFilter(field_name="postmortem__incident")
    owner = django_filters.CharFilter(field_name="owner__email", lookup_expr="iexact")
    owner_team = django_filters.CharFilter(field_name="owner_team__slug")
    open = django_filters.BooleanFilter(field_name="done_at", lookup_expr="isnull")
    due_before = django_filters.DateFilter(field_name="due_on", lookup_expr="lt")

    class Meta:
        model = Action
        fields: ClassVar = ["kind"]


class ActionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Visibly[Action]):
    """Actions of all postmortems: list, read, add, change, take out, mark as done."""

    queryset = Action.objects.select_related("postmortem", "owner", "owner_team", "done_by")
    serializer_class = ActionSerializer
    filterset_class = ActionFilter
    ordering = ("-created_at", "-pk")
    writes_as = Role.RESPONDER
    lookup_value_regex = r"\d+"
    through = ("postmortem__incident",)

    @extend_schema(request=ActionSerializer, responses={201: ActionSerializer})
    def create(self, request: Request) -> Response:
        """Add an action to a draft."""
        said = dict(checked(ActionSerializer, request).validated_data)
        number = said.pop("postmortem")["incident_id"]
        draft = access.editable_postmortem(actor(request)["by"], number)
        return Response(ActionSerializer(acting.add(draft, **said, **actor(request))).data, status=201)

    @extend_schema(request=ActionSerializer(partial=True), responses=ActionSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an action of a draft; it stays with its postmortem."""
        standing = self._of_draft(request)
        said = dict(checked(ActionSerializer, request, partial=True).validated_data)
        said.pop("postmortem", None)
        return self._as_it_stands(acting.edit(standing, **said, **actor(request)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take an action out of a draft."""
        acting.remove(self._of_draft(request), **actor(request))
        return Response(status=204)

    @extend_schema(request=None, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """Mark it as done; this goes on after publishing."""
        return self._as_it_stands(acting.mark_done(self.get_object(), **actor(request)))

    @extend_schema(request=None, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def undone(self, request: Request, pk: str) -> Response:
        """Mark it as not done after all."""
        return self._as_it_stands(acting.mark_undone(self.get_object(), **actor(request)))

    def _of_draft(self, request: Request) -> Action:
        standing = self.get_object()
        draft = access.editable_postmortem(actor(request)["by"], standing.postmortem.incident_id)
        return access.editable_action(draft, standing.pk)

    def _as_it_stands(self, one: Action) -> Response:
        return Response(ActionSerializer(self.get_queryset().get(pk=one.pk)).data)
