"""The rounds of an incident's ladder over the API: who was told, when, what is next, what stopped it."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import mixins, serializers, viewsets

from incidents.response import access
from incidents.response.models import Escalation, EscalationStep
from ownership.api.fields import PersonByEmail, viewer


class EscalationStepSerializer(serializers.ModelSerializer[EscalationStep]):
    """A rung: `told` holds the ids of people; none: skipped. 1 accountable, 2 deputy, 3 escalation, 4 admins."""

    told = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = EscalationStep
        fields = ("rung", "told", "at", "why")


class EscalationSerializer(serializers.ModelSerializer[Escalation]):
    """One round; while it climbs, `due_at` says when the next rung is told, unless somebody acknowledges."""

    taken_by = PersonByEmail(read_only=True, allow_null=True)
    steps = EscalationStepSerializer(many=True, read_only=True)

    class Meta:
        model = Escalation
        fields = ("round", "reason", "severity", "due_at", "taken_at", "taken_by", "ended_at", "ended_how", "steps")


class EscalationViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Escalation]):
    """The rounds of one incident, the latest first."""

    queryset = Escalation.objects.none()
    serializer_class = EscalationSerializer
    ordering = ("-round",)

    def get_queryset(self) -> QuerySet[Escalation]:
        """Of an incident that whoever asks may see, or it is not there."""
        if getattr(self, "swagger_fake_view", False):
            return Escalation.objects.none()
        incident = access.readable_incident(viewer(self.request), int(self.kwargs["number"]))
        return Escalation.objects.filter(incident=incident).select_related("taken_by").prefetch_related("steps")
