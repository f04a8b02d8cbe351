"""What a grouping policy would have made of the last weeks' alerts, beside what became of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection

from incidents.alerts.models import Alert
from incidents.response import grouping
from incidents.response.grouping import Rules, Seen
from incidents.response.models import GroupingPolicy, Incident
from incidents.response.queries import visible
from ownership.models import Person, Service

DAYS = 30
NEWEST = 5000  # alerts; older ones are left out, and the page says so
DRAWN = 400  # bars of a strip
DIFFERENCES = 8
NAMED = 5
WIDTH, LANES, LANE = 1000, 6, 9  # of the picture, in units of its own

_LABELS = """
SELECT label.key, count(DISTINCT label.value), count(*)
FROM (SELECT labels FROM incidents_alert WHERE (%(service)s::bigint IS NULL OR service_id = %(service)s)
        AND NOT is_test ORDER BY received_at DESC, id DESC LIMIT 500) AS alert,
    jsonb_each_text(alert.labels) AS label
GROUP BY label.key ORDER BY count(*) DESC, label.key LIMIT 12
"""


@dataclass(frozen=True)
class Bar:
    """One incident in a strip; `changed` when the other strip cuts it otherwise."""

    x: float
    y: int
    width: float
    changed: bool
    title: str


@dataclass(frozen=True)
class Difference:
    """Incidents that would have been one (`into` 1), or one that would have been several."""

    incidents: Sequence[Incident]
    more: int
    into: int
    alerts: int

    @property
    def numbers(self) -> list[int]:
        """Of those incidents."""
        return [incident.pk for incident in self.incidents]


@dataclass(frozen=True)
class Trial:
    """Both pictures. `replayed` is what the policy in force makes of the same alerts when no person does anything."""

    since: datetime
    until: datetime
    alerts: int
    is_cut: bool
    was: int
    would: int
    replayed: int
    strips: tuple[Sequence[Bar], Sequence[Bar]]
    differences: Sequence[Difference]
    more: int

    @property
    def height(self) -> int:
        """Of one strip."""
        return LANES * LANE


@dataclass(frozen=True)
class _Row:
    """An alert: how the trial sees it, by which base key and labels, and where it is."""

    seen: Seen
    base: str
    labels: Mapping[str, str]
    incident_id: int
    title: str


def of(
    viewer: Person, service: Service | None, rules: Rules, *, in_force: Rules, now: datetime, newest: int = NEWEST
) -> Trial:
    """The trial of these rules for a service, or for all that have no policy of their own, over what the viewer sees.

    Three queries.
    """
    rows, is_cut = _rows(viewer, service, now, newest)
    since = min((row.seen.received_at for row in rows), default=now) if is_cut else now - timedelta(days=DAYS)
    would = grouping.simulate(_keyed(rows, rules), rules)
    replayed = grouping.simulate(_keyed(rows, in_force), in_force)
    was = [row.incident_id for row in rows]
    changed = _changed(was, would)
    differences = _differences(was, would)
    return Trial(
        since=since,
        until=now,
        alerts=len(rows),
        is_cut=is_cut,
        was=len(set(was)),
        would=len(set(would)),
        replayed=len(set(replayed)),
        strips=(
            _strip(rows, was, [one for one, _ in changed], since, now),
            _strip(rows, would, [one for _, one in changed], since, now),
        ),
        differences=_named(differences[:DIFFERENCES]),
        more=max(len(differences) - DIFFERENCES, 0),
    )


def labels_seen(service: Service | None) -> list[tuple[str, int, int]]:
    """Labels of the newest alerts: name, how many values, on how many alerts; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LABELS, {"service": service.pk if service else None})
        return [(name, values, count) for name, values, count in cursor.fetchall()]


