"""Who answered at an instant, over the API: the same answer for services, components and dependencies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from ownership.models import Service
from ownership.models.assignments import Subject, column_of
from ownership.queries import owners
from ownership.queries.owners import Answering
from ownership.vocabulary import AssignmentRole

AT = OpenApiParameter("at", OpenApiTypes.DATETIME, description="The instant asked about; now when left out.")
F = TypeVar("F", bound=Callable[..., Any])
KNOWN_AT = OpenApiParameter("known_at", OpenApiTypes.DATETIME, description="As known then; now when left out.")


class OneOfTeamSerializer(serializers.Serializer[Any]):
    """The one person who answers for a team."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class HoldingSerializer(serializers.Serializer[Any]):
    """A party and since when it holds its role."""

    kind = serializers.ChoiceField(choices=["person", "team"])
    id = serializers.IntegerField()
    name = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    answering = OneOfTeamSerializer(
        allow_null=True,
        help_text="Who answers for a team; null for a person, or when the team names nobody who is here.",
    )
    answering_left = OneOfTeamSerializer(
        allow_null=True, help_text="Whom the team names although they are no longer here; do not call them."
    )


class OwnerQuerySerializer(serializers.Serializer[Any]):
    """The instant asked about, and as known when; both now when left out."""

    at = serializers.DateTimeField(required=False, default=None)
    known_at = serializers.DateTimeField(required=False, default=None)


class AnswerSerializer(serializers.Serializer[Any]):
    """Who answers. `asked` is whom to ask: who is accountable, else the deputy, else who is next to call."""

    accountable = HoldingSerializer(allow_null=True)
    deputies = HoldingSerializer(many=True)
    escalation = HoldingSerializer(many=True)
    custodians = HoldingSerializer(many=True)
    asked = HoldingSerializer(allow_null=True)
    asked_as = serializers.ChoiceField(choices=AssignmentRole.choices, allow_null=True)
    words = serializers.CharField(help_text="The same in one sentence.")


class OwnerSerializer(AnswerSerializer):
    """Who answered at an instant, as known at an instant (null: as known now)."""

    at = serializers.DateTimeField()
    known_at = serializers.DateTimeField(allow_null=True)


class ServiceOwnerSerializer(OwnerSerializer):
    """Who answered for a service at an instant, as known at an instant (null: as known now)."""

    service = serializers.SlugField()


class ComponentOwnerSerializer(OwnerSerializer):
    """Who answered for a component by itself at an instant, as known at an instant (null: as known now)."""

    component = serializers.IntegerField()


class DependencyOwnerSerializer(OwnerSerializer):
    """Who answered for a seam at an instant, as known at an instant (null: as known now)."""

    dependency = serializers.IntegerField()


def owners_at(answer: type[OwnerSerializer]) -> Callable[[F], F]:
    """The schema of an address that tells who answered."""
    return extend_schema(responses=answer, parameters=[AT, KNOWN_AT])


def owner_of(subject: Subject, request: Request) -> dict[str, Any]:
    """What one of the serializers above shows of a subject at the instant that the query asks about; one query."""
    asked = OwnerQuerySerializer(data=request.query_params)
    asked.is_valid(raise_exception=True)
    at, known_at = asked.validated_data["at"] or timezone.now(), asked.validated_data["known_at"]
    kind = column_of(subject)
    answering = owners.of_subjects(kind, [subject.pk], at=at, known_at=known_at)[subject.pk]
    key = subject.slug if isinstance(subject, Service) else subject.pk
    return {kind: key, "at": at, "known_at": known_at, **told(answering)}


def told(answering: Answering) -> dict[str, Any]:
    """What `AnswerSerializer` shows."""
    return {
        "accountable": answering.accountable.as_known() if answering.accountable else None,
        "deputies": [holding.as_known() for holding in answering.deputies],
        "escalation": [holding.as_known() for holding in answering.escalation],
        "custodians": [holding.as_known() for holding in answering.custodians],
        "asked": answering.asked.as_known() if answering.asked else None,
        "asked_as": answering.asked_as,
        "words": answering.words,
    }
