"""Actions as pages show them: how each stands today, what happened to it, what the reader may do with it next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from incidents.postmortems.models import Action, ActionEvent, ActionState, ActionStep
from ownership.models import Person

OVERDUE, SNOOZED = "overdue", "snoozed"
WORDS = {ActionState.OPEN: "todo"}  # the open of an action is not that of an incident


@dataclass(frozen=True)
class Offer:
    """One step that can be taken next; `asks` when it wants a word first."""

    step: str
    label: str
    asks: bool = True


DONE = Offer("done", "Done", asks=False)
NOT_DONE = Offer("undone", "Not done after all", asks=False)
WAKE = Offer("wake", "Remind again now", asks=False)
SNOOZE, DECLINE = Offer("snooze", "Snooze"), Offer("wont-do", "Won’t do")
VERIFY, SEND_BACK = Offer("verify", "Verify"), Offer("send-back", "Send back")
REOPEN, TICKET = Offer("reopen", "Open again"), Offer("ticket", "Ticket")


@dataclass(frozen=True)
class Told:
    """An action, how it stands on `today`, and what happened to it, oldest first."""

    action: Action
    today: date
    viewer: Person
    events: Sequence[ActionEvent]

    @property
    def standing(self) -> str:
        """`todo`, `overdue`, `snoozed`, `done`, `verified` or `wont_do`; an overdue one that is snoozed is snoozed."""
        return standing(self.action, self.today)

    @property
    def late(self) -> int:
        """Days since its due date while it is open; 0 when it is not overdue."""
        due = self.action.due_on
        return (self.today - due).days if due and self.action.overdue(self.today) else 0

    @property
    def snoozes(self) -> int:
        """How often it was snoozed in all."""
        return sum(event.kind == ActionStep.SNOOZED for event in self.events)

    @property
    def last(self) -> ActionEvent | None:
        """What said the latest why: a snooze, a refusal, a return; nothing of what was opened again since."""
        reasons = {
            SNOOZED: ActionStep.SNOOZED,
            ActionState.WONT_DO: ActionStep.DECLINED,
            "todo": ActionStep.SENT_BACK,
            OVERDUE: ActionStep.SENT_BACK,
        }
        wanted = reasons.get(self.standing)
        steps = [one for one in self.events if one.kind not in {ActionStep.TICKET, ActionStep.GIVEN}]
        if self.standing == SNOOZED:
            steps = [one for one in steps if one.kind == wanted]
        return steps[-1] if steps and steps[-1].kind == wanted else None

    @property
    def verifiable(self) -> bool:
        """Whether the reader is neither its doer nor its owner."""
        return self.viewer.pk not in {self.action.done_by_id, self.action.owner_id}

    @property
    def offers(self) -> list[Offer]:
        """What can be done with it next, the likeliest first."""
        return [*self._steps(), TICKET]

    def _steps(self) -> list[Offer]:
        if self.action.state == ActionState.OPEN:
            return [DONE, WAKE if self.standing == SNOOZED else SNOOZE, DECLINE]
        if self.action.state == ActionState.DONE:
            return [*([VERIFY, SEND_BACK] if self.verifiable else []), NOT_DONE]
        return [REOPEN]


def standing(action: Action, today: date) -> str:
    """How an action stands on a day, in the word of its sign."""
    if action.state != ActionState.OPEN:
        return str(action.state)
    if action.snoozed(today):
        return SNOOZED
    return OVERDUE if action.overdue(today) else "todo"


def of(actions: Iterable[Action], viewer: Person, *, today: date) -> list[Told]:
    """These actions, which the viewer was let to see, as pages show them; one query, none for none."""
    given = list(actions)
    events: dict[int, list[ActionEvent]] = defaultdict(list)
    if given:
        rows = ActionEvent.objects.filter(Q(action__in=given)).select_related("by")
        for event in rows.order_by("at", "pk"):
            events[event.action_id].append(event)
    return [Told(one, today, viewer, events[one.pk]) for one in given]
