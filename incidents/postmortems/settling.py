"""How an action goes on, also after publishing: done, verified, sent back, declined, snoozed, opened again.

Each step writes how the action is now and a row of what happened; who asks for a step that was taken already gets it
as it is.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from incidents.postmortems import concluding
from incidents.postmortems.models import Action, ActionEvent, ActionState, ActionStep, Evidence, TicketState
from incidents.postmortems.queries import replays
from incidents.response import timeline
from incidents.response.models import Incident
from incidents.response.queries import visible
from incidents.response.vocabulary import TimelineKind
from ownership import notifying
from ownership.models import Person, Team
from ownership.vocabulary import NoticeKind
from web.errors import DomainError, Invalid, translated

WITH = ("postmortem__incident", "pattern_review", "owner", "owner_team")
FARTHEST = 365  # days that a snooze may last: what is not done within a year is declined


class NotOpen(DomainError):
    """This action is no longer open; look at it again."""

    code = "action_not_open"


class NotWaiting(DomainError):
    """Nothing waits to be verified here: the action is open, verified already, or will not be done."""

    code = "action_not_done"


class NotSettled(DomainError):
    """It is neither verified nor declined; there is nothing to open again."""

    code = "action_not_settled"


class OwnWork(DomainError):
    """Somebody other than its doer and its owner says whether it holds."""

    code = "verified_by_another"
    status = 403


def mark_done(action: Action, *, by: Person, now: datetime) -> Action:
    """The action is done and waits to be verified by somebody else. Twice is once."""
    with translated():
        current = _locked(action)
        if current.state == ActionState.WONT_DO:
            raise NotOpen
        if current.done_at is None:
            current.done_at, current.done_by, current.snoozed_until = now, by, None
            current.save(update_fields=["done_at", "done_by", "snoozed_until"])
            record(current, ActionStep.DONE, by=by, now=now, told="done")
    return current


def mark_undone(action: Action, *, by: Person, now: datetime) -> Action:
    """The action is not done after all; what is verified is opened again with a reason instead."""
    with translated():
        current = _locked(action)
        if current.state == ActionState.VERIFIED:
            raise NotWaiting("It is verified; open it again, with the reason.")
        if current.done_at is not None:
            current.done_at, current.done_by = None, None
            current.save(update_fields=["done_at", "done_by"])
            record(current, ActionStep.UNDONE, by=by, now=now, told="not done after all")
    return current


def verify(action: Action, *, evidence: str, ref: str, note: str, by: Person, now: datetime) -> Action:
    """It holds, as the evidence at `ref` shows; said by somebody other than its doer and its owner.

    `ref` of a replayed alert is an address, the alert's number or the id of its delivery.
    """
    said = {"evidence": evidence, "ref": ref.strip(), "why": note.strip()}
    if evidence not in Evidence.values:
        raise Invalid("Say what sort of evidence it is.", field="evidence")
    if not said["ref"]:
        raise Invalid("Say where the evidence is.", field="ref")
    if not said["why"]:
        raise Invalid("Say what the evidence shows.", field="note")
    with concluding.watched(action, by=by, now=now):
        current = _waiting(action, by)
        if evidence == Evidence.REPLAYED_ALERT:
            said["ref"] = _replay(said["ref"], current.incident)
        current.verification = record(current, ActionStep.VERIFIED, by=by, now=now, told="verified", **said)
        current.verified_at, current.verified_by = now, by
        current.save(update_fields=["verification", "verified_at", "verified_by"])
    return current


def send_back(action: Action, *, reason: str, by: Person, now: datetime) -> Action:
    """It does not hold yet: open again, and its doer and owner hear why."""
    why = _reason(reason, "Say what is missing.")
    with translated():
        current = _waiting(action, by)
        doer = current.done_by
        current.done_at, current.done_by = None, None
        current.save(update_fields=["done_at", "done_by"])
        record(current, ActionStep.SENT_BACK, by=by, now=now, why=why, told=f"sent back: {why}")
        _hear([doer, current.party], current, f"{by} sent the action “{current.title}” back: {why}", by=by, now=now)
    return current


def decline(action: Action, *, reason: str, by: Person, now: datetime) -> Action:
    """It will not be done, for a reason that everybody reads."""
    why = _reason(reason, "Say why it will not be done.")
    with concluding.watched(action, by=by, now=now):
        current = _open(action)
        current.declined_at, current.declined_by, current.snoozed_until = now, by, None
        current.save(update_fields=["declined_at", "declined_by", "snoozed_until"])
        record(current, ActionStep.DECLINED, by=by, now=now, why=why, told=f"will not be done: {why}")
        _hear([current.party], current, f"{by}: “{current.title}” will not be done: {why}", by=by, now=now)
    return current


def reopen(action: Action, *, reason: str, by: Person, now: datetime) -> Action:
    """What was verified or declined is open again; its owner hears why."""
    why = _reason(reason, "Say why it is open again.")
    with concluding.watched(action, by=by, now=now):
        current = _locked(action)
        if current.state not in {ActionState.VERIFIED, ActionState.WONT_DO}:
            raise NotSettled
        for name in ("done", "verified", "declined"):
            setattr(current, f"{name}_at", None)
            setattr(current, f"{name}_by", None)
        current.verification = None
        current.save()
        record(current, ActionStep.REOPENED, by=by, now=now, why=why, told=f"open again: {why}")
        _hear([current.party], current, f"{by} opened the action “{current.title}” again: {why}", by=by, now=now)
    return current


def snooze(action: Action, *, until: date, reason: str, by: Person, now: datetime) -> Action:
    """Reminders are silent before the day `until`; the due date stays, and so does the count of snoozes."""
    why = _reason(reason, "Say why it has to wait.")
    days = (until - timezone.localdate(now)).days
    if days < 1:
        raise Invalid("Choose a day after today.", field="until")
    if days > FARTHEST:
        raise Invalid("That is more than a year; say that it will not be done instead.", field="until")
    with translated():
        current = _open(action)
        current.snoozed_until = until
        current.save(update_fields=["snoozed_until"])
        record(current, ActionStep.SNOOZED, by=by, now=now, why=why, until=until)
    return current


def wake(action: Action, *, by: Person, now: datetime) -> Action:
    """Reminders begin again now. Twice is once."""
    with translated():
        current = _locked(action)
        if current.snoozed_until is not None:
            current.snoozed_until = None
            current.save(update_fields=["snoozed_until"])
            record(current, ActionStep.WOKEN, by=by, now=now)
    return current


def note_ticket(action: Action, *, url: str, state: str, by: Person, now: datetime) -> Action:
    """Where the work is tracked, and how far it is there as somebody saw it now; an empty address takes it off."""
    url = url.strip()
    if url and state not in TicketState.values:
        raise Invalid("Say how far the ticket is.", field="state")
    with translated():
        current = _locked(action)
        if not url and not current.ticket_url:
            return current
        current.ticket_url, current.ticket_state = url, state if url else ""
        current.ticket_checked_at, current.ticket_checked_by = (now, by) if url else (None, None)
        current.save(update_fields=["ticket_url", "ticket_state", "ticket_checked_at", "ticket_checked_by"])
        seen = TicketState(state).label.lower() if url else "taken off"
        record(current, ActionStep.TICKET, by=by, now=now, why=seen, ref=url)
    return current


def record(action: Action, step: ActionStep, *, by: Person, now: datetime, told: str = "", **said: Any) -> ActionEvent:
    """The row of one step; `told` is what the incident's timeline, where there is one, says of it."""
    if told and action.incident:
        text = f"action “{action.title}” {told}"
        timeline.add(action.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text=text)
    return ActionEvent.objects.create(action=action, kind=step, at=now, by=by, **said)


