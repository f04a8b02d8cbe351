"""Assignments over the API: who holds which role, from when to when, as known when."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ownership import access, assigning
from ownership.api.fields import (
    AnsweringSerializer,
    PartySerializer,
    PersonByEmail,
    ServiceBySlug,
    SubjectSerializer,
    TeamBySlug,
    acting,
    checked,
    viewer,
)
from ownership.models import Assignment
from ownership.models.assignments import SUBJECTS
from ownership.vocabulary import AssignmentRole, Role
from web.filters import FilterSet


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """An assignment; `known_from` to `superseded_at` is when we believed so, `answering` who answers for a team."""

    service = ServiceBySlug(read_only=True, allow_null=True)
    person = PersonByEmail(read_only=True, allow_null=True)
    team = TeamBySlug(read_only=True, allow_null=True)
    answering = PersonByEmail(read_only=True, allow_null=True)
    since = serializers.DateTimeField(source="during.lower", read_only=True, allow_null=True)
    until = serializers.DateTimeField(source="during.upper", read_only=True, allow_null=True)
    made_by = PersonByEmail(read_only=True, allow_null=True)

    class Meta:
        model = Assignment
        fields = (
            "id", "service", "component", "dependency", "role", "person", "team", "answering", "since", "until",
            "known_from", "superseded_at", "made_by",
        )  # fmt: skip


class SubjectAndPartySerializer(SubjectSerializer, PartySerializer):
    """One subject and one party."""


class NewAssignmentSerializer(AnsweringSerializer, SubjectAndPartySerializer):
    """One subject, one party, a role; `since` is now when left out."""

    role = serializers.ChoiceField(choices=AssignmentRole.choices)
    since = serializers.DateTimeField(required=False, allow_null=True, default=None)


class ReplaceSerializer(AnsweringSerializer, PartySerializer):
    """Who holds the role instead, from `at` on (now when left out)."""

    at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class EndSerializer(serializers.Serializer[Any]):
    """When it ends; now when left out."""

    at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class NameAnsweringSerializer(serializers.Serializer[Any]):
    """Who of the team answers, from `at` on (now when left out)."""

    answering = PersonByEmail()
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class PastPartySerializer(PartySerializer):
    """One person or one team of the past: those who left can be named."""

    person = PersonByEmail(anybody=True, required=False, allow_null=True, default=None)
    answering = PersonByEmail(anybody=True, required=False, allow_null=True, default=None)


class CorrectSerializer(PastPartySerializer):
    """What was true all along."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)


