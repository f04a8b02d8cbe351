"""The board of actions: what narrows it, in which order it stands, one page of it, and the numbers above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from incidents.postmortems.models import Action, ActionKind, Priority
from incidents.postmortems.models.actions import DUE, OPEN, UNSETTLED, WAITING
from incidents.postmortems.queries import histories
from incidents.postmortems.queries.histories import Told
from incidents.response.models import Finding
from incidents.response.queries import narrowing, visible
from incidents.response.vocabulary import Layer
from ownership.models import Membership, Person, Service
from ownership.queries import people
from web.pagination import slice_of

ME, ANYONE = "me", "anyone"
BY_DUE, LATEST = ("due", "pk"), ("-pk",)
# In what an address calls states: words, and the order. Only what is settled grows with history; it is not grouped.
STATES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "unsettled": ("Open or to be verified", BY_DUE),
    "open": ("Open", BY_DUE),
    "overdue": ("Overdue", BY_DUE),
    "snoozed": ("Snoozed", BY_DUE),
    "waiting": ("Done, to be verified", BY_DUE),
    "mine_to_verify": ("Waiting for my verification", BY_DUE),
    "verified": ("Verified", ("-verified_at", "-pk")),
    "wont_do": ("Will not be done", ("-declined_at", "-pk")),
    "all": ("All", LATEST),
}
GROUPS = {"": "By due date", "owner": "By owner", "service": "By service"}
CLOSED_LISTS: Mapping[str, Mapping[str, str]] = {
    "state": {code: label for code, (label, _) in STATES.items()},
    "kind": dict(ActionKind.choices),
    "layer": dict(Layer.choices),
    "priority": dict(Priority.choices),
    "group": GROUPS,
}
NAMES = ("owner", "service", *CLOSED_LISTS)
DEFAULTS = {"owner": ME, "state": "unsettled"}
NAMED = (
    "postmortem__incident__service", "pattern_review", "owner", "owner_team", "done_by", "verified_by", "verification",
)  # fmt: skip
EXPORTED = 5_000  # rows of one export at most


@dataclass(frozen=True)
class Wanted:
    """What the board is narrowed to, as the address says it; empty for any. `owner` is me, anyone, or a party's key."""

    owner: str = ME
    service: str = ""
    state: str = "unsettled"
    kind: str = ""
    layer: str = ""
    priority: str = ""
    group: str = ""
    called: str = ""  # the owner by name, when it is somebody

    @property
    def address(self) -> str:
        """It as the query of an address; empty for what an empty address means."""
        said = {name: getattr(self, name) for name in NAMES}
        return urlencode({name: value for name, value in said.items() if value != DEFAULTS.get(name, "")})

    @property
    def grouped(self) -> str:
        """By what the rows are grouped; settled ones never are."""
        return self.group if STATES[self.state][1] == BY_DUE else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but owner and state narrows it."""
        return bool(self.service or self.kind or self.layer or self.priority)


@dataclass(frozen=True)
class Row:
    """One action of the board, and the finding that it answers."""

    told: Told
    finding: Finding | None

    @property
    def action(self) -> Action:
        """The action itself."""
        return self.told.action

    @property
    def host(self) -> str:
        """The id of its row on the page."""
        return f"row-{self.action.pk}"


@dataclass(frozen=True)
class Board:
    """One page of the board: headings with their rows (one empty heading when it is not grouped)."""

    groups: Sequence[tuple[Any, Sequence[Row]]]
    following: str | None
    preceding: str | None


@dataclass(frozen=True)
class View:
    """One of the ready views above the board, and how many actions it has."""

    label: str
    wanted: Wanted
    count: int


def read(said: Mapping[str, Any]) -> tuple[Wanted, dict[str, str]]:
    """What an address asks for, and in words, by parameter, what of it cannot be used; that does not narrow.

    One query for a service, three at most for an owner.
    """
    text = {name: str(said.get(name) or "").replace("\x00", "").strip()[:200] for name in NAMES}
    known: dict[str, str] = {}
    faults: dict[str, str] = {}
    for name, allowed in CLOSED_LISTS.items():
        if text[name] in allowed:
            known[name] = text[name]
        elif text[name]:
            faults[name] = f"“{text[name][:40]}” is no {name}: use one of {', '.join(one for one in allowed if one)}."
    if text["service"]:
        service = Service.objects.filter(Q(slug=text["service"]) | Q(name__iexact=text["service"])).first()
        if service is None:
            faults["service"] = f"No service is called “{text['service'][:60]}”."
        else:
            known["service"] = service.slug
    if text["owner"] in {ME, ANYONE}:
        known["owner"] = text["owner"]
    elif text["owner"]:
        party = people.party_named(text["owner"]) or people.party_called(text["owner"], everybody=True)
        if party is None:
            faults["owner"] = f"Nobody and no team is known as “{text['owner'][:60]}”."
        else:
            kind = "person" if isinstance(party, Person) else "team"
            known |= {"owner": f"{kind}:{party.pk}", "called": str(party)}
    return Wanted(**known), faults


def of(viewer: Person, wanted: Wanted, *, today: date, now: datetime) -> QuerySet[Action]:
    """The actions that the viewer may see, so narrowed; with the names that its order goes by."""
    found = Action.objects.filter(visible.clause_or_none(viewer, of="postmortem__incident"))
    found = found.filter(_held_by(viewer, wanted.owner), in_state(viewer, wanted.state, today=today, now=now))
    if wanted.service:
        found = found.filter(postmortem__incident__service__slug=wanted.service)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.priority:
        found = found.filter(priority=wanted.priority)
    if wanted.layer:
        found = found.filter(of_layer(wanted.layer))
    return found.select_related(*NAMED).annotate(due=DUE, **_group(wanted.grouped))


def keys(wanted: Wanted) -> tuple[str, ...]:
    """The order of the rows: of settled ones the latest first, of the others what is due first, by group."""
    order = STATES[wanted.state][1]
    return ("group_name", "group_id", *order) if wanted.grouped else order


def page(
    viewer: Person, wanted: Wanted, *, today: date, now: datetime, after: str | None = None, before: str | None = None
) -> Board:
    """One page; three queries."""
    part = slice_of(of(viewer, wanted, today=today, now=now), keys=keys(wanted), after=after, before=before)
    shown = rows(part.rows, viewer, today=today)
    groups = [(heading, list(some)) for heading, some in groupby(shown, key=lambda row: _heading(row, wanted.grouped))]
    return Board(groups, part.following, part.preceding)


def rows(actions: Sequence[Action], viewer: Person, *, today: date) -> list[Row]:
    """These actions with what happened to them and their findings; two queries."""
    lines = {one.finding_line for one in actions if one.finding_line is not None}
    current = Finding.objects.filter(line__in=lines, superseded_at=None).select_related("mode")
    findings = {finding.line: finding for finding in current} if lines else {}
    return [
        Row(told, findings.get(told.action.finding_line) if told.action.finding_line else None)
        for told in histories.of(actions, viewer, today=today)
    ]


def views(viewer: Person, *, today: date, now: datetime) -> list[View]:
    """The ready views with their numbers; one query over what is not settled."""
    ready = [
        ("Mine", Wanted()),
        ("Mine, overdue", Wanted(state="overdue")),
        ("Waiting for my verification", Wanted(owner=ANYONE, state="mine_to_verify")),
        ("Everybody’s", Wanted(owner=ANYONE)),
        ("Everybody’s overdue", Wanted(owner=ANYONE, state="overdue")),
    ]
    counted = {
        f"n{place}": Count("pk", filter=_held_by(viewer, one.owner) & in_state(viewer, one.state, today=today, now=now))
        for place, (_, one) in enumerate(ready)
    }
    shown = Action.objects.filter(UNSETTLED, visible.clause_or_none(viewer, of="postmortem__incident"))
    numbers = shown.aggregate(**counted)
    return [View(label, one, numbers[f"n{place}"]) for place, (label, one) in enumerate(ready)]


def own_open(viewer: Person) -> QuerySet[Action]:
    """The open actions that wait for this person, by name or through a team, and are not snoozed."""
    shown = Action.objects.filter(visible.clause_or_none(viewer, of="postmortem__incident"), _held_by(viewer, ME), OPEN)
    return shown.exclude(snoozed_until__gt=timezone.localdate())


def _held_by(viewer: Person, owner: str) -> Q:
    if owner == ANYONE:
        return Q(pk__isnull=False)
    if owner == ME:
        teams = Membership.objects.filter(person=viewer, team__dissolved_at=None).values("team")
        return Q(owner=viewer) | Q(owner_team__in=teams)
    kind, _, number = owner.partition(":")
    return Q(owner=number) if kind == "person" else Q(owner_team=number)


def of_layer(layer: str) -> Exists:
    """They answer a finding of this layer, as it stands now."""
    return Exists(Finding.objects.filter(line=OuterRef("finding_line"), superseded_at=None, layer=layer))


def in_state(viewer: Person, state: str, *, today: date, now: datetime) -> Q:
    """The condition that one of STATES stands for."""
    if state == "mine_to_verify":
        return WAITING & asked_to_verify(viewer, now=now)
    return {
        "unsettled": UNSETTLED,
        "open": OPEN,
        "overdue": OPEN & Q(due_on__lt=today),
        "snoozed": OPEN & Q(snoozed_until__gt=today),
        "waiting": WAITING,
        "verified": Q(verified_at__isnull=False),
        "wont_do": Q(declined_at__isnull=False),
        "all": Q(pk__isnull=False),
    }[state]


def asked_to_verify(viewer: Person, *, now: datetime) -> Q:
    """They wrote the postmortem or the action, or answer for the service, and neither did nor own the action."""
    served = visible.to(viewer).filter(narrowing.mine(viewer, now=now)).values("pk")
    asked = Q(postmortem__author=viewer) | Q(created_by=viewer) | Q(postmortem__incident__in=served)
    return asked & ~Q(done_by=viewer) & (Q(owner__isnull=True) | ~Q(owner=viewer))


def _group(by: str) -> dict[str, Any]:
    if by == "owner":
        name: Any = Coalesce("owner__name", "owner_team__name", Value(""), output_field=CharField())
        number: Any = Coalesce(F("owner"), -F("owner_team"), Value(0), output_field=BigIntegerField())
    elif by == "service":
        name = Coalesce("postmortem__incident__service__name", Value(""))
        number = Coalesce("postmortem__incident__service", Value(0), output_field=BigIntegerField())
    else:
        return {}
    return {"group_name": name, "group_id": number}


def _heading(row: Row, by: str) -> Any:
    if by == "owner":
        return row.action.party or "No owner yet"
    incident = row.action.incident
    return ((incident.service if incident else None) or "No service yet") if by == "service" else ""
