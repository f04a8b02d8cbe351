"""What API clients send and get."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.postmortems import publishing
from incidents.postmortems.forms import SECTION_MAX
from incidents.postmortems.models import Action, ActionKind, Postmortem, Section
from incidents.postmortems.queries import review as reviews
from incidents.response.api.findings import FindingSerializer
from incidents.response.models import FailureMode
from incidents.response.vocabulary import Confidence, FindingRole
from ownership.api.fields import ComponentField, PersonByEmail, TeamBySlug
from ownership.models import Dependency


class SectionSerializer(serializers.ModelSerializer[Section]):
    """A section; a save names the revision it was written on."""

    saved_by = PersonByEmail(read_only=True)

    class Meta:
        model = Section
        fields = ("key", "heading", "prompt", "required", "text", "revision", "saved_at", "saved_by")


class SaveSerializer(serializers.Serializer[Any]):
    """A section's new text, and the revision that it was written on."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=SECTION_MAX)
    revision = serializers.IntegerField(min_value=0)


class ItemSerializer(serializers.Serializer[Any]):
    """One line of the checklist."""

    ok = serializers.BooleanField()
    hint = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """Adds `label`, a name that the class itself has taken."""
        return {"label": serializers.CharField(), **super().get_fields()}


class ActionSerializer(serializers.ModelSerializer[Action]):
    """An action; `finding` is the line of the finding that it answers."""

    postmortem = serializers.IntegerField(source="postmortem.incident_id", help_text="The incident's number.")
    finding = serializers.UUIDField(source="finding_line", required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=ActionKind.choices, required=False)
    owner = PersonByEmail(required=False, allow_null=True)
    owner_team = TeamBySlug(required=False, allow_null=True)
    done_by = PersonByEmail(read_only=True)

    class Meta:
        model = Action
        fields = (
            "id", "postmortem", "finding", "title", "kind", "owner", "owner_team", "due_on", "done_when", "done_at",
            "done_by", "created_at",
        )  # fmt: skip
        read_only_fields = ("done_at", "created_at")


class PostmortemSerializer(serializers.ModelSerializer[Postmortem]):
    """A postmortem as lists show it."""

    number = serializers.IntegerField(source="incident_id", read_only=True)
    state = serializers.CharField(read_only=True)
    template = serializers.SerializerMethodField()
    author = PersonByEmail(read_only=True)
    published_by = PersonByEmail(read_only=True)

    class Meta:
        model = Postmortem
        fields: tuple[str, ...] = (
            "number", "title", "state", "template", "author", "started_at", "published_at", "published_by",
        )  # fmt: skip
        read_only_fields = ("started_at", "published_at")

    def get_template(self, postmortem: Postmortem) -> str:
        """Code and version: full_review/1."""
        return f"{postmortem.template.code}/{postmortem.template.version}"


class WholeSerializer(PostmortemSerializer):
    """One postmortem with all that belongs to it."""

    sections = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()
    no_action_reasons = serializers.SerializerMethodField()
    checklist = serializers.SerializerMethodField()

    class Meta(PostmortemSerializer.Meta):
        fields = (
            *PostmortemSerializer.Meta.fields,
            "sections", "findings", "actions", "no_action_reasons", "checklist",
        )  # fmt: skip

    def to_representation(self, instance: Postmortem) -> Any:
        """Reads everything once."""
        self.review = reviews.of(instance)
        return super().to_representation(instance)

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, postmortem: Postmortem) -> Any:
        """In the order of the template."""
        return SectionSerializer(self.review.sections, many=True).data

    @extend_schema_field(FindingSerializer(many=True))
    def get_findings(self, postmortem: Postmortem) -> Any:
        """Those that stand, the primary one first."""
        return FindingSerializer(self.review.findings, many=True).data

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
        return ItemSerializer(publishing.checklist(self.review), many=True).data


class StartSerializer(serializers.Serializer[Any]):
    """Which incident to review."""

    number = serializers.IntegerField(min_value=1)


class ReviewedSerializer(serializers.Serializer[Any]):
    """A reviewed finding. For one that is there, what is left out stays as it was."""

    mode = serializers.PrimaryKeyRelatedField(queryset=FailureMode.objects.all(), required=False)
    component = ComponentField(required=False, allow_null=True)
    dependency = serializers.PrimaryKeyRelatedField(queryset=Dependency.objects.all(), required=False, allow_null=True)
    role = serializers.ChoiceField(choices=FindingRole.choices, required=False)
    evidence = serializers.CharField(max_length=5000, required=False)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False)
    primary = serializers.BooleanField(required=False)


class NewFindingSerializer(ReviewedSerializer):
    """A new finding: mode and evidence at least."""

    mode = serializers.PrimaryKeyRelatedField(queryset=FailureMode.objects.all())
    evidence = serializers.CharField(max_length=5000)
    primary = serializers.BooleanField(default=False)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=2000)
