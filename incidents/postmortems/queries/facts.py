"""What the blocks of a postmortem draw from its incident: impact, times, timeline, people, changes.

Of what is published they show what was known when it was published, where that is kept; else they say "as of now".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.alerts.change_models import Change
from incidents.alerts.queries import upstream
from incidents.alerts.queries.upstream import Near
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries.prefill import LEFT_OUT
from incidents.response.models import AffectedService, HandOff, ImpactFacts, Incident, Participation
from incidents.response.queries import clock, durations, handoffs, impacts, merged, people, story
from incidents.response.queries.clock import Clock
from incidents.response.queries.durations import Span
from incidents.response.queries.impacts import Glance
from incidents.response.queries.story import Report
from incidents.response.vocabulary import Anchor, Green
from ownership.models import Person
from ownership.queries import owners

ROWS = 60  # of the timeline
PEOPLE = 50
CHANGES = 6
BAR = 1000  # units from its beginning to its end
LEAST = 6  # units that a stretch is drawn with, however short


@dataclass(frozen=True)
class Extent:
    """How far it went, and what of that nobody knows."""

    glances: Sequence[Glance]
    unknown: Sequence[str]
    versions: Sequence[tuple[str, str]]
    affected: Sequence[AffectedService]


@dataclass(frozen=True)
class Stretch:
    """A part of the time bar: from `x`, so wide, both of BAR. `kind` is `maybe`, `unnoticed`, `known` or `well`."""

    kind: str
    label: str
    words: str
    x: int
    width: int


@dataclass(frozen=True)
class Times:
    """The times with what was believed before, how long it took, and the same as a bar."""

    incident: Incident  # with the times that are told
    clock: Clock
    bar: Sequence[Stretch]


@dataclass(frozen=True)
class Stint:
    """Somebody had the ball from one time to another; `until` None: still."""

    pass_: HandOff
    since: datetime
    until: datetime | None
    lasted: timedelta


@dataclass(frozen=True)
class Crew:
    """Who answered then and later, who took part, and who had the ball how long, in order."""

    then: owners.Answering
    later: owners.Answering
    opened_with: str  # accountable by what was known when it opened, where that was somebody else
    parts: Sequence[tuple[Person, Sequence[Participation]]]
    stints: Sequence[Stint]
    rounds: Sequence[str]
    more: bool


@dataclass(frozen=True)
class Before:
    """The suspected changes, and those nearest to the incident besides them."""

    suspected: Sequence[Change]
    near: Sequence[Near]
    more: bool
    known: bool  # when the impact began


def extent(postmortem: Postmortem) -> Extent:
    """One query, two of what was imported."""
    incident, at = postmortem.incident, postmortem.published_at
    facts = impacts.known_at(incident, at) if at else impacts.current(incident)
    then = clock.known_at(incident, at) if at else incident
    return Extent(
        impacts.glances(then, facts),
        _unknown(facts),
        impacts.versions(facts) if facts else (),
        list(AffectedService.objects.filter(incident=incident).select_related("service").order_by("pk")[:PEOPLE]),
    )


def _unknown(facts: ImpactFacts | None) -> list[str]:
    asked = {
        "what share of the traffic": facts is not None and (facts.share_from is not None or bool(facts.slice)),
        "how many bad answers went out as fine": facts is not None and facts.bad_count is not None,
        "how often it can be shown again": facts is not None and facts.tries is not None,
        "whether the monitors were green": facts is not None and facts.monitors_green in {Green.YES, Green.NO},
    }
    return [what for what, known in asked.items() if not known]


def times(postmortem: Postmortem) -> Times:
    """Two queries."""
    incident, at = postmortem.incident, postmortem.published_at
    if at is None:
        return Times(incident, clock.of(incident), bar(incident))
    then = clock.known_at(incident, at)
    return Times(then, clock.plain(then, at=at), bar(then))


def bar(incident: Incident) -> list[Stretch]:
    """Pure: the stretches between the known times, to scale; none where there are not two, or they are out of order."""
    began = durations.window(incident, Anchor.IMPACT)
    noticed, resolved = incident.detected_at, incident.resolved_at
    well = incident.mitigated_at or resolved
    marks: list[tuple[str, str, datetime | None]] = [
        ("maybe", "may have begun", began[0] if began else None),
        ("unnoticed", "nobody knew", began[1] if began else None),
        ("known", "known, users felt it", noticed),
        ("well", "users were well, not yet resolved", well),
        ("", "", resolved),
    ]
    known = [(kind, label, at) for kind, label, at in marks if at is not None]
    ends = [at for _, _, at in known]
    if len(known) < 2 or ends != sorted(ends) or ends[0] == ends[-1]:
        return []
    whole = (ends[-1] - ends[0]).total_seconds()
    found = []
    for (kind, label, at), until in zip(known, ends[1:], strict=False):
        if until > at:
            x = round((at - ends[0]).total_seconds() / whole * BAR)
            width = max(LEAST, round((until - at).total_seconds() / whole * BAR))
            words = Span("", Anchor.DETECTED, Anchor.RESOLVED, until - at, until - at).words
            found.append(Stretch(kind, label, words, min(x, BAR - width), width))
    return found


def timeline(postmortem: Postmortem, viewer: Person, *, now: datetime) -> Report:
    """The story without the record's own acts, from its beginning; eight queries at most."""
    family = merged.family(postmortem.incident_id)
    return story.report(
        postmortem.incident,
        viewer,
        now=now,
        family=family,
        without=LEFT_OUT,
        until=postmortem.published_at,
        limit=ROWS,
    )


