"""What will be done about a finding, or why nothing will be."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from incidents.postmortems.models.postmortems import Postmortem
from incidents.response.models import Incident
from ownership.models import Person, Team


class ActionKind(models.TextChoices):
    """What sort of control an action builds."""

    CONTRACT = "contract", "Contract"
    VALIDATION = "validation", "Validation"
    BUDGET_OR_TIMEOUT = "budget_or_timeout", "Budget or timeout"
    BACK_PRESSURE = "back_pressure", "Back-pressure"
    MONITOR = "monitor", "Monitor"
    ONLINE_EVAL = "online_eval", "Online eval"
    EVAL_CASE = "eval_case", "Eval case"
    GUARDRAIL_RULE = "guardrail_rule", "Guardrail rule"
    OWNERSHIP_CHANGE = "ownership_change", "Ownership change"
    RUNBOOK = "runbook", "Runbook"
    OTHER = "other", "Other"


class Priority(models.TextChoices):
    """How soon it is promised: so many weeks after the day on which it was written down; low promises no day."""

    HIGH = "high", "High"
    NORMAL = "normal", "Normal"
    LOW = "low", "Low"


class ActionState(models.TextChoices):
    """How far an action came."""

    OPEN = "open", "Open"
    DONE = "done", "Done, not verified yet"
    VERIFIED = "verified", "Verified"
    WONT_DO = "wont_do", "Will not be done"


class TicketState(models.TextChoices):
    """What somebody saw when they last looked at the ticket of another system."""

    OPEN = "open", "Open"
    IN_PROGRESS = "in_progress", "In progress"
    DONE = "done", "Done"
    CLOSED = "closed", "Closed"


WEEKS = {Priority.HIGH: 4, Priority.NORMAL: 8}  # that a priority promises
NEVER = date(9999, 12, 31)  # where an action without a due date stands in an order by date
OPEN = Q(done_at__isnull=True, declined_at__isnull=True)
WAITING = Q(done_at__isnull=False, verified_at__isnull=True)  # for somebody who verifies it
UNSETTLED = Q(verified_at__isnull=True, declined_at__isnull=True)
DECIDED = Q(postmortem__published_at__isnull=False) | Q(pattern_review__isnull=False)  # no draft's: it is promised
DUE = Coalesce("due_on", Value(NEVER, output_field=models.DateField()))


class Action(models.Model):
    """What will be done, by whom, until when, and when it counts as done; how far it came and who said so.

    It was decided in a postmortem or in a review of the patterns, never in both (docs/decisions/0064). What happened
    to it, with every reason, are its ActionEvents; here stands how it is now.
    """

    postmortem = models.ForeignKey(Postmortem, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    pattern_review = models.ForeignKey(
        "incidents.PatternReview", null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )
    finding_line = models.UUIDField(null=True, blank=True, help_text="The finding it answers, over all its versions.")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=ActionKind.choices, default=ActionKind.OTHER)
    priority = models.CharField(max_length=6, choices=Priority.choices, default=Priority.NORMAL)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    owner_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    due_on = models.DateField(null=True, blank=True)
    done_when = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verification = models.ForeignKey(
        "incidents.ActionEvent", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    snoozed_until = models.DateField(null=True, blank=True, help_text="Reminders are silent before this day.")
    ticket_url = models.URLField(max_length=500, blank=True, help_text="In another system; never fetched.")
    ticket_state = models.CharField(max_length=11, choices=TicketState.choices, blank=True)
    ticket_checked_at = models.DateTimeField(null=True, blank=True)
    ticket_checked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(postmortem__isnull=False, pattern_review__isnull=True)
                | Q(postmortem__isnull=True, pattern_review__isnull=False, finding_line__isnull=True),
                name="action_decided_in_one_place",
            ),
            models.CheckConstraint(condition=Q(kind__in=ActionKind.values), name="action_kind_known"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="action_priority_known"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(owner_team__isnull=True), name="action_one_owner"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="action_done_pair",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, verified_by__isnull=True, verification__isnull=True)
                | Q(
                    verified_at__isnull=False,
                    verified_by__isnull=False,
                    verification__isnull=False,
                    done_at__isnull=False,
                ),
                name="action_verified_whole",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True)
                | (~Q(verified_by=F("done_by")) & (Q(owner__isnull=True) | ~Q(verified_by=F("owner")))),
                name="action_verified_by_another",
            ),
            models.CheckConstraint(
                condition=Q(declined_at__isnull=True, declined_by__isnull=True)
                | Q(declined_at__isnull=False, declined_by__isnull=False, done_at__isnull=True),
                name="action_declined_whole",
            ),
            models.CheckConstraint(condition=Q(snoozed_until__isnull=True) | OPEN, name="action_snoozed_while_open"),
            models.CheckConstraint(
                condition=Q(ticket_url="") | Q(ticket_url__regex=r"^https?://[^\s]+$"), name="action_ticket_http"
            ),
            models.CheckConstraint(
                condition=Q(
                    ticket_url="", ticket_state="", ticket_checked_at__isnull=True, ticket_checked_by__isnull=True
                )
                | (
                    ~Q(ticket_url="")
                    & Q(
                        ticket_state__in=TicketState.values,
                        ticket_checked_at__isnull=False,
                        ticket_checked_by__isnull=False,
                    )
                ),
                name="action_ticket_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on", "id"], condition=OPEN, name="action_open_by_due"),
            models.Index(DUE, "id", condition=UNSETTLED, name="action_unsettled_by_due"),
            models.Index(fields=["done_at", "id"], condition=WAITING, name="action_waiting"),
            models.Index(
                fields=["-verified_at", "-id"], condition=Q(verified_at__isnull=False), name="action_verified"
            ),
            models.Index(
                fields=["-declined_at", "-id"], condition=Q(declined_at__isnull=False), name="action_declined"
            ),
            models.Index(fields=["kind", "-id"], name="action_of_kind"),
            models.Index(fields=["priority", "-id"], name="action_of_priority"),
            models.Index(fields=["finding_line"], name="action_of_finding"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def incident(self) -> Incident | None:
        """The incident that it came of; None for what a review of the patterns decided."""
        return self.postmortem.incident if self.postmortem else None

    @property
    def origin(self) -> str:
        """Where it was decided, in words: `INC-12`, `Patterns, October 2026`."""
        if self.pattern_review:
            return self.pattern_review.title
        return self.incident.ref if self.incident else ""

    @property
    def path(self) -> str:
        """The page on which it stands."""
        if self.pattern_review:
            return self.pattern_review.get_absolute_url()
        return reverse("postmortems:postmortem", args=[self.postmortem.incident_id]) if self.postmortem else ""

    @property
    def is_draft(self) -> bool:
        """Whether it is not decided yet, and may go; what a review decides is decided at once."""
        return self.postmortem is not None and self.postmortem.published_at is None

    @property
    def party(self) -> Person | Team | None:
        """Who does it."""
        return self.owner or self.owner_team

    @property
    def state(self) -> ActionState:
        """How far it came."""
        if self.declined_at is not None:
            return ActionState.WONT_DO
        if self.verified_at is not None:
            return ActionState.VERIFIED
        return ActionState.OPEN if self.done_at is None else ActionState.DONE

    def snoozed(self, today: date) -> bool:
        """Whether reminders of it are silent on this day."""
        return self.snoozed_until is not None and self.snoozed_until > today

    def overdue(self, today: date) -> bool:
        """Whether its day is over while it is open; a snooze does not change that."""
        return self.state == ActionState.OPEN and self.due_on is not None and self.due_on < today


class NoActionReason(models.Model):
    """Why a finding gets no action."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.PROTECT, related_name="no_action_reasons")
    finding_line = models.UUIDField()
    reason = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["postmortem", "finding_line"], name="no_action_reason_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="no_action_reason_given"),
        ]

    def __str__(self) -> str:
        return self.reason
