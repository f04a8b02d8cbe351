"""What goes in and out of the API of incidents."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from incidents.response.impacts import Impact
from incidents.response.models import FailureMode, Incident
from incidents.response.vocabulary import BLAMES, DetectedBy, IncidentType, Layer, Precision, Severity
from ownership.api.fields import ServiceBySlug


class ImpactSerializer(serializers.Serializer[Any]):
    """When the impact began, as exactly as it is known."""

    impact_precision = serializers.ChoiceField(choices=Precision.choices, default=Precision.UNKNOWN)
    impact_from = serializers.DateTimeField(required=False, allow_null=True, default=None)
    impact_until = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def began(self) -> Impact:
        """As the acts take it."""
        data = self.validated_data
        return Impact(data["impact_precision"], data["impact_from"], data["impact_until"])


class DeclareSerializer(ImpactSerializer):
    """What declaring takes; only the title is needed."""

    title = serializers.CharField(max_length=300)
    service = ServiceBySlug(required=False, allow_null=True, default=None)
    type = serializers.ChoiceField(choices=IncidentType.choices, allow_blank=True, default="")
    severity = serializers.ChoiceField(choices=Severity.choices, default=Severity.PENDING)
    impact = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)
    detected_by = serializers.ChoiceField(choices=DetectedBy.choices, allow_blank=True, default="")
    detected_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    first_blame = serializers.ChoiceField(choices=BLAMES, allow_blank=True, default="")
    private = serializers.BooleanField(default=False)


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """An incident as it stands."""

    number = serializers.IntegerField(source="pk", read_only=True)
    ref = serializers.CharField(read_only=True)
    state = serializers.CharField(read_only=True)
    service: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    component: Any = serializers.SlugRelatedField(slug_field="name", read_only=True, allow_null=True)
    ball: Any = serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
    merged_into = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = (
            "number", "ref", "title", "state", "service", "component", "type", "severity", "impact", "detected_by",
            "impact_from", "impact_until", "impact_precision", "detected_at", "opened_at", "acknowledged_at",
            "identified_at", "mitigated_at", "resolved_at", "resolved_how", "closed_at", "times_checked_at",
            "first_blame", "blame_unknown_at", "suggested_layer", "suggestion", "ball", "declared_via", "chain",
            "policy", "private", "merged_into",
        )  # fmt: skip

    def get_merged_into(self, incident: Incident) -> int | None:
        """The incident that it goes on in, where whoever asks may see that."""
        return getattr(incident, "goes_on", None)


class EditSerializer(serializers.Serializer[Any]):
    """What a PATCH may change; the past of times and severity is kept."""

    type = serializers.ChoiceField(choices=IncidentType.choices, allow_blank=True, required=False)
    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    service = ServiceBySlug(required=False)
    impact = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    impact_precision = serializers.ChoiceField(choices=Precision.choices, required=False)
    impact_from = serializers.DateTimeField(required=False, allow_null=True)
    impact_until = serializers.DateTimeField(required=False, allow_null=True)
    detected_by = serializers.ChoiceField(choices=DetectedBy.choices, required=False, allow_blank=True)


class AcknowledgeSerializer(serializers.Serializer[Any]):
    """First blame may come with the acknowledgement: a layer or `unknown`, which is an answer; empty is none."""

    first_blame = serializers.ChoiceField(choices=BLAMES, allow_blank=True, default="")


class MitigateSerializer(serializers.Serializer[Any]):
    """When users were well again; now when left out."""

    mitigated_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class ResolveSerializer(serializers.Serializer[Any]):
    """When it ended, and one provisional finding, or none: not known."""

    resolved_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    layer = serializers.ChoiceField(choices=Layer.choices, allow_blank=True, default="")
    mode = serializers.PrimaryKeyRelatedField(
        queryset=FailureMode.objects.all(), required=False, allow_null=True, default=None
    )
    evidence = serializers.CharField(required=False, allow_blank=True, default="")
    despite = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        default=list,
        help_text="Codes of what speaks against it and is overruled: `still_firing` when alerts of it still fire.",
    )


class ReopenSerializer(serializers.Serializer[Any]):
    """Why it is open again."""

    reason = serializers.CharField(max_length=300)
