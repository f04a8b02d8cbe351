"""Reminding people of incidents: set-wise, each thing once a period, and of what is private only who may see it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse

from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import visible
from incidents.response.vocabulary import DeclaredVia, Severity
from ownership import announcing, notifying
from ownership.models import Notice, Person, Team
from ownership.queries import owners
from ownership.vocabulary import NoticeKind
from web.wording import duration

# How long an incident that somebody has may go without a word of a person.
SILENT = {
    Severity.SEV1: timedelta(hours=1),
    Severity.SEV2: timedelta(hours=4),
    Severity.SEV3: timedelta(days=1),
    Severity.SEV4: timedelta(days=3),
    Severity.PENDING: timedelta(hours=4),
}
MITIGATED = timedelta(days=1)  # at least, once users are well again


@dataclass(frozen=True)
class Reminder:
    """One thing to remind some people of. `key` names the thing and the period: it is said once to each of them."""

    incident: Incident | None  # None: it hangs on none, and everybody may know of it
    parties: Sequence[Person | Team]
    text: str
    key: str
    path: str

    @property
    def private(self) -> bool:
        """Whether only some may know of it."""
        return self.incident is not None and self.incident.private


def say(reminders: Collection[Reminder], *, now: datetime) -> int:
    """Tell them; a team means its members, and its channels unless the incident is private. Returns how many readers.

    Four queries for any number, and five more when some are private.
    """
    if not reminders:
        return 0
    parties = [party for one in reminders for party in one.parties]
    teams = {one.pk for one in parties if isinstance(one, Team)}
    members, reached = announcing.members_of(teams), set(notifying.with_channels(teams))
    meant = [(one, _people(one.parties, members)) for one in reminders]
    pairs = {
        (person, one.incident.pk)
        for one, people in meant
        if one.incident is not None and one.private
        for person in people
    }
    hidden = visible.hidden(pairs) if pairs else set()
    notices = []
    for one, people in meant:
        number = one.incident.pk if one.incident else 0
        notices += [_notice(one, now, person=person) for person in people if (person, number) not in hidden]
        if not one.private:
            there = {party.pk for party in one.parties if isinstance(party, Team)} & reached
            notices += [_notice(one, now, team=team) for team in sorted(there)]
    notifying.write(notices)
    return len(notices)


def remind_silent(*, now: datetime) -> int:
    """Incidents that somebody has and nobody wrote a word about for long; said after once, twice, four times so long.

    Who has the ball is asked; where that is nobody who is here, whoever is accountable. What a file left open and
    nobody took here is not silent: nobody here ever spoke of it.
    """
    said = TimelineRow.objects.filter(incident=OuterRef("pk"), by__isnull=False).order_by("-at", "-pk")
    found = Incident.objects.filter(
        ~Q(declared_via=DeclaredVia.FILE, ball=None),
        resolved_at=None,
        merged_into=None,
        acknowledged_at__lte=now - min(SILENT.values()),
    ).annotate(last=Greatest(Coalesce(Subquery(said.values("at")[:1]), F("acknowledged_at")), F("acknowledged_at")))
    late = []
    for one in found.select_related("ball").order_by("pk"):
        wait = SILENT[Severity(one.severity)]
        times = int((now - one.last) / (max(wait, MITIGATED) if one.mitigated_at else wait))
        if times >= 1:
            late.append((one, one.last, times.bit_length()))
    answering = owners.of_services({one.service_id for one, _, _ in late if one.service_id}, at=now)
    return say([_silent(one, last, stage, answering, now) for one, last, stage in late], now=now)


def _silent(
    one: Incident, last: datetime, stage: int, answering: dict[int, owners.Answering], now: datetime
) -> Reminder:
    asked = answering.get(one.service_id or 0, owners.NOBODY).asked
    parties: list[Person | Team] = [one.ball] if one.ball and one.ball.is_active else []
    if not parties and asked:
        parties = [asked.party]
    severity = Severity(one.severity).label
    return Reminder(
        incident=one,
        parties=parties,
        text=f"{one.ref}: no update for {duration(now - last)}. {severity}, {one.title}",
        key=f"silent:{one.pk}:{last:%Y%m%d%H%M%S}:{stage}",
        path=reverse("incidents:incident", args=[one.pk]),
    )


def _people(parties: Sequence[Person | Team], members: dict[int, list[int]]) -> list[int]:
    found = {one.pk for one in parties if isinstance(one, Person) and one.is_active}
    found |= {person for one in parties if isinstance(one, Team) for person in members.get(one.pk, ())}
    return sorted(found)


def _notice(one: Reminder, now: datetime, *, person: int | None = None, team: int | None = None) -> Notice:
    return notifying.notice(person, team=team, kind=NoticeKind.DUE, text=one.text, path=one.path, key=one.key, now=now)
