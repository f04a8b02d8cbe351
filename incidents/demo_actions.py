"""What the worked example decided on after an incident, and how far each action came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.postmortems import acting, settling
from incidents.postmortems.models import Action, ActionKind, Evidence, Postmortem, Priority, TicketState
from incidents.response.models import Finding
from ownership.models import Person

AGO = 50  # days since the review was written


@dataclass(frozen=True)
class Decided:
    """One action: for the primary finding or the other one, by whom, due how many days from now."""

    title: str
    kind: str
    priority: str
    primary: bool
    owner: str
    due: int
    done_when: str


DECIDED = (
    Decided("One retrying layer with a budget of 10 %", ActionKind.BACK_PRESSURE, Priority.HIGH, True, "Tomás Brandt",
            -22, "A load test with a slow provider stays under 1.3 calls a question."),
    Decided("Alert when a question makes more than 2 calls", ActionKind.MONITOR, Priority.HIGH, True, "Priya Nair",
            -9, "The alert fires in a replay of the brown-out."),
    Decided("Name an owner for the seam to the provider", ActionKind.OWNERSHIP_CHANGE, Priority.NORMAL, False,
            "Tomás Brandt", -2, "The map shows who answers for it."),
    Decided("Eval case: the provider answers after 20 s", ActionKind.EVAL_CASE, Priority.NORMAL, True, "Jonas Lind",
            6, "The nightly eval fails without the budget."),
    Decided("Agree on a status call with the provider", ActionKind.RUNBOOK, Priority.LOW, False, "Maya Okafor",
            21, "Its number stands in the runbook, and was rung once."),
    Decided("Second provider for the fallback", ActionKind.OTHER, Priority.LOW, True, "Priya Nair",
            60, "Answers stay within 2 s while the first is off."),
)  # fmt: skip


def decide(postmortem: Postmortem, people: dict[str, Person], *, now: datetime) -> None:
    """Write the actions down in the draft."""
    lines = {
        finding.primary: finding.line
        for finding in Finding.objects.filter(incident=postmortem.incident, superseded_at=None)
    }
    for one in DECIDED:
        acting.add(
            postmortem,
            title=one.title,
            kind=one.kind,
            priority=one.priority,
            owner=people[one.owner],
            due_on=(now + timedelta(days=one.due)).date(),
            done_when=one.done_when,
            finding_line=lines[one.primary],
            by=people["Maya Okafor"],
            now=now - timedelta(days=AGO),
        )


def go_on(postmortem: Postmortem, people: dict[str, Person], *, now: datetime) -> None:
    """Since it was published: one verified, one overdue, one snoozed, one to be verified, one given up, one open."""
    budget, alert, _, case, call, second = Action.objects.filter(postmortem=postmortem).order_by("pk")
    maya, priya, tomas = people["Maya Okafor"], people["Priya Nair"], people["Tomás Brandt"]
    ago = {days: now - timedelta(days=days) for days in (4, 5, 9, 25, 30)}
    url = "https://tracker.example.org/SEARCH-118"
    settling.note_ticket(budget, url=url, state=TicketState.IN_PROGRESS, by=tomas, now=ago[30])
    settling.mark_done(budget, by=tomas, now=ago[30])
    shown = "1.2 calls a question with the provider at 20 s."
    run = "https://ci.example.org/runs/5120"
    settling.verify(budget, evidence=Evidence.TEST_RUN, ref=run, note=shown, by=maya, now=ago[25])
    settling.snooze(
        alert, until=(now + timedelta(days=5)).date(), reason="Waits for the new metrics.", by=priya, now=ago[4]
    )
    settling.mark_done(case, by=people["Jonas Lind"], now=ago[9])
    settling.decline(second, reason="Costs more than the outages it would have saved.", by=maya, now=ago[5])
    settling.note_ticket(
        call, url="https://tracker.example.org/SEARCH-131", state=TicketState.OPEN, by=maya, now=ago[4]
    )
