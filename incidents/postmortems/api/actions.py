"""Actions of all postmortems: list, read, add, change, take out, and their steps."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.postmortems import access, acting, settling
from incidents.postmortems.api.action_shapes import (
    ActionEventSerializer,
    ActionSerializer,
    SnoozeSerializer,
    TicketSerializer,
    VerifySerializer,
)
from incidents.postmortems.api.shapes import ReasonSerializer
from incidents.postmortems.models import Action, Priority
from incidents.postmortems.models.actions import OPEN
from incidents.postmortems.queries import histories, workboard
from incidents.response.api.visibly import Visibly
from incidents.response.vocabulary import Layer
from ownership.api.fields import acting as actor
from ownership.api.fields import checked, viewer
from ownership.vocabulary import Role
from web.errors import Invalid
from web.filters import FilterSet

STATES = list(workboard.CLOSED_LISTS["state"].items())


class ActionFilter(FilterSet):
    """?postmortem=, ?pattern_review=, ?owner=, ?owner_team=, ?service=, ?state=, ?kind=, ?layer=, ?priority=, ?open=,
    ?due_before="""

    postmortem = django_filters.NumberFilter(field_name="postmortem__incident")
    pattern_review = django_filters.NumberFilter(field_name="pattern_review")
    owner = django_filters.CharFilter(field_name="owner__email", lookup_expr="iexact")
    owner_team = django_filters.CharFilter(field_name="owner_team__slug")
    service = django_filters.CharFilter(field_name="postmortem__incident__service__slug")
    state = django_filters.ChoiceFilter(choices=STATES, method="in_state")
    layer = django_filters.ChoiceFilter(choices=Layer.choices, method="of_layer")
    open = django_filters.BooleanFilter(method="is_open", help_text="Neither done nor declined.")
    due_before = django_filters.DateFilter(field_name="due_on", lookup_expr="lt")

    class Meta:
        model = Action
        fields: ClassVar = ["kind", "priority"]

    def in_state(self, rows: QuerySet[Action], name: str, value: str) -> QuerySet[Action]:
        """Those in one of the states of the board."""
        today = timezone.localdate()
        return rows.filter(workboard.in_state(viewer(self.request), value, today=today, now=timezone.now()))

    def of_layer(self, rows: QuerySet[Action], name: str, value: str) -> QuerySet[Action]:
        """Those that answer a finding of this layer."""
        return rows.filter(workboard.of_layer(value))

    def is_open(self, rows: QuerySet[Action], name: str, value: bool) -> QuerySet[Action]:
        """Those that are open, or those that are not."""
        return rows.filter(OPEN if value else ~OPEN)


class ActionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Visibly[Action]):
    """Actions of all postmortems: list, read, add, change, take out, and every step that they go."""

    queryset = Action.objects.select_related(
        "postmortem", "pattern_review", "owner", "owner_team", "done_by", "verified_by", "verification__by",
        "declined_by", "ticket_checked_by",
    )  # fmt: skip
    serializer_class = ActionSerializer
    filterset_class = ActionFilter
    ordering = ("-created_at", "-pk")
    writes_as = Role.RESPONDER
    lookup_value_regex = r"\d+"
    through = ("postmortem__incident",)
    may_be_without = True  # what a review of the patterns decided

    @extend_schema(request=ActionSerializer, responses={201: ActionSerializer})
    def create(self, request: Request) -> Response:
        """Add an action to a draft; without `due_on` it is due when its priority promises."""
        said = dict(checked(ActionSerializer, request).validated_data)
        number = said.pop("postmortem")["incident_id"]
        if number is None:
            raise Invalid("Give the number of the incident whose postmortem it is.", field="postmortem")
        draft = access.editable_postmortem(actor(request)["by"], number)
        if "due_on" not in said:
            said["due_on"] = acting.promised(said.get("priority", Priority.NORMAL), on=timezone.localdate())
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

    @extend_schema(responses=ActionEventSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def events(self, request: Request, pk: str) -> Response:
        """What happened to it, oldest first."""
        (told,) = histories.of([self.get_object()], viewer(request), today=timezone.localdate())
        return Response(ActionEventSerializer(told.events, many=True).data)

    @extend_schema(request=None, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """Mark it as done; somebody else verifies it. This goes on after publishing."""
        return self._as_it_stands(settling.mark_done(self.get_object(), **actor(request)))

    @extend_schema(request=None, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def undone(self, request: Request, pk: str) -> Response:
        """Mark it as not done after all."""
        return self._as_it_stands(settling.mark_undone(self.get_object(), **actor(request)))

    @extend_schema(request=None, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, pk: str) -> Response:
        """End its snooze."""
        return self._as_it_stands(settling.wake(self.get_object(), **actor(request)))

    @extend_schema(request=VerifySerializer, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """Say that it holds, with evidence; not its doer or owner: 403 `verified_by_another`."""
        said = checked(VerifySerializer, request).validated_data
        return self._as_it_stands(settling.verify(self.get_object(), **said, **actor(request)))

    @extend_schema(request=ReasonSerializer, responses=ActionSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: str) -> Response:
        """Say why it does not hold yet; not its doer or owner."""
        said = checked(ReasonSerializer, request).validated_data
        return self._as_it_stands(settling.send_back(self.get_object(), **said, **actor(request)))

    @extend_schema(request=ReasonSerializer, responses=ActionSerializer)
    @action(detail=True, methods=["post"], url_path="wont-do")
    def wont_do(self, request: Request, pk: str) -> Response:
        """Say why it will not be done."""
        said = checked(ReasonSerializer, request).validated_data
        return self._as_it_stands(settling.decline(self.get_object(), **said, **actor(request)))

    @extend_schema(request=ReasonSerializer, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Open again what was verified or declined."""
        said = checked(ReasonSerializer, request).validated_data
        return self._as_it_stands(settling.reopen(self.get_object(), **said, **actor(request)))

    @extend_schema(request=SnoozeSerializer, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Nothing is said of it before that day; its due date stays."""
        said = checked(SnoozeSerializer, request).validated_data
        return self._as_it_stands(settling.snooze(self.get_object(), **said, **actor(request)))

    @extend_schema(request=TicketSerializer, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def ticket(self, request: Request, pk: str) -> Response:
        """Say where the work is tracked and how far it is there; the address is never fetched."""
        said = checked(TicketSerializer, request).validated_data
        return self._as_it_stands(settling.note_ticket(self.get_object(), **said, **actor(request)))

    def _of_draft(self, request: Request) -> Action:
        standing = self.get_object()
        if standing.postmortem is None:
            raise acting.DecidedInReview
        draft = access.editable_postmortem(actor(request)["by"], standing.postmortem.incident_id)
        return access.editable_action(draft, standing.pk)

    def _as_it_stands(self, one: Action) -> Response:
        return Response(ActionSerializer(self.get_queryset().get(pk=one.pk)).data)
