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

from ownership import assigning
from ownership.api.fields import (
    ComponentField,
    PartySerializer,
    PersonByEmail,
    ServiceBySlug,
    TeamBySlug,
    acting,
    checked,
)
from ownership.models import Assignment, Dependency
from ownership.vocabulary import AssignmentRole, Role


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """An assignment; `known_from` to `superseded_at` is when we believed so."""

    service = ServiceBySlug(read_only=True, allow_null=True)
    person = PersonByEmail(read_only=True, allow_null=True)
    team = TeamBySlug(read_only=True, allow_null=True)
    since = serializers.DateTimeField(source="during.lower", read_only=True, allow_null=True)
    until = serializers.DateTimeField(source="during.upper", read_only=True, allow_null=True)
    made_by = PersonByEmail(read_only=True, allow_null=True)

    class Meta:
        model = Assignment
        fields = (
            "id", "service", "component", "dependency", "role", "person", "team", "since", "until", "known_from",
            "superseded_at", "made_by",
        )  # fmt: skip


class SubjectAndPartySerializer(PartySerializer):
    """One subject and one party."""

    service = ServiceBySlug(required=False, allow_null=True, default=None)
    component = ComponentField(required=False, allow_null=True, default=None)
    dependency = serializers.PrimaryKeyRelatedField(
        queryset=Dependency.objects.all(), required=False, allow_null=True, default=None
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """Exactly one subject, as `subject`."""
        said = super().validate(said)
        subjects = [said[name] for name in ("service", "component", "dependency") if said[name] is not None]
        if len(subjects) != 1:
            raise serializers.ValidationError({"service": "Name one service, component or dependency."})
        return {**said, "subject": subjects[0]}


class NewAssignmentSerializer(SubjectAndPartySerializer):
    """One subject, one party, a role; `since` is now when left out."""

    role = serializers.ChoiceField(choices=AssignmentRole.choices)
    since = serializers.DateTimeField(required=False, allow_null=True, default=None)


class ReplaceSerializer(PartySerializer):
    """Who holds the role instead, from `at` on (now when left out)."""

    at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class EndSerializer(serializers.Serializer[Any]):
    """When it ends; now when left out."""

    at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class CorrectSerializer(PartySerializer):
    """What was true all along."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)


class AssignmentFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """?service=, ?component=, ?dependency=, ?role=, ?person= (e-mail), ?team=, ?at=, ?known_at=, ?known=all"""

    service = django_filters.CharFilter(field_name="service__slug")
    component = django_filters.NumberFilter(field_name="component_id")
    dependency = django_filters.NumberFilter(field_name="dependency_id")
    person = django_filters.CharFilter(field_name="person__email", lookup_expr="iexact")
    team = django_filters.CharFilter(field_name="team__slug")
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

    def as_known_at(self, queryset: QuerySet[Assignment], name: str, value: Any) -> QuerySet[Assignment]:
        """What was known at an instant."""
        return queryset.filter(Q(superseded_at=None) | Q(superseded_at__gt=value), known_from__lte=value)

    def keep_all(self, queryset: QuerySet[Assignment], name: str, value: str) -> QuerySet[Assignment]:
        """Decided above."""
        return queryset


class AssignmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Assignment]):
    """Assignments: list, read, assign, replace, end, correct. Nothing is ever overwritten or deleted."""

    queryset = Assignment.objects.select_related("service", "component", "dependency", "person", "team", "made_by")
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilter
    ordering = ("-pk",)
    writes_as = Role.EDITOR
    lookup_value_regex = r"\d{1,18}"

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
            **acting(request),
        )
        return Response(AssignmentSerializer(made).data, status=201)

    @extend_schema(request=ReplaceSerializer, responses={201: AssignmentSerializer})
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: str) -> Response:
        """Somebody else holds the role from `at` on, without an instant in between."""
        said = checked(ReplaceSerializer, request).validated_data
        at = said["at"] or timezone.now()
        made = assigning.replace(self.get_object(), party=said["party"], at=at, **acting(request))
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
        facts = {name: said[name] for name in ("party", "since", "until")}
        made = assigning.correct(self.get_object(), **facts, **acting(request))
        return Response(AssignmentSerializer(made).data, status=201)
