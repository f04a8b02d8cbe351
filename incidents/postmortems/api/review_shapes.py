"""What API clients send and get of reviews and amendments."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from incidents.postmortems.forms.sections import SECTION_MAX
from incidents.postmortems.models import Reviewer
from incidents.postmortems.vocabulary import Answer
from ownership.api.fields import PersonByEmail


class ReviewerSerializer(serializers.ModelSerializer[Reviewer]):
    """Who was asked and their last answer; `changed_since` names what differs from what they answered on."""

    person = PersonByEmail(read_only=True)
    answer = serializers.ChoiceField(choices=Answer.choices, allow_blank=True, read_only=True)
    changed_since = serializers.SerializerMethodField()

    class Meta:
        model = Reviewer
        fields = ("person", "waiting", "asked_at", "answer", "comment", "answered_at", "changed_since")

    def get_changed_since(self, one: Reviewer) -> list[str]:
        """In words; given in the context."""
        changed: list[str] = self.context.get("changed", [])
        return changed


class AmendedTextSerializer(serializers.Serializer[Any]):
    """One section of an amendment."""

    key = serializers.CharField()
    heading = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class AmendmentSerializer(serializers.Serializer[Any]):
    """What was changed after publishing, and why."""

    at = serializers.DateTimeField(source="amendment.at")
    by = PersonByEmail(source="amendment.by", read_only=True)
    reason = serializers.CharField(source="amendment.reason")
    changes = AmendedTextSerializer(many=True)


class SendSerializer(serializers.Serializer[Any]):
    """Who reviews it until when; whoever is left out is no longer asked."""

    reviewers = serializers.ListField(child=PersonByEmail(), min_length=1, max_length=50)
    due_on = serializers.DateField(required=False, allow_null=True)
    facilitator = PersonByEmail(required=False, allow_null=True)


class AnswerSerializer(serializers.Serializer[Any]):
    """A reviewer's answer to what they have read; wanting changes needs a comment."""

    answer = serializers.ChoiceField(choices=Answer.choices)
    seen = serializers.CharField(help_text="The `seen` of the postmortem as it was read.")
    comment = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class AmendedSectionSerializer(serializers.Serializer[Any]):
    """A section's new text, and the revision that it was written on."""

    key = serializers.CharField(max_length=60)
    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=SECTION_MAX)
    revision = serializers.IntegerField(min_value=0)


class AmendSerializer(serializers.Serializer[Any]):
    """Why it is amended, and the sections that change."""

    reason = serializers.CharField(max_length=2000)
    sections = AmendedSectionSerializer(many=True, allow_empty=False)


class PublishSerializer(serializers.Serializer[Any]):
    """What is overruled: `changes_wanted` while a reviewer wants changes."""

    despite = serializers.ListField(child=serializers.CharField(max_length=40), required=False, max_length=10)
