"""Reminding people of overdue actions, postmortems and reviews: on working days, in the morning of their zone.

Each thing is said once a period, by the key of its notices; running this again, or at another hour, says nothing twice.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from incidents.postmortems import acting, settling
from incidents.postmortems.models import Action, Postmortem, Priority, Reviewer
from incidents.postmortems.models.actions import DECIDED, OPEN, WAITING, WEEKS
from incidents.response import reminding
from incidents.response.models import Incident
from incidents.response.reminding import Reminder
from incidents.response.vocabulary import Severity
from ownership import announcing
from ownership.models import Person, Team
from ownership.models.assignments import party_key
from ownership.queries import owners, zones
from ownership.reckoning import workdays

WEEK = 7  # days
IN_REVIEW = Q(postmortem__sent_at__isnull=False, postmortem__published_at__isnull=True)
FORGOTTEN = timedelta(days=70)  # who did not write it by then was told nine times
AHEAD = timedelta(days=2)  # nowhere is the date further from ours


def remind_actions(*, now: datetime) -> int:
    """Open actions that are decided: overdue ones on the next working day, then weekly; once each that is open
    longer than its priority promises. While one is snoozed nothing is said of it.
    """
    promised = [
        Q(priority=priority, created_at__lt=now - timedelta(weeks=weeks) + AHEAD) for priority, weeks in WEEKS.items()
    ]
    wanted = functools.reduce(operator.or_, promised, Q(due_on__lt=(now + AHEAD).date()))
    rows = Action.objects.filter(OPEN, wanted, DECIDED)
    found = list(rows.select_related(*settling.WITH).order_by("due_on", "pk"))
    parties = [one.party for one in found if one.party is not None]
    zone_of = zones.of(parties)
    reminders = []
    for one in found:
        if one.party is not None:
            today = workdays.today(now, zone_of[party_key(one.party)])
            if today is not None and not one.snoozed(today):
                reminders += [_overdue(one, one.party, today), _beyond(one, one.party, today)]
    return reminding.say([one for one in reminders if one is not None], now=now)


def remind_verifiers(*, now: datetime) -> int:
    """Actions that are decided, done for longer than a week and not verified: weekly."""
    waiting = Action.objects.filter(WAITING, DECIDED)
    rows = waiting.filter(done_at__lt=now - timedelta(days=WEEK)).order_by("done_at", "pk")
    found = list(rows.select_related("postmortem__incident", "postmortem__author", "pattern_review", "created_by"))
    answer = _answering_people(found, now)
    asked = [(one, person) for one in found for person in _verifiers(one, answer[one.pk])]
    zone_of = zones.of([person for _, person in asked])
    reminders = [_unverified(one, person, zone_of[party_key(person)], now) for one, person in asked]
    return reminding.say([one for one in reminders if one is not None], now=now)


def remind_postmortems(*, now: datetime) -> int:
    """Postmortems that are due: SEV1 three days after it resolved, SEV2 five working days. Said before, then weekly."""
    published = Postmortem.objects.filter(incident=OuterRef("pk"), published_at__isnull=False)
    rows = Incident.objects.filter(
        ~Exists(published),
        severity__in=[Severity.SEV1, Severity.SEV2],
        resolved_at__gt=now - FORGOTTEN,
        no_postmortem_reason="",
        merged_into=None,
    )
    found = list(rows.select_related("ball", "service").order_by("pk"))
    authors = {
        one.incident_id: one.author for one in Postmortem.objects.filter(incident__in=found).select_related("author")
    }
    answering = owners.of_services({one.service_id for one in found if one.service_id}, at=now)
    asked = {one.pk: _asked(one, authors, answering) for one in found}
    zone_of = zones.of([party for parties in asked.values() for party in parties])
    reminders = [_due(one, asked[one.pk], zone_of[party_key(asked[one.pk][0])], now) for one in found if asked[one.pk]]
    return reminding.say([one for one in reminders if one is not None], now=now)


def remind_reviews(*, now: datetime) -> int:
    """Answers that reviewers owe: said the day before, then weekly once the day is over; without one, after a week."""
    rows = Reviewer.objects.filter(
        IN_REVIEW, waiting=True, person__is_active=True, asked_at__gt=now - FORGOTTEN
    ).select_related("person", "postmortem__incident")
    found = list(rows.order_by("pk"))
    zone_of = zones.of([one.person for one in found])
    reminders = [_owed(one, zone_of[party_key(one.person)], now) for one in found]
    return reminding.say([one for one in reminders if one is not None], now=now)


class _Due(NamedTuple):
    """That something is due, in words, and which of the sayings of it this is."""

    said: str
    stage: str


def _nearly_due(due: date, zone: ZoneInfo, now: datetime) -> _Due | None:
    """Said the day before and on the day, then weekly; None where it is too early, or no working day."""
    today = workdays.today(now, zone)
    if today is None or (due - today).days > 1:
        return None
    late = (today - due).days
    if late > 0:
        return _Due(f"was due on {due:%Y-%m-%d}", f"late{(late - 1) // WEEK}")
    return _Due(f"is due on {due:%Y-%m-%d}", "soon")


def _owed(one: Reviewer, zone: ZoneInfo, now: datetime) -> Reminder | None:
    incident = one.postmortem.incident
    due = one.postmortem.review_due_on or one.asked_at.astimezone(zone).date() + timedelta(days=WEEK)
    if (word := _nearly_due(due, zone, now)) is None:
        return None
    return Reminder(
        incident=incident,
        parties=[one.person],
        text=f"Your review of the postmortem of {incident.ref} {word.said}: {one.postmortem.title}",
        key=f"review:{one.pk}:{one.asked_at:%Y%m%d%H%M}:{due:%Y%m%d}:{word.stage}",
        path=reverse("postmortems:postmortem", args=[incident.pk]),
    )


def due_on(incident: Incident, zone: ZoneInfo) -> date:
    """The day on which the postmortem of a resolved SEV1 or SEV2 is due, by the calendar of a zone."""
    if incident.resolved_at is None:
        raise ValueError("it is not resolved")
    resolved = incident.resolved_at.astimezone(zone).date()
    if incident.severity == Severity.SEV1:
        return resolved + timedelta(days=3)
    return workdays.after(resolved, 5)


def _overdue(one: Action, party: Person | Team, today: date) -> Reminder | None:
    if one.due_on is None or one.due_on >= today:
        return None
    woken = f":{one.snoozed_until:%Y%m%d}" if one.snoozed_until else ""  # after a snooze it is said at once
    return Reminder(
        incident=one.incident,
        parties=[party],
        text=f"Overdue since {one.due_on:%Y-%m-%d}: “{one.title}”, an action of {one.origin}",
        key=f"action:{one.pk}:{one.due_on:%Y%m%d}:{((today - one.due_on).days - 1) // WEEK}{woken}",
        path=one.path,
    )


def _beyond(one: Action, party: Person | Team, today: date) -> Reminder | None:
    """Open longer than its priority promises, said once; where that is its due date it is overdue, which is said.

    What a review of the patterns decided is promised for its due date alone.
    """
    if one.pattern_review_id is not None:
        return None
    weeks = WEEKS.get(Priority(one.priority))
    promised = acting.promised(one.priority, on=one.created_at.date())
    if promised is None or promised >= today or one.due_on == promised:
        return None
    level = one.get_priority_display().lower()
    return Reminder(
        incident=one.incident,
        parties=[party],
        text=f"Open for more than the {weeks} weeks that {level} priority promises: “{one.title}”, {one.origin}",
        key=f"promise:{one.pk}:{one.priority}",
        path=one.path,
    )


def _verifiers(one: Action, behind: Sequence[Person]) -> list[Person]:
    """Who is asked whether it holds: the postmortem's author, else who wrote the action down, else who answers."""
    authors = [one.postmortem.author] if one.postmortem else []
    for some in (authors, [one.created_by], behind):
        here = [person for person in some if person.is_active and settling.may_be_verified_by(one, person)]
        if here:
            return here
    return []