class AssignmentFilter(FilterSet):
    """?service=, ?component=, ?dependency=, ?subject=service|component|dependency, ?role=, ?person= (e-mail), ?team=,
    ?answering= (e-mail), ?current=true|false, ?at=, ?known_at=, ?known=all
    """

    service = django_filters.CharFilter(field_name="service__slug")
    component = django_filters.NumberFilter(field_name="component_id")
    dependency = django_filters.NumberFilter(field_name="dependency_id")
    person = django_filters.CharFilter(field_name="person__email", lookup_expr="iexact")
    team = django_filters.CharFilter(field_name="team__slug")
    answering = django_filters.CharFilter(field_name="answering__email", lookup_expr="iexact")
    subject = django_filters.ChoiceFilter(choices=[(one, one) for one in SUBJECTS], method="about")
    current = django_filters.BooleanFilter(method="by_current")
    at = django_filters.IsoDateTimeFilter(field_name="during", lookup_expr="contains")
    known_at = django_filters.IsoDateTimeFilter(method="as_known_at")
    known = django_filters.ChoiceFilter(choices=[("now", "now"), ("all", "all")], method="keep_all")

    class Meta:
        model = Assignment
        fields: ClassVar = ["role"]

    def filter_queryset(self, queryset: QuerySet[Assignment]) -> QuerySet[Assignment]:
        """What is known now, unless asked otherwise."""
        asked = self.form.cleaned_data
        if not asked.get("known_at") and asked.get("known") != "all":
            queryset = queryset.filter(superseded_at=None)
        narrowed: QuerySet[Assignment] = super().filter_queryset(queryset)
        return narrowed

    def about(self, queryset: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        """Only services, only components or only dependencies."""
        return queryset.filter(**{f"{value}__isnull": False})

    def by_current(self, queryset: QuerySet[Assignment], name: str, value: bool) -> QuerySet[Assignment]:
        """Held now, or not now."""
        now = Q(during__contains=timezone.now())
        return queryset.filter(now if value else ~now)

    def as_known_at(self, queryset: QuerySet[Assignment], name: str, value: Any) -> QuerySet[Assignment]:
        """What was known at an instant."""
        return queryset.filter(Q(superseded_at=None) | Q(superseded_at__gt=value), known_from__lte=value)

    def keep_all(self, queryset: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        """Decided above."""
        return queryset


class AssignmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Assignment]):
    """Assignments: list, read, assign, replace, end, correct, retract, name who of a team answers.

    Nothing is ever overwritten or deleted.
    """

    queryset = Assignment.objects.select_related(
        "service", "component", "dependency", "person", "team", "answering", "made_by"
    )
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilter
    ordering = ("-pk",)
    lookup_value_regex = r"\d{1,18}"

    @property
    def writes_as(self) -> Role:
        """Editors; who of a team answers is for its members too, whatever their role."""
        return Role.VIEWER if self.action == "name_answering" else Role.EDITOR

    def get_object(self) -> Assignment:
        """By id, superseded or not: filters narrow lists only."""
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    @extend_schema(request=NewAssignmentSerializer, responses={201: AssignmentSerializer})
    def create(self, request: Request) -> Response:
        """Give a party a role."""
        said = checked(NewAssignmentSerializer, request).validated_data
        made = assigning.assign(
            subject=said["subject"],
            role=said["role"],
            party=said["party"],
            since=said["since"] or timezone.now(),
            answering=said["answering"],
            **acting(request),
        )
        return Response(AssignmentSerializer(made).data, status=201)

    @extend_schema(request=ReplaceSerializer, responses={201: AssignmentSerializer})
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: str) -> Response:
        """Somebody else holds the role from `at` on, without an instant in between."""
        said = checked(ReplaceSerializer, request).validated_data
        at = said["at"] or timezone.now()
        facts = {name: said[name] for name in ("party", "answering")}
        made = assigning.replace(self.get_object(), **facts, at=at, **acting(request))
        return Response(AssignmentSerializer(made).data, status=201)

    @extend_schema(request=EndSerializer, responses={201: AssignmentSerializer})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """The party holds the role until `at` and no longer; answers the shortened row."""
        at = checked(EndSerializer, request).validated_data["at"] or timezone.now()
        return Response(
            AssignmentSerializer(assigning.end(self.get_object(), at=at, **acting(request))).data, status=201
        )

    @extend_schema(request=CorrectSerializer, responses={201: AssignmentSerializer})
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """It was otherwise all along; answers given before keep what was known then."""
        said = checked(CorrectSerializer, request).validated_data
        facts = {name: said[name] for name in ("party", "answering", "since", "until")}
        made = assigning.correct(self.get_object(), **facts, **acting(request))
        return Response(AssignmentSerializer(made).data, status=201)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def retract(self, request: Request, pk: str) -> Response:
        """It never was so; answers given before keep what was known then."""
        assigning.retract(self.get_object(), **acting(request))
        return Response(status=204)

    @extend_schema(request=NameAnsweringSerializer, responses={201: AssignmentSerializer})
    @action(detail=True, methods=["post"])
    def name_answering(self, request: Request, pk: str) -> Response:
        """Say who of the team that holds it answers; what held before `at` stays as it was."""
        found = access.nameable_assignment(viewer(request), int(pk))
        said = checked(NameAnsweringSerializer, request).validated_data
        made = assigning.name_answering(found, said["answering"], at=said["at"], **acting(request))
        return Response(AssignmentSerializer(made).data, status=201)
