"""Alerts open incidents or join open ones, set-wise: a fixed number of statements for any number of alerts.

What decides is the time by the sender's clock and the time of receipt, never the clock of the worker: a worker that
was away for an hour makes of its backlog what it would have made at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from incidents.response import grouping, recounting
from incidents.response.grouping import KEY_LENGTH
from incidents.response.models import GroupingPolicy, Incident
from incidents.response.queries import merged, policies
from incidents.response.signals import Follow, Place, Plan, Signal
from incidents.response.vocabulary import DeclaredVia, ResolvedHow, Severity
from web.wording import duration

__all__ = [
    "KEY_LENGTH", "Follow", "Place", "Signal", "adopt_group", "end_joining", "place", "reach", "retime",
]  # fmt: skip

LOCKS = 0x5EA1_0002  # the namespace of the advisory locks on grouping keys
BUCKETS = 64
MINUTE = timedelta(minutes=1)

_REACH = """
UPDATE incidents_incident AS incident SET changed_at = %s,
    detected_at = CASE WHEN declared_via = 'alert' THEN LEAST(detected_at, told.first) ELSE detected_at END,
    last_alert_at = GREATEST(incident.last_alert_at, told.last)
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS told(id, first, last)
WHERE incident.id = told.id AND (told.first < incident.detected_at OR told.last > incident.last_alert_at)
"""

# Each incident by the policy that it opened under; those that somebody holds locked wait for the next time.
_END_JOINING = """
UPDATE incidents_incident SET joinable = false WHERE id IN (
    SELECT incident.id FROM incidents_incident AS incident
    LEFT JOIN incidents_groupingpolicy AS policy ON policy.id = incident.policy_id
    WHERE incident.joinable AND incident.resolved_at IS NULL AND incident.merged_into_id IS NULL AND (
        GREATEST(incident.last_alert_at, incident.opened_at)
            < %s::timestamptz - make_interval(mins => COALESCE(policy.window_minutes, %s))
        OR incident.opened_at < %s::timestamptz - make_interval(mins => COALESCE(policy.longest_minutes, %s))
    )
    FOR NO KEY UPDATE OF incident SKIP LOCKED
)
"""

_RETIME = """
UPDATE incidents_incident AS incident SET changed_at = %s, last_alert_at = told.last,
    detected_at = CASE WHEN incident.declared_via = 'alert' THEN told.first ELSE incident.detected_at END
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS told(id, first, last)
WHERE incident.id = told.id
"""


@dataclass
class _Known:
    """What the signals of a batch may join or open again."""

    by_key: dict[str, Incident]
    by_id: dict[int, Incident]
    ended: dict[str, Incident]  # by key: the last one that its alerts resolved, where its policy reopens
    heads: Mapping[int, Incident | None]  # of what was merged: where its story goes on, None when that is over

    def going_on(self, incident: Incident | None) -> Incident | None:
        """Where what would join this one joins, if anywhere."""
        return incident if incident is None or incident.merged_into_id is None else self.heads[incident.pk]


def place(signals: Sequence[Signal], *, now: datetime) -> list[Place]:
    """Open or join an incident for each signal, in the order of their times; the answers align with `signals`.

    Runs inside the caller's transaction. Writes the incidents, their affected services and the rows that say why.
    """
    keys = sorted({signal.key for signal in signals})
    _lock(keys)
    known = _known(signals)
    plan = Plan()
    places: dict[int, Place] = {}
    for index in sorted(range(len(signals)), key=lambda index: (signals[index].at, signals[index].received_at)):
        places[index] = _place_one(signals[index], known, plan)
    recounting.know_owners(plan, places, signals)
    _save(plan, now)
    ordered = [places[index] for index in range(len(signals))]
    recounting.save_affected(signals, ordered)
    recounting.add_rows(plan, signals, ordered, now=now)
    return ordered


def reach(begins: Mapping[int, Sequence[datetime]], *, now: datetime) -> None:
    """News that came out of order: members of these incidents begin earlier or later than was known.

    Runs inside the caller's transaction; one statement.
    """
    if begins:
        first, last = [min(times) for times in begins.values()], [max(times) for times in begins.values()]
        with connection.cursor() as cursor:
            cursor.execute(_REACH, [now, list(begins), first, last])


def retime(members: Mapping[int, tuple[datetime, datetime]], *, now: datetime) -> None:
    """Members were moved: when the first and the last member of each incident began, by its number.

    A person's word of when it was noticed stays. Runs inside the caller's transaction; one statement.
    """
    first, last = [one for one, _ in members.values()], [one for _, one in members.values()]
    with connection.cursor() as cursor:
        cursor.execute(_RETIME, [now, list(members), first, last])


def end_joining(*, as_of: datetime) -> int:
    """Incidents past their window or maximum length take no more alerts by themselves; returns how many.

    Runs inside the caller's transaction; one statement.
    """
    rules = policies.rules_of(None)
    with connection.cursor() as cursor:
        cursor.execute(_END_JOINING, [as_of, rules.window // MINUTE, as_of, rules.longest // MINUTE])
        return int(cursor.rowcount)


def adopt_group(incident: Incident, *, key: str, policy: GroupingPolicy | None = None) -> None:
    """From now on further alerts of `key` join this incident, unless another open one has that key already.

    Runs inside the caller's transaction.
    """
    _lock([key])
    taken = _joinable([key])
    joinable = incident.joinable and (key not in taken or taken[key].pk == incident.pk)
    Incident.objects.filter(pk=incident.pk, resolved_at=None).update(
        grouping_key=key[:KEY_LENGTH], joinable=joinable, policy=policy
    )


def _lock(keys: Collection[str]) -> None:
    """One digest at a time decides about a key; ascending buckets, so no deadlock. Held until the transaction ends.

    With the key locked, looking first and inserting only what is missing burns no incident numbers.
    """
    buckets = sorted({zlib.crc32(key.encode()) % BUCKETS for key in keys})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::int[]) AS bucket", [LOCKS, buckets])


def _joinable(keys: Collection[str], followed: Collection[int] = ()) -> dict[str, Incident]:
    return {one.grouping_key: one for one in _open(keys, followed) if one.joinable and one.grouping_key in keys}


def _open(keys: Collection[str], followed: Collection[int]) -> list[Incident]:
    """The open incidents that these keys lead to, and those followed; locked."""
    wanted = Q(grouping_key__in=keys, joinable=True) | Q(pk__in=followed)
    found = Incident.objects.filter(wanted, resolved_at=None).select_related("policy__service").order_by("pk")
    return list(found.select_for_update(of=("self",), no_key=True))


def _known(signals: Sequence[Signal]) -> _Known:
    """Two statements: what is open, and what may come back."""
    keys = {signal.key for signal in signals}
    current = _open(keys, {signal.follows.incident_id for signal in signals if signal.follows})
    ended = Incident.objects.filter(resolved_how=ResolvedHow.ALERTS, merged_into=None)
    latest = (
        ended.filter(grouping_key__in=keys, policy__reopen_minutes__gt=0, resolved_at__gte=_earliest(signals))
        .order_by("grouping_key", "-resolved_at", "-pk")
        .distinct("grouping_key")
    )
    latest_left = ended.filter(pk__in=latest.values("pk"), closed_at=None)  # what is closed stays so
    locked = latest_left.select_for_update(of=("self",), no_key=True)
    return _Known(
        by_key={one.grouping_key: one for one in current if one.joinable},
        by_id={one.pk: one for one in current},
        ended={one.grouping_key: one for one in locked.select_related("policy__service").order_by("pk")},
        heads=_heads(current),
    )


def _heads(current: Sequence[Incident]) -> dict[int, Incident | None]:
    """Of those that were merged, by number, the open incident where the story goes on, locked; two queries at most."""
    gone = [one.pk for one in current if one.merged_into_id]
    heads = merged.heads(gone) if gone else {}
    known = {one.pk: one for one in current}
    missing = set(heads.values()) - set(known)
    if missing:
        rows = Incident.objects.filter(pk__in=missing, resolved_at=None).select_related("policy__service")
        known |= {one.pk: one for one in rows.order_by("pk").select_for_update(of=("self",), no_key=True)}
    return {number: known.get(head) for number, head in heads.items()}


def _earliest(signals: Sequence[Signal]) -> datetime:
    """No incident that was resolved before this can come back."""
    return min(min(signal.at, signal.received_at) for signal in signals) - grouping.LONGEST


def _place_one(signal: Signal, known: _Known, plan: Plan) -> Place:
    followed = known.going_on(known.by_id.get(signal.follows.incident_id)) if signal.follows else None
    if followed is not None and signal.follows is not None:
        if not _asks(grouping.takes, followed, signal):  # what follows past the window does not renew it
            followed.joinable = False
            known.by_key = {key: one for key, one in known.by_key.items() if one is not followed}
        _join(followed, signal, plan)
        why = f"joined it: {signal.follows.why}; {policies.named(followed.policy)}"
        return Place(followed, opened=False, why=why)
    current = known.by_key.get(signal.key)
    open_one = known.going_on(current)
    if open_one is not None and _asks(grouping.takes, open_one, signal):
        return _joined(open_one, signal, plan, by_way_of=current if current is not open_one else None)
    ended = known.ended.get(signal.key)
    if ended is not None and _asks(grouping.comes_back, ended, signal):
        return _come_back(ended, current, signal, known, plan)
    if current is not None:
        current.joinable = False
        plan.joined[id(current)] = current
    return _opened(signal, known, plan)


def _asks(question: Any, incident: Incident, signal: Signal) -> bool:
    """One of the questions of `grouping` about an incident, by the policy that it opened under."""
    group = grouping.Group(incident.opened_at, incident.last_alert_at or incident.opened_at, incident.resolved_at)
    rules = policies.rules_of(incident.policy)
    return bool(question(group, rules, at=signal.at, received_at=signal.received_at))


def _opened(signal: Signal, known: _Known, plan: Plan) -> Place:
    incident = Incident(
        title=signal.title,
        service=signal.service,
        component=signal.component,
        severity=signal.severity,
        detected_by=signal.detected_by,
        detected_at=signal.at,
        opened_at=signal.received_at,
        declared_via=DeclaredVia.ALERT,
        grouping_key=signal.key,
        joinable=True,
        last_alert_at=signal.at,
        policy=signal.policy,
    )
    _suggest(incident, signal)
    known.by_key[signal.key] = incident
    plan.opened.append(incident)
    why = f"opened it: {signal.grouped_by} had no incident to join"
    return Place(incident, opened=True, why=f"{why}; grouped by {policies.words(signal.policy)}")


def _joined(incident: Incident, signal: Signal, plan: Plan, *, by_way_of: Incident | None = None) -> Place:
    _join(incident, signal, plan)
    window = duration(policies.rules_of(incident.policy).window)
    why = f"joined it: the last alert of {signal.grouped_by} was less than {window} before"
    if by_way_of is not None:
        why = f"joined it: {by_way_of.ref}, which has {signal.grouped_by}, was merged into it"
    return Place(incident, opened=False, why=f"{why}; grouped by {policies.words(incident.policy)}")


def _come_back(incident: Incident, current: Incident | None, signal: Signal, known: _Known, plan: Plan) -> Place:
    """Open one again that its alerts had resolved; the one that its key led to, if any, takes no more."""
    if current is not None:
        current.joinable = False
        plan.joined[id(current)] = current
    within = duration(policies.rules_of(incident.policy).reopen)
    incident.resolved_at, incident.resolved_how, incident.joinable = None, "", True
    incident.mitigated_at = incident.mitigated_by = None
    del known.ended[signal.key]
    known.by_key[signal.key] = incident
    _join(incident, signal, plan)
    why = f"{signal.grouped_by} came back within {within} after its alerts had resolved"
    why = f"{why}; grouped by {policies.words(incident.policy)}"
    plan.reopened.append((incident, signal, why))
    return Place(incident, opened=False, why=f"opened it again: {why}")


def _join(incident: Incident, signal: Signal, plan: Plan) -> None:
    incident.last_alert_at = max(incident.last_alert_at or signal.at, signal.at)
    if incident.declared_via == DeclaredVia.ALERT:  # else a person said when it was noticed
        incident.detected_at = min(incident.detected_at, signal.at)
    plan.joined[id(incident)] = incident
    _suggest(incident, signal)
    worse = signal.severity.rank < Severity(incident.severity).rank
    if worse and incident.severity_set_by_id is None:
        text = f"{Severity(incident.severity).label} → {signal.severity.label}"
        incident.severity = signal.severity
        plan.raised.append((incident, signal, text))


def _suggest(incident: Incident, signal: Signal) -> None:
    """The first member that suggests a layer does so for the incident; later ones change nothing."""
    if signal.suggestion and not incident.suggested_layer:
        incident.suggested_layer, incident.suggestion = signal.suggestion["layer"], dict(signal.suggestion)


_JOINED = [
    "joinable", "last_alert_at", "detected_at", "severity", "suggested_layer", "suggestion", "changed_at",
    "resolved_at", "resolved_how", "mitigated_at", "mitigated_by",
]  # fmt: skip


def _save(plan: Plan, now: datetime) -> None:
    new = {id(incident) for incident in plan.opened}
    stored = [incident for key, incident in plan.joined.items() if key not in new]
    for incident in stored:
        incident.changed_at = now
    # Those that give a joinable place up go before those that take it again, and before their successors.
    Incident.objects.bulk_update([one for one in stored if not one.joinable], _JOINED)
    Incident.objects.bulk_update([one for one in stored if one.joinable], _JOINED)
    Incident.objects.bulk_create(plan.opened)
