"""What happened to actions, each thing a row that stays; and whether earlier actions held when it happened again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from incidents.postmortems.models.actions import Action
from incidents.postmortems.models.postmortems import Postmortem
from ownership.models import Person


class ActionStep(models.TextChoices):
    """What can happen to an action once it is written down."""

    DONE = "done", "Done"
    UNDONE = "undone", "Not done after all"
    VERIFIED = "verified", "Verified"
    SENT_BACK = "sent_back", "Sent back"
    DECLINED = "declined", "Will not be done"
    REOPENED = "reopened", "Open again"
    SNOOZED = "snoozed", "Snoozed"
    WOKEN = "woken", "No longer snoozed"
    GIVEN = "given", "Given to somebody else"
    TICKET = "ticket", "Ticket looked at"


class Evidence(models.TextChoices):
    """What shows that an action holds."""

    LINK = "link", "A link"
    TEST_RUN = "test_run", "A test run"
    REPLAYED_ALERT = "replayed_alert", "An alert replayed"
    EVAL_RESULT = "eval_result", "A result of an eval"
    GUARDRAIL_TEST = "guardrail_test", "A guardrail test"
    OBSERVATION = "observation", "Seen in production"


REASONED = (
    ActionStep.VERIFIED,
    ActionStep.SENT_BACK,
    ActionStep.DECLINED,
    ActionStep.REOPENED,
    ActionStep.SNOOZED,
)  # what is said with a reason or a note


class ActionEvent(models.Model):
    """One thing that happened to an action: what, when, by whom, why. Written once."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=9, choices=ActionStep.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    why = models.TextField(blank=True)
    until = models.DateField(null=True, blank=True, help_text="Of a snooze: the day on which reminders begin again.")
    evidence = models.CharField(max_length=14, choices=Evidence.choices, blank=True)
    ref = models.CharField(max_length=500, blank=True, help_text="Where the evidence or the ticket is.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=ActionStep.values), name="action_event_known"),
            models.CheckConstraint(
                condition=~Q(kind__in=[str(one) for one in REASONED]) | ~Q(why=""), name="action_event_says_why"
            ),
            models.CheckConstraint(
                condition=Q(kind=ActionStep.SNOOZED, until__isnull=False)
                | (~Q(kind=ActionStep.SNOOZED) & Q(until__isnull=True)),
                name="action_event_until_of_snooze",
            ),
            models.CheckConstraint(
                condition=(Q(kind=ActionStep.VERIFIED, evidence__in=Evidence.values) & ~Q(ref=""))
                | (~Q(kind=ActionStep.VERIFIED) & Q(evidence="")),
                name="action_event_evidence",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "at", "id"], name="action_event_of_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.action_id}"


class HeldAnswer(models.TextChoices):
    """Whether an earlier action held when its mode came back."""

    HELD = "held", "Held"
    PARTLY = "partly", "Held partly"
    NOT_REACHED = "not_reached", "Not reached"
    NEVER_DONE = "never_done", "Never done"
    UNKNOWN = "unknown", "Not known"


class Held(models.Model):
    """What a postmortem says of an action that an earlier one decided on; a new answer supersedes the one before."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="held")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="held")
    answer = models.CharField(max_length=11, choices=HeldAnswer.choices)
    note = models.TextField(blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    known_from = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(answer__in=HeldAnswer.values), name="held_answer_known"),
            models.UniqueConstraint(
                fields=["postmortem", "action"], condition=Q(superseded_at__isnull=True), name="held_one_answer"
            ),
        ]

    def __str__(self) -> str:
        return self.get_answer_display()
