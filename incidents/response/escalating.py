"""Telling people of incidents, rung by rung, until somebody has it: the sweep, set-wise, and the act that stops it.

The rounds are written by a trigger on the incidents, in the transaction that opened them or made them worse. Whatever
follows is read from rows and written with the sweep's own clock, so that a restart forgets nothing, and a clock that
was set moves a rung's time but neither doubles nor skips one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from incidents.response import signed, timeline
from incidents.response.models import Escalation, EscalationStep, Incident, TimelineRow
from incidents.response.queries import ladder
from incidents.response.queries.ladder import LADDER, Ladders
from incidents.response.vocabulary import EscalationEnd, EscalationReason, Rung, Severity, TimelineKind
from ownership import notifying
from ownership.models import Notice, Person
from ownership.vocabulary import NoticeKind, Role
from web.wording import duration

BATCH = 200
KINDS = {
    EscalationReason.OPENED: NoticeKind.OPENED,
    EscalationReason.WORSENED: NoticeKind.WORSENED,
    EscalationReason.REOPENED: NoticeKind.OPENED,
    EscalationReason.ROUTED: NoticeKind.OPENED,
}
HAPPENED = {
    EscalationReason.OPENED: "it opened",
    EscalationReason.WORSENED: "it grew worse",
    EscalationReason.REOPENED: "it is open again",
    EscalationReason.ROUTED: "its service was named",
}
AS_WORDS = {Rung.ACCOUNTABLE: "accountable", Rung.DEPUTY: "deputy", Rung.ESCALATION: "next to call"}


@dataclass
class _Pass:
    """One sweep: what it knows, and what it writes, gathered over its rounds."""

    ladders: Ladders
    now: datetime
    steps: list[EscalationStep] = field(default_factory=list)
    rows: list[TimelineRow] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def sweep(*, now: datetime, limit: int = BATCH) -> int:
    """Handle the rounds that are due; returns how many. One transaction, a fixed number of statements for any number.

    Rounds whose incident somebody works on at this moment are left to the next sweep.
    """
    with transaction.atomic():
        due = _claimed(now, limit)
        if not due:
            return 0
        its = _Pass(ladder.of([one.incident for one in due], now=now), now)
        for one in due:
            _handle(one, its)
        Escalation.objects.bulk_update(due, ["rung", "waits_since", "due_at", "ended_at", "ended_how"])
        EscalationStep.objects.bulk_create(its.steps)
        timeline.add_all(its.rows)
        notifying.write(its.notices)
    return len(due)


def take_all(incidents: Collection[Incident], *, by: Person, now: datetime) -> set[int]:
    """Somebody has these: nobody further is told. Returns those that nobody had: not acknowledged, or back since then.

    To be called while they are locked, and before they are acknowledged. Two statements.
    """
    rounds = dict(ladder.untaken([one.pk for one in incidents]).values_list("pk", "incident"))
    Escalation.objects.filter(pk__in=rounds).update(taken_at=now, taken_by=by)
    return {one.pk for one in incidents if one.acknowledged_at is None} | set(rounds.values())


def _claimed(now: datetime, limit: int) -> list[Escalation]:
    """Rounds not begun, due, or begun later than now, which is what a clock that was set back leaves behind."""
    newer = Escalation.objects.filter(incident=OuterRef("incident"), round__gt=OuterRef("round"))
    due = Escalation.objects.filter(ended_at=None).filter(Q(due_at=None) | Q(due_at__lte=now) | Q(waits_since__gt=now))
    locked = due.select_for_update(of=("self", "incident"), no_key=True, skip_locked=True)
    named = locked.select_related("incident__service").annotate(is_superseded=Exists(newer))
    return list(named.order_by(F("due_at").asc(nulls_first=True), "pk")[:limit])


def _handle(one: Escalation, its: _Pass) -> None:
    now = its.now
    wait = its.ladders.waits[one.incident_id]
    stop = ladder.stopped(one)
    if getattr(one, "is_superseded", False):
        _end(one, EscalationEnd.SUPERSEDED, now)
    elif stop and one.rung:
        _end(one, stop, now)
    elif stop:
        _tell_late(one, stop, its)
    elif one.rung and wait is None:
        _end(one, EscalationEnd.SWITCHED_OFF, now)
    elif one.waits_since is not None and one.waits_since > now:
        one.waits_since, one.due_at = now, now + (wait or ladder.DEFAULT)
    else:
        _climb(one, its)


def _climb(one: Escalation, its: _Pass) -> None:
    """Tell the next rung on which somebody stands; those between are skipped, and that is said."""
    now = its.now
    wait = its.ladders.waits[one.incident_id]
    began = one.waits_since
    for rung in LADDER[one.rung :]:
        people = its.ladders.on(rung, one.incident_id)
        one.rung = rung
        if not people:
            _skip(one, rung, its)
            continue
        why = HAPPENED[EscalationReason(one.reason)] if began is None else _unheard(began, now)
        _tell(one, rung, people, its, why=why)
        if wait is None:
            _end(one, EscalationEnd.SWITCHED_OFF, now)
        else:
            one.waits_since, one.due_at = now, now + wait
        return
    if began is None:
        _tell(one, Rung.ADMINS, its.ladders.admins, its, why="nobody stands on any rung of its ladder")
    _end(one, EscalationEnd.EXHAUSTED, now)


def _tell_late(one: Escalation, stop: EscalationEnd, its: _Pass) -> None:
    """It was acknowledged or over before anybody was told: the first who answers hears of it all the same, once."""
    rung = its.ladders.next_after(0, one.incident_id) or Rung.ACCOUNTABLE
    people = its.ladders.on(rung, one.incident_id)
    ball = one.incident.ball_id or 0
    if stop == EscalationEnd.ACKNOWLEDGED and ball in its.ladders.people and ball not in people:
        people.append(ball)
    said = "over" if stop == EscalationEnd.RESOLVED else stop.label.lower()
    if people and stop != EscalationEnd.MERGED:  # its story goes on elsewhere
        why = f"{HAPPENED[EscalationReason(one.reason)]}, and is {said}"
        _tell(one, rung, people, its, why=why, is_late=True)
    one.rung = rung
    _end(one, stop, its.now)


def _tell(
    one: Escalation,
    rung: Rung,
    people: Sequence[int],
    its: _Pass,
    *,
    why: str,
    is_late: bool = False,
) -> None:
    incident, now = one.incident, its.now
    is_first = rung is Rung.ADMINS or one.waits_since is None
    its.steps.append(EscalationStep(escalation=one, rung=rung, told=list(people), at=now, why=why))
    names = ", ".join(str(its.ladders.people[person]) for person in people) or "nobody, for there is no admin"
    text = f"Told {names} ({AS_WORDS.get(rung, 'admins')})"
    its.rows.append(timeline.row(incident, TimelineKind.ESCALATED, at=now, now=now, text=text, why=why))
    kind = KINDS[EscalationReason(one.reason)] if is_first else NoticeKind.WAITING
    urgent = ladder.is_urgent(incident) and not (is_late and one.reason != EscalationReason.WORSENED)
    said: Any = {
        "kind": kind,
        "text": _words(one, rung, is_first=is_first, why=why),
        "path": reverse("incidents:incident", args=[incident.pk]),
        "now": now,
        "key": f"incident:{incident.pk}:{one.round}:{rung.value}",
        "urgent": urgent,
    }
    for person in people:  # each by themselves, not through a team's channel: the link is theirs alone
        may_act = not is_late and its.ladders.people[person].may(Role.RESPONDER)
        act = signed.act(incident_id=incident.pk, person_id=person, now=now) if may_act else None
        its.notices.append(notifying.notice(person, act=act, **said))
    teams = () if incident.private else its.ladders.teams_on(rung, incident.pk)  # who reads a channel, nobody knows
    its.notices += [notifying.notice(None, team=team, **said) for team in teams]


def _skip(one: Escalation, rung: Rung, its: _Pass) -> None:
    why = f"nobody is {AS_WORDS[rung]}"
    its.steps.append(EscalationStep(escalation=one, rung=rung, told=[], at=its.now, why=why))
    text = f"Skipped: {why}"
    its.rows.append(timeline.row(one.incident, TimelineKind.ESCALATED, at=its.now, now=its.now, text=text))


def _words(one: Escalation, rung: Rung, *, is_first: bool, why: str) -> str:
    """One line, what matters first: `INC-12 opened: SEV2, Support answers: p99 is 3.4 s`."""
    incident = one.incident
    severity = Severity(incident.severity).label
    about = f"{incident.service}: {incident.title}" if incident.service else incident.title
    if rung is Rung.ADMINS:
        return f"Nobody answers for {incident.ref}: {severity}, {about}"
    if not is_first:
        return f"{incident.ref}: {why}. {severity}, {about}"
    told = {
        EscalationReason.OPENED: f"{incident.ref} opened: {severity}, {about}",
        EscalationReason.WORSENED: f"{incident.ref} is {severity} now: {about}",
        EscalationReason.REOPENED: f"{incident.ref} is open again: {severity}, {about}",
        EscalationReason.ROUTED: f"{incident.ref} hits {incident.service}: {severity}, {incident.title}",
    }
    return told[EscalationReason(one.reason)]


def _unheard(since: datetime, now: datetime) -> str:
    return f"nobody acknowledged it within {duration(now - since)}"


def _end(one: Escalation, how: EscalationEnd, now: datetime) -> None:
    one.ended_at, one.ended_how, one.due_at = now, how, None
