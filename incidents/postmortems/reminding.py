"""Reminding people of overdue actions and of postmortems that are due: on working days, in the morning of their zone.

Each thing is said once a period, by the key of its notices; running this again, or at another hour, says nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.urls import reverse

from incidents.postmortems.models import Action, Postmortem
from incidents.response import reminding
from incidents.response.models import Incident
from incidents.response.reminding import Reminder
from incidents.response.vocabulary import Severity
from ownership.models import Person, Team
from ownership.models.assignments import party_key
from ownership.queries import owners, zones
from ownership.reckoning import workdays

WEEK = 7  # days
FORGOTTEN = timedelta(days=70)  # who did not write it by then was told nine times
AHEAD = timedelta(days=2)  # nowhere is the date further from ours


def remind_actions(*, now: datetime) -> int:
    """Open actions of published postmortems that are past their day: said on the next working day, then weekly."""
    rows = Action.objects.filter(done_at=None, due_on__lt=(now + AHEAD).date(), postmortem__published_at__isnull=False)
    found = list(rows.select_related("postmortem__incident", "owner", "owner_team").order_by("due_on", "pk"))
    parties = [one.party for one in found if one.party is not None]
    zone_of = zones.of(parties)
    reminders = [_overdue(one, one.party, zone_of[party_key(one.party)], now) for one in found if one.party is not None]
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


def due_on(incident: Incident, zone: ZoneInfo) -> date:
    """The day on which the postmortem of a resolved SEV1 or SEV2 is due, by the calendar of a zone."""
    if incident.resolved_at is None:
        raise ValueError("it is not resolved")
    resolved = incident.resolved_at.astimezone(zone).date()
    if incident.severity == Severity.SEV1:
        return resolved + timedelta(days=3)
    return workdays.after(resolved, 5)


def _overdue(one: Action, party: Person | Team, zone: ZoneInfo, now: datetime) -> Reminder | None:
    today = workdays.today(now, zone)
    if today is None or one.due_on is None or one.due_on >= today:
        return None
    incident = one.postmortem.incident
    return Reminder(
        incident=incident,
        parties=[party],
        text=f"Overdue since {one.due_on:%Y-%m-%d}: “{one.title}”, an action of {incident.ref}",
        key=f"action:{one.pk}:{one.due_on:%Y%m%d}:{((today - one.due_on).days - 1) // WEEK}",
        path=reverse("postmortems:postmortem", args=[incident.pk]),
    )


def _due(one: Incident, parties: Sequence[Person | Team], zone: ZoneInfo, now: datetime) -> Reminder | None:
    today, due = workdays.today(now, zone), due_on(one, zone)
    if today is None or (due - today).days > 1:
        return None
    late = (today - due).days
    said = f"was due on {due:%Y-%m-%d}" if late > 0 else f"is due on {due:%Y-%m-%d}"
    stage = f"late{(late - 1) // WEEK}" if late > 0 else "soon"
    return Reminder(
        incident=one,
        parties=parties,
        text=f"The postmortem of {one.ref} {said}: {one.title}",
        key=f"postmortem:{one.pk}:{due:%Y%m%d}:{stage}",
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