def _answering_people(actions: Sequence[Action], now: datetime) -> dict[int, list[Person]]:
    """Who answers for the service of each action, of a team its members; by action, a few queries for any number."""
    services = {one.pk: (one.incident.service_id if one.incident else None) or 0 for one in actions}
    answering = owners.of_services({number for number in services.values() if number}, at=now)
    asked = {number: held.asked.party for number, held in answering.items() if held.asked}
    members = announcing.members_of({party.pk for party in asked.values() if isinstance(party, Team)})
    people = Person.objects.in_bulk({person for some in members.values() for person in some})
    behind: dict[int, list[Person]] = {}
    for number, party in asked.items():
        behind[number] = [party] if isinstance(party, Person) else [people[one] for one in members.get(party.pk, ())]
    return {action: behind.get(number, []) for action, number in services.items()}


def _unverified(one: Action, person: Person, zone: ZoneInfo, now: datetime) -> Reminder | None:
    today = workdays.today(now, zone)
    if today is None or one.done_at is None:
        return None
    weeks = (now - one.done_at).days // WEEK
    return Reminder(
        incident=one.incident,
        parties=[person],
        text=f"Done since {one.done_at:%Y-%m-%d} and not verified: “{one.title}”, an action of {one.origin}",
        key=f"verify:{one.pk}:{one.done_at:%Y%m%d%H%M%S}:{weeks}",
        path=one.path,
    )


def _due(one: Incident, parties: Sequence[Person | Team], zone: ZoneInfo, now: datetime) -> Reminder | None:
    due = due_on(one, zone)
    if (word := _nearly_due(due, zone, now)) is None:
        return None
    return Reminder(
        incident=one,
        parties=parties,
        text=f"The postmortem of {one.ref} {word.said}: {one.title}",
        key=f"postmortem:{one.pk}:{due:%Y%m%d}:{word.stage}",
        path=reverse("incidents:incident", args=[one.pk]),
    )


def _asked(one: Incident, authors: dict[int, Person], answering: dict[int, owners.Answering]) -> list[Person | Team]:
    """Who began to write it; else whoever answers for the service; else who had the ball."""
    author = authors.get(one.pk)
    if author is not None and author.is_active:
        return [author]
    asked = answering.get(one.service_id or 0, owners.NOBODY).asked
    if asked is not None:
        return [asked.party]
    return [one.ball] if one.ball is not None and one.ball.is_active else []
