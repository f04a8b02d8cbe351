"""From an alias, a component or a service to whoever answers, with the reason at each step."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from ownership.api.owners import AT, AnswerSerializer, HoldingSerializer, told
from ownership.models import Component
from ownership.queries import tracing
from ownership.queries.tracing import Trace
from ownership.vocabulary import AssignmentRole, ComponentKind, Role, Tier

BY = ("alias", "component", "service")


class ResolveQuerySerializer(serializers.Serializer[Any]):
    """One thing to start from, and the instant asked about (now when left out)."""

    alias = serializers.CharField(required=False, max_length=300)
    component = serializers.CharField(required=False, max_length=120)
    service = serializers.CharField(required=False, max_length=130)
    at = serializers.DateTimeField(required=False, default=None)

    def validate_alias(self, said: str) -> str:
        """`system=key`."""
        system, _, key = said.partition("=")
        if not system or not key:
            raise serializers.ValidationError("Give the label and its value, as job=retriever.")
        return said

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the three."""
        if len([name for name in BY if name in said]) != 1:
            raise serializers.ValidationError({"alias": "Give one of alias, component and service."})
        return said


class LooksAfterSerializer(serializers.Serializer[Any]):
    """The team that looks after a component."""

    id = serializers.IntegerField()
    slug = serializers.SlugField()
    name = serializers.CharField()


class ResolvedComponentSerializer(serializers.Serializer[Any]):
    """The component that was found."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ComponentKind.choices)
    looked_after_by = LooksAfterSerializer(
        allow_null=True, help_text="The team named on the component's page, as of now; null when none is here."
    )


class ResolvedServiceSerializer(AnswerSerializer):
    """A service on the way, why it is, and who answers for it."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    tier = serializers.ChoiceField(choices=Tier.choices)
    why = serializers.CharField()


class ResolvedSerializer(serializers.Serializer[Any]):
    """The way from what was asked to whoever answers; `owner` is null when nobody does and nobody stands in."""

    at = serializers.DateTimeField()
    component = ResolvedComponentSerializer(allow_null=True)
    services = ResolvedServiceSerializer(many=True)
    component_owner = AnswerSerializer(allow_null=True)
    owner = HoldingSerializer(allow_null=True)
    owner_as = serializers.ChoiceField(choices=AssignmentRole.choices, allow_null=True)
    why = serializers.ListField(child=serializers.CharField())


class ResolveViewSet(viewsets.ViewSet):
    """Who answers for what an alert names."""

    writes_as = Role.EDITOR

    @extend_schema(
        operation_id="resolve",
        responses=ResolvedSerializer,
        parameters=[
            OpenApiParameter(
                "alias", OpenApiTypes.STR, description="A label of alerts and its value: `job=retriever`."
            ),
            OpenApiParameter("component", OpenApiTypes.STR, description="A component's id or name."),
            OpenApiParameter("service", OpenApiTypes.STR, description="A service's slug or name."),
            AT,
        ],
    )
    def list(self, request: Request) -> Response:
        """Component → services → owner, the reason in words at each step; give one of alias, component, service."""
        asked = ResolveQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        at = asked.validated_data["at"] or timezone.now()
        by = next(name for name in BY if name in asked.validated_data)
        trace = _TRACES[by](asked.validated_data[by], at)
        return Response(ResolvedSerializer({"at": at, **_shown(trace)}).data)


def _by_alias(said: str, at: Any) -> Trace:
    system, _, key = said.partition("=")
    found = tracing.component_by_alias(system, key)
    if found is None:
        raise exceptions.NotFound(f"No living component has the alias {said}.")
    return tracing.from_component(found, at=at, because=f"alias {said} means {found}")


def _by_component(said: str, at: Any) -> Trace:
    found = tracing.component_named(said)
    if found is None:
        raise exceptions.NotFound(f"No component has the id or name {said}.")
    return tracing.from_component(found, at=at, because=f"component {said} is {found}")


def _by_service(said: str, at: Any) -> Trace:
    found = tracing.service_named(said)
    if found is None:
        raise exceptions.NotFound(f"No living service has the slug or name {said}.")
    return tracing.from_service(found, at=at, because=f"service {said} is {found}")


_TRACES = {"alias": _by_alias, "component": _by_component, "service": _by_service}


def _component(found: Component) -> dict[str, Any]:
    team = found.custodian if found.custodian and found.custodian.dissolved_at is None else None
    return {
        "id": found.pk,
        "name": found.name,
        "kind": found.kind,
        "looked_after_by": team and {"id": team.pk, "slug": team.slug, "name": team.name},
    }


def _shown(trace: Trace) -> dict[str, Any]:
    component = trace.component
    return {
        "component": _component(component) if component else None,
        "services": [
            {
                "slug": one.service.slug,
                "name": one.service.name,
                "tier": one.service.tier,
                "why": one.why,
                **told(one.answering),
            }
            for one in trace.services
        ],
        "component_owner": told(trace.own) if component else None,
        "owner": trace.owner.as_known() if trace.owner else None,
        "owner_as": trace.answering.asked_as,
        "why": trace.why,
    }