def _rows(viewer: Person, service: Service | None, now: datetime, newest: int) -> tuple[list[_Row], bool]:
    """The newest alerts, oldest first, and whether older ones were left out."""
    found = Alert.objects.filter(
        visible.clause(viewer, of="incident"),
        received_at__gte=now - timedelta(days=DAYS),
        times_seen__gt=0,
        is_test=False,
        incident__isnull=False,
    )
    if service is not None:
        found = found.filter(service=service)
    else:
        own = GroupingPolicy.objects.filter(superseded_at=None, service__isnull=False).values("service")
        found = found.exclude(service__in=own)
    alerts = list(
        found.order_by("-received_at", "-pk").only(
            "source_id", "problem_key", "name", "title", "labels", "started_at", "received_at", "last_received_at",
            "resolved_at", "service_id", "incident_id",
        )[: newest + 1]
    )  # fmt: skip
    rows = [
        _Row(
            Seen(
                (one.source_id, one.problem_key), "", one.started_at, one.received_at, one.last_received_at,
                one.resolved_at,
            ),
            base=f"service:{one.service_id}" if one.service_id else f"unrouted:{one.source_id}:{one.name or one.title}",
            labels=one.labels,
            incident_id=one.incident_id or 0,
            title=one.title,
        )
        for one in alerts[:newest]
    ]  # fmt: skip
    return rows[::-1], len(alerts) > newest


def _keyed(rows: Sequence[_Row], rules: Rules) -> list[Seen]:
    return [replace(row.seen, key=grouping.key(row.base, row.labels, rules)) for row in rows]


def _changed(was: Sequence[int], would: Sequence[int]) -> list[tuple[bool, bool]]:
    """For each alert: whether its incident, and its group of the trial, is not the same set of alerts in the other."""
    sizes, groups, both = Counter(was), Counter(would), Counter(zip(was, would, strict=True))
    same = [sizes[one] == groups[other] == both[one, other] for one, other in zip(was, would, strict=True)]
    return [(not one, not one) for one in same]


def _strip(
    rows: Sequence[_Row], groups: Sequence[int], changed: Sequence[bool], since: datetime, until: datetime
) -> list[Bar]:
    """The latest groups as bars on one time axis; what overlaps lies on lanes of its own, as far as there are any."""
    members: dict[int, list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        members[group].append(place)
    scale = WIDTH / max((until - since).total_seconds(), 1)
    ends = [0.0] * LANES
    bars = []
    for places in sorted(members.values(), key=lambda places: min(rows[place].seen.at for place in places)):
        begin = min(rows[place].seen.at for place in places)
        end = max(rows[place].seen.resolved_at or until for place in places)
        x = min(max((begin - since).total_seconds() * scale, 0), WIDTH - 2)
        width = max(min((end - since).total_seconds() * scale, WIDTH) - x, 2)
        lane = next((lane for lane, taken in enumerate(ends) if taken <= x), LANES - 1)
        ends[lane] = x + width + 1
        many = f"{len(places)} alerts" if len(places) > 1 else "1 alert"
        bars.append(
            Bar(round(x, 1), lane * LANE, round(width, 1), changed[places[0]], f"{rows[places[0]].title}: {many}")
        )
    return bars[-DRAWN:]


_Cut = tuple[list[int], int, int]  # incidents, into how many, alerts


def _differences(was: Sequence[int], would: Sequence[int]) -> list[_Cut]:
    """What would have been joined or cut, the biggest first."""
    joined: dict[int, set[int]] = defaultdict(set)
    cut: dict[int, set[int]] = defaultdict(set)
    for one, other in zip(was, would, strict=True):
        joined[other].add(one)
        cut[one].add(other)
    sizes, groups = Counter(was), Counter(would)
    found: list[_Cut] = [(sorted(ones), 1, groups[other]) for other, ones in joined.items() if len(ones) > 1]
    found += [([one], len(others), sizes[one]) for one, others in cut.items() if len(others) > 1]
    return sorted(found, key=lambda cut: (-max(len(cut[0]), cut[1]), -cut[2], cut[0]))


def _named(cuts: Sequence[_Cut]) -> list[Difference]:
    named = {number for numbers, _, _ in cuts for number in numbers[:NAMED]}
    shown = Incident.objects.in_bulk(named)  # of alerts that the viewer may see
    return [
        Difference([shown[number] for number in numbers[:NAMED]], max(len(numbers) - NAMED, 0), into, alerts)
        for numbers, into, alerts in cuts
    ]
