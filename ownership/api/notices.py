"""What one was told, over the API, and the word of owners: confirmed, and what wants confirming."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import access, confirming, notifying
from ownership.api.fields import PersonByEmail, ServiceBySlug, TeamBySlug, acting, checked, viewer
from ownership.models import Assignment, Confirmation, Notice
from ownership.queries import confirmations, notices
from ownership.vocabulary import NoticeKind, Role
from web.filters import FilterSet


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """One thing that was said; `path` is the page here that it is about."""

    class Meta:
        model = Notice
        fields = ("id", "kind", "text", "path", "made_at", "seen_at", "sent_at")


class MarkedSerializer(serializers.Serializer[Any]):
    """How many were new."""

    marked = serializers.IntegerField()


class NoticeFilter(FilterSet):
    """?kind=, ?seen=true|false"""

    kind = django_filters.ChoiceFilter(choices=NoticeKind.choices)
    seen = django_filters.BooleanFilter(field_name="seen_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Notice
        fields: ClassVar[list[str]] = []


class NoticeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Notice]):
    """What whoever asks was told: list, read, mark all as seen. Nobody reads another's."""

    queryset = Notice.objects.none()
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter
    ordering = ("-pk",)
    writes_as = Role.VIEWER
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Notice]:
        """One's own."""
        return notices.of(viewer(self.request))

    @extend_schema(request=None, responses=MarkedSerializer)
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None)
    def seen(self, request: Request) -> Response:
        """Mark all as seen."""
        marked = notifying.mark_seen(viewer(request), now=timezone.now())
        return Response(MarkedSerializer({"marked": marked}).data)


class ConfirmationSerializer(serializers.ModelSerializer[Confirmation]):
    """An owner said again that it is theirs."""

    by = PersonByEmail(read_only=True)

    class Meta:
        model = Confirmation
        fields = ("id", "assignment", "by", "at")


class NewConfirmationSerializer(serializers.Serializer[Any]):
    """Which assignment is still one's own, by id."""

    assignment = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class DueSerializer(serializers.ModelSerializer[Assignment]):
    """An accountable assignment to confirm; `confirmed_at` and `due_at` are null when nobody ever did."""

    assignment = serializers.IntegerField(source="pk", read_only=True)
    service = ServiceBySlug(read_only=True, allow_null=True)
    person = PersonByEmail(read_only=True, allow_null=True)
    team = TeamBySlug(read_only=True, allow_null=True)
    confirmed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    due_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Assignment
        fields = ("assignment", "service", "component", "dependency", "person", "team", "confirmed_at", "due_at")


class ConfirmationFilter(FilterSet):
    """?assignment= (id), ?by= (e-mail)"""

    assignment = django_filters.NumberFilter(field_name="assignment_id")
    by = django_filters.CharFilter(field_name="by__email", lookup_expr="iexact")

    class Meta:
        model = Confirmation
        fields: ClassVar[list[str]] = []


class ConfirmationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Confirmation]):
    """Confirmations: list, read, confirm what is one's own, and what is stale or due soon."""

    queryset = Confirmation.objects.select_related("by")
    serializer_class = ConfirmationSerializer
    filterset_class = ConfirmationFilter
    ordering: tuple[str, ...] = ("-pk",)
    writes_as = Role.VIEWER
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=NewConfirmationSerializer, responses={201: ConfirmationSerializer})
    def create(self, request: Request) -> Response:
        """Still mine, or my team's."""
        number = checked(NewConfirmationSerializer, request).validated_data["assignment"]
        found = access.confirmable_assignment(viewer(request), number)
        return Response(ConfirmationSerializer(confirming.confirm(found, **acting(request))).data, status=201)

    @extend_schema(responses=DueSerializer(many=True))
    @action(detail=False, methods=["get"], filterset_class=None)
    def due(self, request: Request) -> Response:
        """What is not confirmed, overdue, or due soon."""
        self.ordering = confirmations.ORDER
        now = timezone.now()
        rows: Any = confirmations.waiting(now).select_related("service", "person", "team")
        shown: Any = self.paginate_queryset(rows)
        standings = confirmations.standing_of([row.pk for row in shown], now)
        for row in shown:
            row.confirmed_at, row.due_at = standings[row.pk].confirmed_at, standings[row.pk].due_at
        return self.get_paginated_response(DueSerializer(shown, many=True).data)