def may_be_verified_by(action: Action, person: Person) -> bool:
    """Whether this person is neither who did it nor who owns it."""
    return person.pk not in {action.done_by_id, action.owner_id}


def who_hears(party: Person | Team, incident: Incident | None) -> list[Person | Team]:
    """Who is told: of a private incident nobody who may not see it."""
    if incident is None or not incident.private:
        return [party]
    if isinstance(party, Person):
        return [] if visible.hides(incident, [party]) else [party]
    members = list(party.members.filter(is_active=True))
    hidden = visible.hides(incident, members)
    return [one for one in members if one.pk not in hidden]


def _hear(parties: list[Person | Team | None], action: Action, text: str, *, by: Person, now: datetime) -> None:
    people = [one for party in parties if party is not None for one in who_hears(party, action.incident)]
    notifying.tell(people, kind=NoticeKind.GIVEN, text=text, path=action.path, now=now, besides=by)


def _locked(action: Action) -> Action:
    rows = Action.objects.select_for_update(of=("self",))
    return rows.select_related(*WITH, "done_by").get(pk=action.pk)


def _open(action: Action) -> Action:
    current = _locked(action)
    if current.state != ActionState.OPEN:
        raise NotOpen
    return current


def _waiting(action: Action, by: Person) -> Action:
    current = _locked(action)
    if current.state != ActionState.DONE:
        raise NotWaiting
    if not may_be_verified_by(current, by):
        raise OwnWork
    return current


def _replay(ref: str, incident: Incident | None) -> str:
    address = replays.address(ref, incident)
    if address is None:
        raise Invalid("No alert and no delivery goes by that; give its number, its id or an address.", field="ref")
    return address


def _reason(reason: str, missing: str) -> str:
    if not reason.strip():
        raise Invalid(missing, field="reason")
    return reason.strip()
