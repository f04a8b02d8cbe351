"""What API clients send and get."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.postmortems import checking
from incidents.postmortems.api import layers
from incidents.postmortems.api.action_shapes import ActionSerializer
from incidents.postmortems.api.layers import LayerSerializer, RuledOutSerializer, StageSerializer
from incidents.postmortems.api.review_shapes import AmendmentSerializer, ReviewerSerializer
from incidents.postmortems.forms.reviewing import signed
from incidents.postmortems.forms.sections import SECTION_MAX
from incidents.postmortems.models import Postmortem, Section
from incidents.postmortems.queries import marks, since
from incidents.postmortems.queries import review as reviews
from incidents.response.api.findings import EvidenceField, FindingSerializer
from incidents.response.models import FailureMode
from incidents.response.vocabulary import Confidence, FindingRole
from ownership.api.fields import ComponentField, PersonByEmail
from ownership.models import Dependency


class SectionSerializer(serializers.ModelSerializer[Section]):
    """A section; a save names the revision it was written on."""

    saved_by = PersonByEmail(read_only=True)

    class Meta:
        model = Section
        fields = ("key", "kind", "layer", "heading", "prompt", "required", "text", "revision", "saved_at", "saved_by")


class SaveSerializer(serializers.Serializer[Any]):
    """A section's new text, and the revision that it was written on."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=SECTION_MAX)
    revision = serializers.IntegerField(min_value=0)


class ItemSerializer(serializers.Serializer[Any]):
    """One line of the checklist."""

    ok = serializers.BooleanField()
    soft = serializers.BooleanField(help_text="Advice: it never blocks.")
    hint = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """Adds `label`, a name that the class itself has taken."""
        return {"label": serializers.CharField(), **super().get_fields()}


class PostmortemSerializer(serializers.ModelSerializer[Postmortem]):
    """A postmortem as lists show it."""

    number = serializers.IntegerField(source="incident_id", read_only=True)
    state = serializers.CharField(read_only=True)
    template = serializers.SerializerMethodField()
    author = PersonByEmail(read_only=True)
    facilitator = PersonByEmail(read_only=True)
    published_by = PersonByEmail(read_only=True)

    class Meta:
        model = Postmortem
        fields: tuple[str, ...] = (
            "number", "title", "state", "template", "author", "started_at", "facilitator", "sent_at", "review_due_on",
            "published_at", "published_by", "closed_at",
        )  # fmt: skip
        read_only_fields = ("started_at", "sent_at", "review_due_on", "published_at", "closed_at")

    def get_template(self, postmortem: Postmortem) -> str:
        """Code and version: full_review/1."""
        return f"{postmortem.template.code}/{postmortem.template.version}"


