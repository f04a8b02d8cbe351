"""Actions: what will be done about a finding, or why nothing will be."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from incidents.postmortems import freezing
from incidents.postmortems.models import Action, ActionKind, NoActionReason, Postmortem
from incidents.postmortems.queries import debts
from incidents.response import participating, timeline
from incidents.response.models import Finding, Incident
from incidents.response.queries import visible
from incidents.response.vocabulary import TimelineKind
from ownership import notifying
from ownership.models import Person, Team
from ownership.vocabulary import NoticeKind
from web.errors import DomainError, Invalid, translated

_NAMED = ("postmortem__incident", "owner", "owner_team")
EDITABLE = ("title", "kind", "owner", "owner_team", "due_on", "done_when", "finding_line")


class HasAction(DomainError):
    """This finding has an action; remove that first."""

    code = "has_action"


def add(
    postmortem: Postmortem,
    *,
    title: str,
    by: Person,
    now: datetime,
    kind: str = ActionKind.OTHER,
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


def edit(action: Action, *, by: Person, now: datetime, **changes: Any) -> Action:
    """Change an action of a draft; `changes` are fields of `add`."""
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not a field of an action: {', '.join(sorted(unknown))}")
    with freezing.draft(action.postmortem) as current:
        kept = Action.objects.select_for_update().get(pk=action.pk)
        _require_title(changes.get("title", kept.title))
        _require_finding(current, changes.get("finding_line"))
        if all(getattr(kept, name) == value for name, value in changes.items()):
            return kept
        for name, value in changes.items():
            setattr(kept, name, value.strip() if isinstance(value, str) else value)
        kept.save(update_fields=list(changes))
        _let_in(kept, by=by, now=now)
        _drop_reason(kept)
    return kept


def remove(action: Action, *, by: Person, now: datetime) -> None:
    """Take an action out of a draft."""
    with freezing.draft(action.postmortem) as current:
        gone, _ = Action.objects.filter(pk=action.pk).delete()
        if gone:
            _tell(current, f"action “{action.title}” taken out", by=by, now=now)


def mark_done(action: Action, *, by: Person, now: datetime) -> Action:
    """The action is done; this goes on after publishing. Twice is once."""
    with translated():
        current = _locked(action)
        if current.done_at is None:
            current.done_at, current.done_by = now, by
            current.save(update_fields=["done_at", "done_by"])
            _tell(current.postmortem, f"action “{current.title}” done", by=by, now=now)
    return current


def mark_undone(action: Action, *, by: Person, now: datetime) -> Action:
    """The action is not done after all."""
    with translated():
        current = _locked(action)
        if current.done_at is not None:
            current.done_at, current.done_by = None, None
            current.save(update_fields=["done_at", "done_by"])
            _tell(current.postmortem, f"action “{current.title}” not done after all", by=by, now=now)
    return current


def give(numbers: Collection[int], *, to: Person | Team, by: Person, now: datetime) -> list[str]:
    """Open actions whose owner is no longer here become somebody else's, also after publishing.

    Says in words which could not be given.
    """
    rows = Action.objects.filter(visible.clause(by, of="postmortem__incident"))
    rows = rows.filter(debts.ORPHANED, pk__in=numbers, done_at__isnull=True)
    found = list(rows.select_for_update(of=("self",)).select_related(*_NAMED).order_by("pk"))
    lost = len(set(numbers)) - len(found)
    for action in found:
        before = action.party
        action.owner, action.owner_team = (to, None) if isinstance(to, Person) else (None, to)
        action.save(update_fields=["owner", "owner_team"])
        _tell(action.postmortem, f"action “{action.title}” goes from {before} to {to}", by=by, now=now)
        _let_in(action, by=by, now=now)
        notifying.tell(
            _who(to, action.postmortem.incident),
            kind=NoticeKind.GIVEN,
            text=f"{by} gave the action “{action.title}” to {to}",
            path=reverse("postmortems:postmortem", args=[action.postmortem.incident_id]),
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


def _who(to: Person | Team, incident: Incident) -> list[Person | Team]:
    """Who is told: of a private incident nobody who may not see it."""
    if isinstance(to, Person) or not incident.private:
        return [to]
    members = list(to.members.filter(is_active=True))
    hidden = visible.hides(incident, members)
    return [one for one in members if one.pk not in hidden]


def _let_in(action: Action, *, by: Person, now: datetime) -> None:
    """Who has to do something about a private incident sees it; of a team nobody is let in by that."""
    incident = action.postmortem.incident
    if action.owner is not None and visible.hides(incident, [action.owner]):
        participating.let_in(incident, action.owner, by=by, now=now)


def _locked(action: Action) -> Action:
    rows = Action.objects.select_for_update(of=("self",))
    return rows.select_related("postmortem__incident").get(pk=action.pk)


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
