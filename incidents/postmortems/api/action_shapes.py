"""What API clients send and get about actions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from incidents.postmortems.models import (
    Action,
    ActionEvent,
    ActionKind,
    ActionState,
    ActionStep,
    Evidence,
    Held,
    HeldAnswer,
    Priority,
    TicketState,
)
from ownership.api.fields import PersonByEmail, TeamBySlug


class ActionEventSerializer(serializers.ModelSerializer[ActionEvent]):
    """One thing that happened to an action."""

    kind = serializers.ChoiceField(choices=ActionStep.choices, read_only=True)
    evidence = serializers.ChoiceField(choices=Evidence.choices, allow_blank=True, read_only=True)
    by = PersonByEmail(read_only=True)

    class Meta:
        model = ActionEvent
        fields = ("kind", "at", "by", "why", "until", "evidence", "ref")
        read_only_fields = fields


class ActionSerializer(serializers.ModelSerializer[Action]):
    """An action; `finding` is the line of the finding that it answers. What happened to it is under `events/`."""

    postmortem = serializers.IntegerField(
        source="postmortem.incident_id",
        allow_null=True,
        help_text="The incident's number; null for what a review decided.",
    )
    pattern_review = serializers.IntegerField(
        source="pattern_review_id",
        read_only=True,
        allow_null=True,
        help_text="The review of the patterns that decided it.",
    )
    finding = serializers.UUIDField(source="finding_line", required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=ActionKind.choices, required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    state = serializers.ChoiceField(choices=ActionState.choices, read_only=True)
    owner = PersonByEmail(required=False, allow_null=True)
    owner_team = TeamBySlug(required=False, allow_null=True)
    done_by = PersonByEmail(read_only=True)
    verified_by = PersonByEmail(read_only=True)
    verification = ActionEventSerializer(read_only=True, allow_null=True)
    declined_by = PersonByEmail(read_only=True)
    ticket_state = serializers.ChoiceField(choices=TicketState.choices, allow_blank=True, read_only=True)
    ticket_checked_by = PersonByEmail(read_only=True)

    class Meta:
        model = Action
        fields = (
            "id", "postmortem", "pattern_review", "finding", "title", "kind", "priority", "owner", "owner_team",
            "due_on", "done_when", "state", "done_at", "done_by", "verified_at", "verified_by", "verification",
            "declined_at", "declined_by", "snoozed_until", "ticket_url", "ticket_state", "ticket_checked_at",
            "ticket_checked_by", "created_at",
        )  # fmt: skip
        read_only_fields = (
            "done_at", "verified_at", "declined_at", "snoozed_until", "ticket_url", "ticket_checked_at", "created_at",
        )  # fmt: skip


class VerifySerializer(serializers.Serializer[Any]):
    """What shows that it holds, where that is, and what it says."""

    evidence = serializers.ChoiceField(choices=Evidence.choices)
    ref = serializers.CharField(
        max_length=500, help_text="An address; of a replayed alert also its number or the id of its delivery."
    )
    note = serializers.CharField(max_length=2000)


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when nothing is said of it, and why."""

    until = serializers.DateField()
    reason = serializers.CharField(max_length=2000)


class TicketSerializer(serializers.Serializer[Any]):
    """Where the work is tracked, and how far it is there; an empty address takes it off."""

    url = serializers.CharField(max_length=500, allow_blank=True)
    state = serializers.ChoiceField(choices=TicketState.choices, required=False, default=TicketState.OPEN)


class HeldSerializer(serializers.ModelSerializer[Held]):
    """Whether an earlier action held, as the postmortem of the later incident says."""

    action = serializers.IntegerField(source="action_id", read_only=True)
    answer = serializers.ChoiceField(choices=HeldAnswer.choices)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    by = PersonByEmail(read_only=True)

    class Meta:
        model = Held
        fields = ("action", "answer", "note", "by", "known_from")
        read_only_fields = ("known_from",)


class EarlierSerializer(serializers.Serializer[Any]):
    """An earlier action that should have held, and the answer that stands."""

    action = ActionSerializer(read_only=True)
    held = HeldSerializer(read_only=True, allow_null=True)
