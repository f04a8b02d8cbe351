"""Ownership is a promise: its party says again and again that it holds, and is reminded before it lapses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from ownership import addresses, announcing, assigning, notifying, speaking
from ownership.models import Assignment, Confirmation, Dependency, Notice, Person
from ownership.models.assignments import column_of
from ownership.queries import confirmations, owners
from ownership.vocabulary import AssignmentRole, NoticeKind
from web.errors import DomainError, translated

WEEK = timedelta(days=7)


class NothingToConfirm(DomainError):
    """Only who is accountable now confirms it; look again at who answers."""

    code = "nothing_to_confirm"


class NobodyToRemind(DomainError):
    """Nobody who is here answers for it, so nobody can be reminded; give it a new owner instead."""

    code = "nobody_to_remind"


def confirm(assignment: Assignment, *, by: Person, now: datetime) -> Confirmation:
    """Still theirs: the party's word holds from now for another while."""
    with assigning.locked(assignment.subject):
        _require_current(assignment, now)
        return Confirmation.objects.create(assignment=assignment, by=by, at=now)


def remind(assignment: Assignment, *, by: Person, now: datetime) -> None:
    """Ask whoever is accountable to confirm it; said once a day, however many ask."""
    with translated():
        _require_current(assignment, now)
        subject = assignment.subject
        if not assignment.party.is_here(now):
            raise NobodyToRemind
        said = confirmations.standing_of([assignment.pk], now)[assignment.pk].confirmed_at is not None
        notifying.tell(
            [speaking.voice_of(assignment)],
            kind=NoticeKind.CONFIRM_DUE,
            text=f"{by} asks: do you {'still ' if said else ''}answer for {subject}?",
            path=addresses.mine(),
            key=f"{_key(assignment)}:asked:{now:%Y-%m-%d}",
            now=now,
            besides=by,
        )


def remind_due(*, now: datetime) -> int:
    """Say once before a word lapses, once when it does, then weekly; returns how many answers are due or overdue."""
    rows = list(confirmations.waiting(now).select_related(*owners.WHOLE, "made_by"))
    with translated():
        teams = {row.team_id for row in rows if row.team_id}
        members, reached = announcing.members_of(teams), notifying.with_channels(teams)
        standings = confirmations.standing_of([row.pk for row in rows], now)
        told = ((row, announcing.people_behind(row, members)) for row in rows)
        notifying.write(
            [
                one
                for row, people in told
                for one in _reminders(row, people, reached, standing=standings[row.pk], now=now)
            ]
        )
    return len(rows)


def _reminders(
    row: Assignment,
    people: Sequence[int],
    reached: Collection[int],
    *,
    standing: confirmations.Standing,
    now: datetime,
) -> list[Notice]:
    """To those people; where that is a whole team with a channel of its own (`reached`), through that."""
    text, stage = _stage(row, standing, now=now)
    if not stage:
        return []
    said: Any = {"kind": NoticeKind.CONFIRM_DUE, "text": text, "path": addresses.mine(), "now": now}
    said["key"] = f"{_key(row)}:{stage}"
    team = None if row.team_id is None or people == [row.answering_id] else row.team_id
    through = [notifying.notice(None, team=team, **said)] if team in reached else []
    return [*(notifying.notice(person, via=team, **said) for person in people), *through]


def _stage(row: Assignment, standing: confirmations.Standing, *, now: datetime) -> tuple[str, str]:
    """(what to say, which saying it is); nothing in the first week of one who was just told of the role."""
    subject = row.subject
    if standing.due_at is None:
        week = (now - row.known_from) // WEEK
        text = f"Do you answer for {subject}? {row.made_by or 'An editor'} put you down, and you have not confirmed it"
        return (text, f"never:{row.known_from:%Y-%m-%d}:{week}") if week else ("", "")
    day = f"{standing.due_at:%Y-%m-%d}"
    if not standing.is_stale:
        return f"Do you still answer for {subject}? Confirm it by {day}", f"{day}:soon"
    return (
        f"Do you still answer for {subject}? Confirming it was due on {day}",
        f"{day}:{(now - standing.due_at) // WEEK}",
    )


def _require_current(assignment: Assignment, now: datetime) -> None:
    if assignment.role != AssignmentRole.ACCOUNTABLE or not assignment.during or now not in assignment.during:
        raise NothingToConfirm
    if not Assignment.objects.filter(pk=assignment.pk, superseded_at=None).exists():
        raise NothingToConfirm


def _key(row: Assignment) -> str:
    subject = row.subject
    kind = "seam" if isinstance(subject, Dependency) else column_of(subject)  # as it was said before
    return f"confirm:{kind}:{subject.pk}"