def crew(postmortem: Postmortem, *, now: datetime) -> Crew:
    """Four queries at most, one more of what is published."""
    incident, at = postmortem.incident, postmortem.published_at
    then = later = owners.NOBODY
    if incident.service_id is not None:
        asked = [incident.service_id]
        then = owners.of_services(asked, at=incident.detected_at, known_at=at)[incident.service_id]
        later = owners.of_services(asked, at=at or now, known_at=at)[incident.service_id]
    passes = handoffs.of(incident, until=at)
    parts = list(people.story(incident, until=at).order_by("since", "pk")[: PEOPLE + 1])
    for part in parts:
        if at and part.ended_at and part.ended_at > at:
            part.ended_at = part.ended_by = None  # for showing, never saved
    resolved = clock.known_at(incident, at).resolved_at if at else incident.resolved_at
    return Crew(
        then=then,
        later=later,
        opened_with=_otherwise(incident, then),
        parts=_by_person(parts[:PEOPLE]),
        stints=_stints(passes.rows, resolved, now=at or now),
        rounds=passes.rounds,
        more=passes.more or len(parts) > PEOPLE,
    )


def _by_person(parts: Sequence[Participation]) -> list[tuple[Person, Sequence[Participation]]]:
    """Who came first stands first, each with all their parts."""
    of_each: dict[Person, list[Participation]] = {}
    for part in parts:
        of_each.setdefault(part.person, []).append(part)
    return list(of_each.items())


def _otherwise(incident: Incident, then: owners.Answering) -> str:
    was = incident.chain.get("accountable") or {}
    held = then.accountable.as_known() if then.accountable else {}
    if not incident.chain or (was.get("kind"), was.get("id")) == (held.get("kind"), held.get("id")):
        return ""
    return str(was.get("name", "")) or "nobody"


def _stints(passes: Sequence[HandOff], resolved: datetime | None, *, now: datetime) -> list[Stint]:
    """In the order they happened; the last one lasts until the incident was resolved, else until `now`."""
    rows = list(passes)[::-1]
    ends: list[datetime | None] = [*(row.at for row in rows[1:]), resolved]
    found = []
    for row, until in zip(rows, ends, strict=False):
        end = until if until is None or until >= row.at else row.at
        found.append(Stint(row, row.at, end, max((end or now) - row.at, timedelta())))
    return found


def before(postmortem: Postmortem) -> Before:
    """As of now: a change that comes to light later is listed too. Nine queries at most."""
    incident = postmortem.incident
    near = upstream.of(incident, limit=CHANGES)
    suspected = upstream.suspected(incident.pk)
    lines = {change.line for change in suspected}
    others = [one for one in near.rows if one.change is None or one.change.line not in lines]
    return Before(suspected, others, near.more, near.period.known)
