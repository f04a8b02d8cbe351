"""What narrows the board: read from an address, and made a condition on incidents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl

from django.db.models import Q, QuerySet
from django.db.models.lookups import Exact
from django.utils import timezone

from incidents.response.models import Incident
from incidents.response.models.ordering import SUSPECTED
from incidents.response.queries.wanted import DAYS, LAYERS, NAMES, PERIODS, STATES, UNKNOWN, Wanted
from incidents.response.vocabulary import Severity
from ownership.models import Assignment, Component, Person, Service, Team
from ownership.queries import people
from ownership.vocabulary import AssignmentRole


def read(said: Mapping[str, Any]) -> tuple[Wanted, dict[str, str]]:
    """What an address or a program asks for, and in words, by parameter, what of it cannot be used; never raises.

    What cannot be used does not narrow. At most one query each for service and team, three for the owner.
    """
    text = {name: str(said.get(name) or "").replace("\x00", "").strip()[:200] for name in NAMES}
    known, faults = _shapes(text)
    found, unknown = _look_up(text)
    return Wanted(**known, **found), {**faults, **unknown}


def kept(query: str) -> Wanted:
    """What was read once and kept as `Wanted.query`; nothing is looked up."""
    text = dict.fromkeys(NAMES, "") | dict(parse_qsl(query))
    named: dict[str, Any] = {name: text[name] for name in ("service", "team", "owner")}
    return Wanted(**_shapes(text)[0], **named)


def _shapes(text: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """All that needs no look into the database, and what of it cannot be used."""
    faults: dict[str, str] = {}
    known: dict[str, Any] = {}
    for name, choices in (("state", STATES), ("layer", LAYERS), ("period", [*PERIODS, DAYS])):
        if text[name] and text[name] not in choices:
            faults[name] = f"“{text[name][:40]}” is no {name}: use one of {', '.join(choices)}."
        elif text[name]:
            known[name] = text[name]
    asked = [one.strip() for one in text["severity"].split(",") if one.strip()]
    if set(asked) <= set(Severity.values):
        known["severity"] = ",".join(one for one in Severity.values if one in asked)
    else:
        faults["severity"] = f"“{text['severity'][:40]}” is no severity: use {', '.join(Severity.values)}, or several."
    for name in ("mine", "nobody"):
        known[name] = text[name].lower() in {"1", "true", "on", "yes"}
    days, wrong = _days(text)
    if known.get("period") in PERIODS:
        days = {}
    return {**known, **days}, {**faults, **wrong}


def _days(text: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The days that `from` and `to` name, with the period that they mean; nothing when they cannot be used."""
    days = {name: _day(text[name]) for name in ("from", "to")}
    faults = {
        name: f"“{text[name][:40]}” is not a day: write {name} as 2026-03-31."
        for name, day in days.items()
        if text[name] and day is None
    }
    if days["from"] and days["to"] and days["from"] > days["to"]:
        return {}, {"from": "from lies after to: swap the two days."}
    if not any(days.values()):
        return {}, faults
    return {"period": DAYS, "since": days["from"], "until": days["to"]}, faults


def _look_up(text: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Service, team and owner by what names them; a query for each that is asked for."""
    found: dict[str, Any] = {"names": {}}
    faults = {}
    if asked := text["service"]:
        service = Service.objects.filter(Q(slug=asked) | Q(name__iexact=asked)).order_by("retired_at").first()
        if service is None:
            faults["service"] = f"No service is called “{asked[:60]}”."
        else:
            found["service"], found["names"]["service"] = service.slug, service.name
    if asked := text["team"]:
        team = Team.objects.filter(Q(slug=asked) | Q(name__iexact=asked)).order_by("-dissolved_at").first()
        if team is None:
            faults["team"] = f"No team is called “{asked[:60]}”."
        else:
            found["team"], found["names"]["team"] = team.slug, team.name
    if asked := text["owner"]:
        party = people.party_named(asked) or people.party_called(asked, everybody=True)
        if party is None:
            faults["owner"] = f"Nobody and no team is known as “{asked[:60]}”."
        else:
            kind = "person" if isinstance(party, Person) else "team"
            found["owner"], found["names"]["owner"] = f"{kind}:{party.pk}", str(party)
    return found, faults


def _day(text: str) -> date | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return day if 1990 <= day.year < 3000 else None


def matching(wanted: Wanted, *, viewer: Person, now: datetime) -> Q:
    """The condition on incidents; for a query over incidents, with what the viewer may see asked for beside it."""
    found = wanted.shown.holds
    if wanted.severity:
        found &= Q(severity__in=wanted.severity.split(","))
    if wanted.layer:
        found &= Q(Exact(SUSPECTED, "" if wanted.layer == UNKNOWN else wanted.layer))
    if wanted.nobody:
        found &= Q(service__isnull=True)
    if wanted.service:
        found &= Q(service__in=Service.objects.filter(slug=wanted.service).values("pk"))
    if wanted.owner:
        kind, _, number = wanted.owner.partition(":")
        party = Q(team=number) if kind == "team" else Q(person=number) | Q(answering=number)
        found &= Q(service__in=_answered(party, now=now))
    if wanted.team:
        found &= of_team(wanted.team, now=now)
    if wanted.mine:
        found &= mine(viewer, now=now)
    return found & _noticed(wanted, now=now)


def mine(viewer: Person, *, now: datetime) -> Q:
    """The viewer has the ball, or answers for the service, by name or through a team."""
    return Q(ball=viewer) | Q(service__in=_answered(Q(person=viewer) | Q(team__memberships__person=viewer), now=now))


def of_team(slug: str, *, now: datetime) -> Q:
    """The team, or one of its members, answers for the service, or it looks after the service or the component."""
    answers = Q(team__slug=slug) | Q(person__memberships__team__slug=slug)
    custodian = Q(role=AssignmentRole.CUSTODIAN, team__slug=slug)
    held = _held(now).filter((Q(role=AssignmentRole.ACCOUNTABLE) & answers) | custodian)
    components = Component.objects.filter(custodian__slug=slug)
    return Q(service__in=held.filter(service__isnull=False).values("service")) | Q(
        component__in=components.values("pk")
    )


def _answered(party: Q, *, now: datetime) -> QuerySet[Assignment, Any]:
    """The services for which such a party is accountable now."""
    return _held(now).filter(party, role=AssignmentRole.ACCOUNTABLE, service__isnull=False).values("service")


def _held(now: datetime) -> QuerySet[Assignment]:
    return Assignment.objects.filter(superseded_at__isnull=True, during__contains=now)


def _noticed(wanted: Wanted, *, now: datetime) -> Q:
    if wanted.period in PERIODS:
        return Q(detected_at__gte=now - timedelta(days=PERIODS[wanted.period][1]))
    found = Q()
    if wanted.period == DAYS and wanted.since:
        found &= Q(detected_at__gte=_midnight(wanted.since))
    if wanted.period == DAYS and wanted.until:
        found &= Q(detected_at__lt=_midnight(wanted.until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def of(incidents: QuerySet[Incident], wanted: Wanted, *, viewer: Person, now: datetime) -> QuerySet[Incident]:
    """These incidents, narrowed."""
    return incidents.filter(matching(wanted, viewer=viewer, now=now))
