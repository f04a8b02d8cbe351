"""Problems that come and go: counted in full, marked on the alert, told once for each bout.

Whether an episode flaps depends only on when the episodes of its problem began, so neither on the order in which they
came to us nor on how they were batched.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection

from incidents.alerts.episodes import Episode
from incidents.alerts.ledger import Problem
from incidents.response import grouping, timeline
from incidents.response.grouping import Rules
from incidents.response.models import GroupingPolicy, Incident, TimelineRow
from incidents.response.queries import policies
from incidents.response.vocabulary import TimelineKind
from web.wording import duration

MINUTE = timedelta(minutes=1)
WHY = "it is counted on, but neither told each time nor resolved before it has held still that long"

_BEGINNINGS = """
SELECT alert.id, alert.source_id, alert.problem_key, alert.started_at, alert.flapping, alert.lately, alert.title,
       alert.incident_id, incident.policy_id
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS wanted(source_id, problem_key, since)
CROSS JOIN (SELECT GREATEST(%s, max(flap_minutes)) AS minutes FROM incidents_groupingpolicy) AS longest
JOIN incidents_alert AS alert
  ON alert.source_id = wanted.source_id AND alert.problem_key = wanted.problem_key
 AND alert.started_at >= wanted.since - make_interval(mins => longest.minutes)
LEFT JOIN incidents_incident AS incident ON incident.id = alert.incident_id
WHERE alert.times_seen > 0 AND NOT alert.is_test
ORDER BY alert.source_id, alert.problem_key, alert.started_at, alert.id
"""
_MARK = """
UPDATE incidents_alert AS alert SET lately = found.lately, flapping = found.flapping
FROM unnest(%s::bigint[], %s::int[], %s::boolean[]) AS found(id, lately, flapping)
WHERE alert.id = found.id
"""


@dataclass
class _Beginning:
    """A stored episode: as it was marked, and as it is to be."""

    id: int
    problem: Problem
    at: datetime
    was_flapping: bool
    was_lately: int
    title: str
    incident_id: int | None
    policy: GroupingPolicy | None
    rules: Rules
    lately: int = 1

    @property
    def flapping(self) -> bool:
        """As it is to be."""
        return self.rules.flaps_at(self.lately)


def mark(episodes: Sequence[tuple[Problem, Episode]], *, seen: Collection[Problem], now: datetime) -> list[TimelineRow]:
    """After the batch was saved: mark what flaps by now, on the rows and the episodes; returns the rows that tell it.

    `seen` are the problems known before the batch: another's only episode cannot flap. Three statements at most,
    whatever the number.
    """
    since: dict[Problem, datetime] = {}
    several = Counter(problem for problem, _ in episodes)
    for problem, episode in episodes:
        may_flap = problem in seen or several[problem] > 1
        news = episode.opened or episode.cut_from or episode.moved
        if may_flap and news and episode.times_seen and not episode.is_test:
            since[problem] = min(since.get(problem, episode.started_at), episode.started_at)
    if not since:
        return []
    bouts = _bouts(_beginnings(since), since)
    _save([one for one in bouts.all if (one.was_lately, one.was_flapping) != (one.lately, one.flapping)])
    flapping = {(one.problem, one.at) for one in bouts.all if one.flapping}
    told = {(one.problem, one.at) for one in bouts.told}
    for problem, episode in episodes:
        if problem in since:
            episode.flapping = (problem, episode.started_at) in flapping
            episode.told_flapping = (problem, episode.started_at) in told
    return [_row(one, now) for one in bouts.told]


@dataclass
class _Bouts:
    """Beginnings at or after the first news of their problem, and those with which a bout begins that none was told."""

    all: list[_Beginning]
    told: list[_Beginning]


def _bouts(beginnings: Sequence[_Beginning], since: dict[Problem, datetime]) -> _Bouts:
    found = _Bouts([], [])
    by_problem: dict[Problem, list[_Beginning]] = defaultdict(list)
    for one in beginnings:
        by_problem[one.problem].append(one)
    for problem, ones in by_problem.items():
        starts = [one.at for one in ones]
        counts = {period: grouping.lately(starts, period) for period in {one.rules.flap_period for one in ones}}
        for place, one in enumerate(ones):
            # What began before the news is marked already, by more than was loaded here.
            known = one.at < since[problem]
            one.lately = one.was_lately if known else counts[one.rules.flap_period][place]
            if not known:
                found.all.append(one)
        for flaps, bout in groupby(ones, key=lambda one: one.flapping):
            run = list(bout)
            if flaps and not any(one.was_flapping for one in run) and run[0].incident_id is not None:
                found.told.append(run[0])
    return found


def _beginnings(since: dict[Problem, datetime]) -> list[_Beginning]:
    sources, keys = [source for source, _ in since], [key for _, key in since]
    with connection.cursor() as cursor:
        period = policies.rules_of(None).flap_period // MINUTE
        cursor.execute(_BEGINNINGS, [sources, keys, list(since.values()), period])
        rows = cursor.fetchall()
    numbers = {row[8] for row in rows if row[8] is not None}
    held: dict[Any, GroupingPolicy] = GroupingPolicy.objects.select_related("service").in_bulk(numbers)
    rules: dict[Any, Rules] = {None: policies.rules_of(None), **{pk: one.rules for pk, one in held.items()}}
    return [
        _Beginning(pk, (source, key), at, flapping, count, title, incident, held.get(policy), rules[policy])
        for pk, source, key, at, flapping, count, title, incident, policy in rows
    ]


def _save(changed: Sequence[_Beginning]) -> None:
    if changed:
        with connection.cursor() as cursor:
            flags = [one.flapping for one in changed]
            cursor.execute(_MARK, [[one.id for one in changed], [one.lately for one in changed], flags])


def _row(one: _Beginning, now: datetime) -> TimelineRow:
    times = f"{one.rules.flaps} times within {duration(one.rules.flap_period)}"
    return timeline.row(
        Incident(pk=one.incident_id),
        TimelineKind.FLAPPING,
        at=one.at,
        now=now,
        text=f"{one.title}: {times}; quiet until it holds for {duration(one.rules.calm)}",
        why=f"{WHY}; {policies.named(one.policy)}",
        data={"problem": one.problem[1]},
    )