class WholeSerializer(PostmortemSerializer):
    """One postmortem with all that belongs to it; the context names the `viewer`."""

    sections = serializers.SerializerMethodField()
    layers = serializers.SerializerMethodField()
    ruled_out = serializers.SerializerMethodField()
    latency = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()
    no_action_reasons = serializers.SerializerMethodField()
    checklist = serializers.SerializerMethodField()
    reviewers = serializers.SerializerMethodField()
    amendments = serializers.SerializerMethodField()
    seen = serializers.SerializerMethodField()

    class Meta(PostmortemSerializer.Meta):
        fields = (
            *PostmortemSerializer.Meta.fields,
            "sections", "layers", "ruled_out", "latency", "findings", "actions", "no_action_reasons", "checklist",
            "reviewers", "amendments", "seen",
        )  # fmt: skip

    def to_representation(self, instance: Postmortem) -> Any:
        """Reads everything once."""
        self.review = reviews.of(instance)
        return super().to_representation(instance)

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, postmortem: Postmortem) -> Any:
        """What the page shows: in the order of the template, then answers and ruled-out lines of layers that ask."""
        return SectionSerializer(self.review.texts, many=True).data

    @extend_schema_field(LayerSerializer(many=True))
    def get_layers(self, postmortem: Postmortem) -> Any:
        """Those that ask, with the keys of what they ask."""
        return LayerSerializer(layers.asking(self.review.layers), many=True).data

    @extend_schema_field(RuledOutSerializer(many=True))
    def get_ruled_out(self, postmortem: Postmortem) -> Any:
        """What is said of each other layer, where the model is suspected."""
        return RuledOutSerializer(layers.ruled_out(self.review.layers), many=True).data

    @extend_schema_field(StageSerializer(many=True))
    def get_latency(self, postmortem: Postmortem) -> Any:
        """Latency by stage, in order."""
        return StageSerializer(self.review.layers.stages, many=True).data

    @extend_schema_field(FindingSerializer(many=True))
    def get_findings(self, postmortem: Postmortem) -> Any:
        """Those that stand, the primary one first."""
        return FindingSerializer(self.review.findings, many=True, context=self.context).data

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, postmortem: Postmortem) -> Any:
        """In the order they were added."""
        for one in self.review.actions:
            one.postmortem = postmortem
        return ActionSerializer(self.review.actions, many=True).data

    def get_no_action_reasons(self, postmortem: Postmortem) -> dict[str, str]:
        """Why a finding, by its line, gets no action."""
        return {str(line): given.reason for line, given in self.review.reasons.items()}

    @extend_schema_field(ItemSerializer(many=True))
    def get_checklist(self, postmortem: Postmortem) -> Any:
        """What publishing asks for."""
        return ItemSerializer(checking.checklist(self.review), many=True).data

    @extend_schema_field(ReviewerSerializer(many=True))
    def get_reviewers(self, postmortem: Postmortem) -> Any:
        """Who was asked, with their last answer."""
        rows = [(one, marks.changed(one.seen, self.review) if one.answer else []) for one in self.review.reviewers]
        return [ReviewerSerializer(one, context={"changed": changed}).data for one, changed in rows]

    @extend_schema_field(AmendmentSerializer(many=True))
    def get_amendments(self, postmortem: Postmortem) -> Any:
        """What changed after it was published, the first one first."""
        return [AmendmentSerializer(one).data for one in since.amendments(postmortem)]

    def get_seen(self, postmortem: Postmortem) -> str:
        """Says which state this is, for a reviewer's answer; nobody else's."""
        return signed(self.review, self.context["viewer"])


class StartSerializer(serializers.Serializer[Any]):
    """Which incident to review, and the code of the template to follow; without one the incident's own suggestion."""

    number = serializers.IntegerField(min_value=1)
    template = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class FollowSerializer(serializers.Serializer[Any]):
    """The code of the template that a draft shall follow."""

    template = serializers.CharField(max_length=60)


class SaidOfFindingSerializer(serializers.Serializer[Any]):
    """What may be said of a finding."""

    mode = serializers.PrimaryKeyRelatedField(queryset=FailureMode.objects.all(), required=False)
    component = ComponentField(required=False, allow_null=True)
    dependency = serializers.PrimaryKeyRelatedField(queryset=Dependency.objects.all(), required=False, allow_null=True)
    role = serializers.ChoiceField(choices=FindingRole.choices, required=False)
    evidence = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    links = EvidenceField(required=False)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False)
    primary = serializers.BooleanField(required=False)


class ReviewedSerializer(SaidOfFindingSerializer):
    """A reviewed finding that is there: what is left out stays as it was."""

    seen = serializers.IntegerField(
        min_value=1,
        required=False,
        help_text="The `id` of the version that you looked at; 409 when it is an older one.",
    )


class NewFindingSerializer(SaidOfFindingSerializer):
    """A new finding: its mode and what shows it, in words or by links."""

    mode = serializers.PrimaryKeyRelatedField(queryset=FailureMode.objects.all())
    evidence = serializers.CharField(max_length=5000, default="", allow_blank=True)
    primary = serializers.BooleanField(default=False)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=2000)
