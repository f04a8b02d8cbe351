"""Hand-overs over the API: proposed, accepted, declined, withdrawn."""

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

from ownership import access, handing_over
from ownership.api.assignments import SubjectAndPartySerializer
from ownership.api.fields import PersonByEmail, ServiceBySlug, TeamBySlug, acting, checked, viewer
from ownership.models import Handover
from ownership.queries import handovers
from ownership.vocabulary import HandoverState, Role
from web.filters import FilterSet


class HandoverSerializer(serializers.ModelSerializer[Handover]):
    """A hand-over; `effective_at` is null while it counts from the moment of accepting."""

    service = ServiceBySlug(read_only=True)
    from_person = PersonByEmail(source="from_assignment.person", read_only=True, allow_null=True)
    from_team = TeamBySlug(source="from_assignment.team", read_only=True, allow_null=True)
    from_answering = PersonByEmail(source="from_assignment.answering", read_only=True, allow_null=True)
    person = PersonByEmail(source="to_person", read_only=True, allow_null=True)
    team = TeamBySlug(source="to_team", read_only=True, allow_null=True)
    proposed_by = PersonByEmail(read_only=True)
    decided_by = PersonByEmail(read_only=True, allow_null=True)

    class Meta:
        model = Handover
        fields = (
            "id", "service", "component", "dependency", "from_person", "from_team", "from_answering", "person",
            "team", "effective_at", "note", "state", "proposed_by", "proposed_at", "expires_at", "decided_by",
            "decided_at", "reason",
        )  # fmt: skip

    def to_representation(self, instance: Handover) -> dict[str, Any]:
        """A proposal reads expired as soon as its time is over."""
        return {**super().to_representation(instance), "state": str(instance.state_at(timezone.now()))}


class NewHandoverSerializer(SubjectAndPartySerializer):
    """What is handed over, who is asked, and from when on: from the moment they accept when left out."""

    effective_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)


class AcceptSerializer(serializers.Serializer[Any]):
    """Who of the team that is asked answers from then on; whoever accepts when left out."""

    answering = PersonByEmail(required=False, allow_null=True, default=None)


class DeclineSerializer(serializers.Serializer[Any]):
    """Why not."""

    reason = serializers.CharField(max_length=2000)


class HandoverFilter(FilterSet):
    """?service=, ?component=, ?dependency=, ?state=, ?person= (e-mail) and ?team= that are asked, ?waiting=me"""

    service = django_filters.CharFilter(field_name="service__slug")
    component = django_filters.NumberFilter(field_name="component_id")
    dependency = django_filters.NumberFilter(field_name="dependency_id")
    person = django_filters.CharFilter(field_name="to_person__email", lookup_expr="iexact")
    team = django_filters.CharFilter(field_name="to_team__slug")
    state = django_filters.ChoiceFilter(choices=HandoverState.choices, method="in_state")
    waiting = django_filters.ChoiceFilter(choices=[("me", "me")], method="waiting_for_me")

    class Meta:
        model = Handover
        fields: ClassVar[list[str]] = []

    def in_state(self, queryset: QuerySet[Handover], name: str, value: str) -> QuerySet[Handover]:
        """As it reads: a proposal past its time is expired."""
        return queryset.filter(handovers.reads(value, at=timezone.now()))

    def waiting_for_me(self, queryset: QuerySet[Handover], name: str, value: str) -> QuerySet[Handover]:
        """Open proposals to whoever asks, or to a team of theirs."""
        return queryset.filter(handovers.waits_for(self.request.user, at=timezone.now()))


class HandoverViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Handover]):
    """Hand-overs: list, read, propose, accept, decline, withdraw. Who may is a matter of each one, not of a role."""

    queryset = handovers.whole()
    serializer_class = HandoverSerializer
    filterset_class = HandoverFilter
    ordering = ("-pk",)
    writes_as = Role.VIEWER
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=NewHandoverSerializer, responses={201: HandoverSerializer})
    def create(self, request: Request) -> Response:
        """Ask a party to take over."""
        said = checked(NewHandoverSerializer, request).validated_data
        access.require_may_hand_over(viewer(request), said["subject"])
        facts = {name: said[name] for name in ("subject", "effective_at", "note")}
        made = handing_over.propose(to=said["party"], **facts, **acting(request))
        return _told(made, status=201)

    @extend_schema(request=AcceptSerializer, responses=HandoverSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Say yes: they answer from its time on, and somebody did at every instant before."""
        found = access.decidable_handover(viewer(request), int(pk))
        answering = checked(AcceptSerializer, request).validated_data["answering"]
        return _told(handing_over.accept(found, answering=answering, **acting(request)))

    @extend_schema(request=DeclineSerializer, responses=HandoverSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Say no, and why."""
        found = access.decidable_handover(viewer(request), int(pk))
        reason = checked(DeclineSerializer, request).validated_data["reason"]
        return _told(handing_over.decline(found, reason=reason, **acting(request)))

    @extend_schema(request=None, responses=HandoverSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the proposal back."""
        found = access.withdrawable_handover(viewer(request), int(pk))
        return _told(handing_over.withdraw(found, **acting(request)))


def _told(handover: Handover, *, status: int = 200) -> Response:
    return Response(HandoverSerializer(handovers.whole().get(pk=handover.pk)).data, status=status)
