"""Actions: what will be done about a finding, or why nothing will be."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from incidents.postmortems import freezing, settling
from incidents.postmortems.models import (
    Action,
    ActionEvent,
    ActionKind,
    ActionState,
    ActionStep,
    Held,
    NoActionReason,
    Postmortem,
    Priority,
)
from incidents.postmortems.models.actions import OPEN, WEEKS
from incidents.postmortems.queries import debts
from incidents.response import participating, timeline
from incidents.response.models import Finding, Incident
from incidents.response.queries import visible
from incidents.response.vocabulary import TimelineKind
from ownership import notifying
from ownership.models import Person, Team
from ownership.vocabulary import NoticeKind
from web.errors import DomainError, Invalid

PARTIES = ("owner", "owner_team")
EDITABLE = ("title", "kind", "priority", *PARTIES, "due_on", "done_when", "finding_line")


class HasAction(DomainError):
    """This finding has an action; remove that first."""

    code = "has_action"


class HasHistory(DomainError):
    """Something happened to this action already; say that it will not be done instead."""

    code = "action_has_history"


class DecidedInReview(DomainError):
    """A review of the patterns decided on this action; it is written down anew or taken out there."""

    code = "decided_in_review"


class ActionChanged(DomainError):
    """Somebody changed this action meanwhile."""

    code = "action_changed"

    def __init__(self, theirs: Action) -> None:
        due = f", due {theirs.due_on:%-d %b %Y}" if theirs.due_on else ""
        done = f", done when {theirs.done_when}" if theirs.done_when else ""
        said = (
            f"{theirs.get_kind_display()}, {theirs.get_priority_display()}, {theirs.party or 'nobody yet'}{due}{done}"
        )
        super().__init__(
            f"Somebody changed this action meanwhile. It now says “{theirs.title}” ({said}). "
            "Save once more to put yours in its place."
        )
        self.theirs = theirs


def version_of(action: Action) -> str:
    """What tells whether an action still says what somebody had before them."""
    said = [str(getattr(action, f"{name}_id" if name in PARTIES else name)) for name in EDITABLE]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


def promised(priority: str, *, on: date) -> date | None:
    """The day by which an action of this priority is promised when it is written down `on` that day."""
    weeks = WEEKS.get(Priority(priority))
    return on + timedelta(weeks=weeks) if weeks else None


def add(
    postmortem: Postmortem,
    *,
    title: str,
    by: Person,
    now: datetime,
    kind: str = ActionKind.OTHER,
    priority: str = Priority.NORMAL,
    owner: Person | None = None,
    owner_team: Team | None = None,
    due_on: date | None = None,
    done_when: str = "",
    finding_line: UUID | None = None,
) -> Action:
    """A new action; owner and due date may come later, but before publishing. It replaces a reason for none."""
    with freezing.draft(postmortem) as current:
        _require_title(title)
        _require_finding(current, finding_line)
        action = Action.objects.create(
            postmortem=current,
            title=title.strip(),
            kind=kind,
            priority=priority,
            owner=owner,
            owner_team=owner_team,
            due_on=due_on,
            done_when=done_when.strip(),
            finding_line=finding_line,
            created_at=now,
            created_by=by,
        )
        _drop_reason(action)
        _tell(current, f"action “{action.title}”", by=by, now=now)
        _let_in(action, by=by, now=now)
    return action


def edit(action: Action, *, by: Person, now: datetime, seen: str | None = None, **changes: Any) -> Action:
    """Change an open action of a draft; `changes` are fields of `add`, made to the version `seen`, else to what stands.

    What was done, verified or declined was so as it then stood: NotOpen until it is open again.
    """
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not a field of an action: {', '.join(sorted(unknown))}")
    with freezing.draft(_of_postmortem(action)) as current:
        kept = Action.objects.select_for_update().get(pk=action.pk)
        _require_title(changes.get("title", kept.title))
        _require_finding(current, changes.get("finding_line"))
        if all(getattr(kept, name) == value for name, value in changes.items()):
            return kept
        if kept.state != ActionState.OPEN:
            raise settling.NotOpen("This action is not open: open it again before you change it.")
        if seen is not None and seen != version_of(kept):
            raise ActionChanged(kept)
        for name, value in changes.items():
            setattr(kept, name, value.strip() if isinstance(value, str) else value)
        kept.save(update_fields=list(changes))
        _let_in(kept, by=by, now=now)
        _drop_reason(kept)
    return kept


def remove(action: Action, *, by: Person, now: datetime) -> None:
    """Take an action out of a draft, unless something happened to it: what happened stays."""
    with freezing.draft(_of_postmortem(action)) as current:
        if ActionEvent.objects.filter(action=action.pk).exists():
            raise HasHistory
        if Held.objects.filter(action=action.pk).exists():
            raise HasHistory("A later postmortem says whether it held; say that it will not be done instead.")
        gone, _ = Action.objects.filter(pk=action.pk).delete()
        if gone:
            _tell(current, f"action “{action.title}” taken out", by=by, now=now)


def give(numbers: Collection[int], *, to: Person | Team, by: Person, now: datetime) -> list[str]:
    """Open actions whose owner is no longer here become somebody else's, also after publishing.

    Says in words which could not be given.
    """
    rows = Action.objects.filter(visible.clause_or_none(by, of="postmortem__incident"))
    rows = rows.filter(OPEN, debts.ORPHANED, pk__in=numbers)
    theirs = Incident.objects.filter(pk__in=rows.values("postmortem__incident"))
    list(theirs.select_for_update(no_key=True).order_by("pk"))  # before their actions, as in every act on a draft
    found = list(rows.select_for_update(of=("self",)).select_related(*settling.WITH).order_by("pk"))
    lost = len(set(numbers)) - len(found)
    for action in found:
        before = action.party
        action.owner, action.owner_team = (to, None) if isinstance(to, Person) else (None, to)
        action.save(update_fields=["owner", "owner_team"])
        way = f"from {before} to {to}"
        settling.record(action, ActionStep.GIVEN, by=by, now=now, why=way, told=f"goes {way}")
        _let_in(action, by=by, now=now)
        notifying.tell(
            settling.who_hears(to, action.incident),
            kind=NoticeKind.GIVEN,
            text=f"{by} gave the action “{action.title}” to {to}",
            path=action.path,
            now=now,
            besides=by,
        )
    return ["An action: it is done, or somebody has it by now; look again."] * lost


def give_reason(
    postmortem: Postmortem, *, finding_line: UUID, reason: str, by: Person, now: datetime
) -> NoActionReason:
    """Record why a finding gets no action; saying it again replaces it."""
    if not reason.strip():
        raise Invalid("Say why nothing will be done about it.", field="reason")
    with freezing.draft(postmortem) as current:
        _require_finding(current, finding_line)
        if Action.objects.filter(postmortem=current, finding_line=finding_line).exists():
            raise HasAction
        given, _ = NoActionReason.objects.update_or_create(
            postmortem=current,
            finding_line=finding_line,
            defaults={"reason": reason.strip(), "by": by, "at": now},
        )
    return given


def _let_in(action: Action, *, by: Person, now: datetime) -> None:
    """Who has to do something about a private incident sees it; of a team nobody is let in by that."""
    incident = action.incident
    if incident is not None and action.owner is not None and visible.hides(incident, [action.owner]):
        participating.let_in(incident, action.owner, by=by, now=now)


def _of_postmortem(action: Action) -> Postmortem:
    if action.postmortem is None:
        raise DecidedInReview
    return action.postmortem


def _drop_reason(action: Action) -> None:
    if action.finding_line is not None:
        NoActionReason.objects.filter(postmortem=action.postmortem_id, finding_line=action.finding_line).delete()


def _require_title(title: str) -> None:
    if not title.strip():
        raise Invalid("Say what will be done.", field="title")


def _require_finding(postmortem: Postmortem, line: UUID | None) -> None:
    """The line is that of a finding which still stands."""
    if line is None:
        return
    if not Finding.objects.filter(incident=postmortem.incident_id, line=line, superseded_at=None).exists():
        raise Invalid("This finding is no longer there; choose another.", field="finding")


def _tell(postmortem: Postmortem, text: str, *, by: Person, now: datetime) -> None:
    timeline.add(postmortem.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text=text)
