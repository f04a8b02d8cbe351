"""Who takes part in an incident, and what it has to do with others, over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.response import access, linking, participating
from incidents.response.api.visibly import IncidentByNumber
from incidents.response.models import IncidentLink, Participation
from incidents.response.queries import links
from incidents.response.queries import people as queries
from incidents.response.vocabulary import IncidentRole, LinkKind
from ownership.api.fields import PersonByEmail, acting, checked, viewer
from ownership.vocabulary import Role


class ParticipationSerializer(serializers.ModelSerializer[Participation]):
    """A person's part in an incident, from when to when."""

    person = PersonByEmail(read_only=True)
    by = PersonByEmail(read_only=True)
    ended_by = PersonByEmail(read_only=True, allow_null=True)

    class Meta:
        model = Participation
        fields = ("id", "person", "role", "since", "by", "ended_at", "ended_by")


class PartSerializer(serializers.Serializer[Any]):
    """Who does what from now on; a role without a person is free. Left out, the person takes part."""

    person = PersonByEmail(required=False, allow_null=True, default=None)
    role = serializers.ChoiceField(choices=IncidentRole.choices, default=IncidentRole.PARTICIPANT)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """A participant is somebody."""
        if said["role"] == IncidentRole.PARTICIPANT and said["person"] is None:
            raise serializers.ValidationError({"person": "Name who takes part."})
        return said


class _OfIncident(viewsets.GenericViewSet[Any]):
    """Rows of one incident, which whoever asks may see, or it is not there."""

    writes_as = Role.RESPONDER
    ordering = ("-pk",)

    @property
    def number(self) -> int:
        """The incident's."""
        return int(self.kwargs["number"])


class PeopleViewSet(mixins.ListModelMixin, _OfIncident):
    """Who takes part in an incident and who did, the latest first; bring in, give a role, take out."""

    queryset = Participation.objects.none()
    serializer_class = ParticipationSerializer
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Participation]:
        """Of one incident."""
        if getattr(self, "swagger_fake_view", False):
            return Participation.objects.none()
        return queries.story(access.readable_incident(viewer(self.request), self.number))

    @extend_schema(request=PartSerializer, responses={201: ParticipationSerializer(many=True)})
    def create(self, request: Request, number: str) -> Response:
        """Bring somebody in, or give a role; answers who does what now."""
        incident = access.workable_incident(viewer(request), int(number))
        said = checked(PartSerializer, request).validated_data
        if said["role"] == IncidentRole.PARTICIPANT:
            participating.bring_in(incident, said["person"], **acting(request))
        else:
            participating.give_role(incident, said["role"], to=said["person"], **acting(request))
        rows = queries.current(incident).order_by("-pk")
        return Response(ParticipationSerializer(rows, many=True).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, number: str, pk: str) -> Response:
        """End all that somebody does in it, by any of their rows; one's own to leave."""
        found = get_object_or_404(self.get_queryset().filter(ended_at=None), pk=pk)
        incident = access.incident_to_take_out_of(viewer(request), int(number), found.person)
        participating.take_out(incident, found.person, **acting(request))
        return Response(status=204)


class IncidentLinkSerializer(serializers.ModelSerializer[IncidentLink]):
    """`one` relates to, was caused by, duplicates or was split from `other`."""

    by = PersonByEmail(read_only=True)

    class Meta:
        model = IncidentLink
        fields = ("id", "one", "kind", "other", "at", "by")


class NewLinkSerializer(serializers.Serializer[Any]):
    """What the incident has to do with `other`."""

    kind = serializers.ChoiceField(choices=LinkKind.choices)
    other = IncidentByNumber()


class LinkViewSet(mixins.ListModelMixin, _OfIncident):
    """The links of an incident with others that whoever asks may see, the latest first; add one, take one away."""

    queryset = IncidentLink.objects.none()
    serializer_class = IncidentLinkSerializer
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[IncidentLink]:
        """Of one incident."""
        if getattr(self, "swagger_fake_view", False):
            return IncidentLink.objects.none()
        asks = viewer(self.request)
        return links.of(access.readable_incident(asks, self.number), asks)

    @extend_schema(request=NewLinkSerializer, responses={201: IncidentLinkSerializer})
    def create(self, request: Request, number: str) -> Response:
        """Link it with another."""
        incident = access.workable_incident(viewer(request), int(number))
        said = checked(NewLinkSerializer, request, context={"request": request}).validated_data
        return Response(IncidentLinkSerializer(linking.link(incident, **said, **acting(request))).data, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, number: str, pk: str) -> Response:
        """Take a link away."""
        linking.unlink(access.removable_link(viewer(request), int(number), int(pk)), **acting(request))
        return Response(status=204)
