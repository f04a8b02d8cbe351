"""What imported files say about owners, over the API: read, accepted, ignored."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import importing
from ownership.api.fields import PersonByEmail, ServiceBySlug, TeamBySlug, acting
from ownership.api.negotiating import OneShape
from ownership.models import Claim
from ownership.queries import claims
from ownership.vocabulary import AssignmentRole, ClaimFormat, ClaimState, Role
from web.filters import FilterSet


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    """A claim; `person` or `team` is whom it means here, `unresolved` why it means nobody."""

    service = ServiceBySlug(read_only=True, allow_null=True)
    person = PersonByEmail(read_only=True, allow_null=True)
    team = TeamBySlug(read_only=True, allow_null=True)
    decided_by = PersonByEmail(read_only=True, allow_null=True)

    class Meta:
        model = Claim
        fields = (
            "id", "format", "source", "line", "owner", "role", "subject_kind", "subject_name", "component", "service",
            "person", "team", "unresolved", "state", "decided_by", "decided_at", "first_seen", "last_seen",
            "vanished_at",
        )  # fmt: skip


class ClaimFilter(FilterSet):
    """?show= as the page does (drift, nobody, else, unknown, vanished, accepted, ignored, all), ?state=, ?format=,
    ?role=, ?source= (a file), ?service=, ?component=, ?team=, ?person=, ?unresolved=true, ?vanished=true, ?search="""

    show = django_filters.ChoiceFilter(choices=[(one, one) for one in claims.SHOWN], method="shown")
    state = django_filters.ChoiceFilter(choices=ClaimState.choices)
    format = django_filters.ChoiceFilter(choices=ClaimFormat.choices, field_name="format")
    role = django_filters.ChoiceFilter(choices=AssignmentRole.choices)
    source = django_filters.CharFilter()
    service = django_filters.CharFilter(field_name="service__slug")
    component = django_filters.NumberFilter(field_name="component_id")
    team = django_filters.CharFilter(field_name="team__slug")
    person = django_filters.CharFilter(field_name="person__email", lookup_expr="iexact")
    unresolved = django_filters.BooleanFilter(method="by_party")
    vanished = django_filters.BooleanFilter(field_name="vanished_at", lookup_expr="isnull", exclude=True)
    search = django_filters.CharFilter(method="by_words")

    class Meta:
        model = Claim
        fields: ClassVar[list[str]] = []

    def shown(self, queryset: QuerySet[Claim], name: str, value: str) -> QuerySet[Claim]:
        """The same lists as on the page."""
        return queryset.filter(pk__in=claims.claims_of(claims.Wanted(show=value), at=timezone.now()).values("pk"))

    def by_party(self, queryset: QuerySet[Claim], name: str, value: bool) -> QuerySet[Claim]:
        """Claims that mean nobody here, or somebody."""
        nobody = Q(person=None, team=None)
        return queryset.filter(nobody if value else ~nobody)

    def by_words(self, queryset: QuerySet[Claim], name: str, value: str) -> QuerySet[Claim]:
        """The owner or the subject, as written or as called here."""
        return queryset.filter(claims.said(value))


class ClaimViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Claim]):
    """Claims: list, read, accept, ignore. No claim changes an assignment by itself."""

    queryset = Claim.objects.select_related("service", "person", "team", "decided_by")
    serializer_class = ClaimSerializer
    filterset_class = ClaimFilter
    ordering = claims.KEYS
    writes_as = Role.EDITOR
    content_negotiation_class = OneShape
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=None, responses=ClaimSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def accept(self, request: Request, pk: str) -> Response:
        """The file is right: its party holds the role from now on. 422 when nobody or nothing here is meant."""
        importing.accept(self.get_object(), **acting(request))
        return Response(ClaimSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=ClaimSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def ignore(self, request: Request, pk: str) -> Response:
        """The file is wrong: what was agreed here stays, whatever the file goes on saying."""
        importing.ignore(self.get_object(), **acting(request))
        return Response(ClaimSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=ClaimSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def reconsider(self, request: Request, pk: str) -> Response:
        """Nobody has decided after all; an assignment that accepting made stays."""
        importing.reconsider(self.get_object(), **acting(request))
        return Response(ClaimSerializer(self.get_object()).data)
