"""What belongs together: the rules of grouping, pure, one and the same for the digest and for the trial of a policy.

What decides is the time by the sender's clock (`at`) and the time of receipt, never the clock of a worker.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEY_LENGTH = 300
NOTHING = timedelta(0)
LOOKS_BACK = 50  # flapping episodes of one problem; only the latest of them matter
LONGEST = timedelta(days=30)  # that any policy lets an incident take alerts


@dataclass(frozen=True)
class Rules:
    """One policy. `flaps` is how many beginnings within `flap_period` are flapping, 0: never."""

    labels: tuple[str, ...] = ()
    window: timedelta = timedelta(minutes=30)
    quiet: timedelta = timedelta(seconds=60)
    reopen: timedelta = NOTHING
    longest: timedelta = timedelta(hours=24)
    flaps: int = 4
    flap_period: timedelta = timedelta(hours=1)
    calm: timedelta = timedelta(minutes=30)

    def quiet_after(self, *, flapping: bool) -> timedelta:
        """How long after an alert's latest reading nothing may come before its incident resolves."""
        return max(self.quiet, self.calm) if flapping else self.quiet

    def flaps_at(self, lately: int) -> bool:
        """Whether so many beginnings within the period are flapping."""
        return 0 < self.flaps <= lately


@dataclass
class Group:
    """An incident as far as grouping looks at it. `last_at` is when its latest member began."""

    opened_at: datetime
    last_at: datetime
    resolved_at: datetime | None = None


def key(base: str, labels: Mapping[str, str], rules: Rules) -> str:
    """The grouping key: `base`, and the value of each label of the policy; a label that is missing counts as empty."""
    whole = "|".join([base, *(f"{name}={labels.get(name, '')}" for name in rules.labels)])
    if len(whole) <= KEY_LENGTH:
        return whole
    return f"{base.partition(':')[0]}:{hashlib.sha256(whole.encode()).hexdigest()}"


def takes(group: Group, rules: Rules, *, at: datetime, received_at: datetime) -> bool:
    """Whether an open group takes one more: within the window after its last, and within its maximum length."""
    last = max(group.last_at, group.opened_at)
    return max(at, received_at) <= min(last + rules.window, group.opened_at + rules.longest)


def comes_back(group: Group, rules: Rules, *, at: datetime, received_at: datetime) -> bool:
    """Whether a group that resolved by itself opens again for this one."""
    if group.resolved_at is None or not rules.reopen:
        return False
    return max(at, received_at) <= min(group.resolved_at + rules.reopen, group.opened_at + rules.longest)


def goes_on(group: Group, rules: Rules, *, since: datetime, at: datetime, received_at: datetime) -> bool:
    """Whether a problem that flapped at `since` in this open group goes on there, past the window too."""
    return at <= since + rules.calm and max(at, received_at) <= group.opened_at + rules.longest


def lately(starts: Sequence[datetime], period: timedelta) -> list[int]:
    """For each of these beginnings, oldest first: how many lie within `period` up to it, itself included."""
    return [
        bisect_right(starts, start) - bisect_right(starts, start - period, hi=index)
        for index, start in enumerate(starts)
    ]


@dataclass(frozen=True)
class Seen:
    """An episode as a trial sees it; `resolved_at` None: it still fires."""

    problem: Hashable
    key: str
    at: datetime
    received_at: datetime
    last_received_at: datetime
    resolved_at: datetime | None


@dataclass
class _Trial:
    """A group of the trial, its members, and whether its key still leads to it."""

    group: Group
    members: list[int] = field(default_factory=list)
    joinable: bool = True


def simulate(seen: Sequence[Seen], rules: Rules) -> list[int]:
    """What the digest would have made of these, had each been digested as it came: a group's number for each.

    Knows nothing of people: nobody resolves, reopens or moves anything here.
    """
    return _Simulation(seen, rules).run()


class _Simulation:
    """The walk through the episodes in the order of receipt."""

    def __init__(self, seen: Sequence[Seen], rules: Rules) -> None:
        self.seen, self.rules = seen, rules
        self.flapping = _flapping(seen, rules)
        self.trials: list[_Trial] = []
        self.by_key: dict[str, list[int]] = defaultdict(list)
        self.flapped: dict[Hashable, list[tuple[datetime, int]]] = defaultdict(list)  # beginnings and their groups

    def run(self) -> list[int]:
        """Each episode's group."""
        places = [0] * len(self.seen)
        order = sorted(range(len(self.seen)), key=lambda index: (self.seen[index].received_at, self.seen[index].at))
        for index in order:
            one = self.seen[index]
            number = self._follow(one)
            number = self._by_key(one) if number is None else number
            trial = self.trials[number]
            trial.members.append(index)
            trial.group.last_at = max(trial.group.last_at, one.at)
            if self.flapping[index]:
                self.flapped[one.problem].append((one.at, number))
            places[index] = number
        return places

    def _follow(self, one: Seen) -> int | None:
        """The open group in which its problem flaps."""
        for since, number in sorted(self.flapped[one.problem][-LOOKS_BACK:], reverse=True):
            group = self.trials[number].group
            on = goes_on(group, self.rules, since=since, at=one.at, received_at=one.received_at)
            if since <= one.at and on and not self._is_over(self.trials[number], one.received_at):
                if not takes(group, self.rules, at=one.at, received_at=one.received_at):
                    self.trials[number].joinable = False  # what follows past the window does not renew it
                return number
        return None

    def _by_key(self, one: Seen) -> int:
        """The group that it joins, opens again, or opens."""
        numbers = self.by_key[one.key]
        over = [number for number in numbers if self._is_over(self.trials[number], one.received_at)]
        when = {"at": one.at, "received_at": one.received_at}
        for number in numbers:
            trial = self.trials[number]
            if number not in over and trial.joinable:
                if takes(trial.group, self.rules, **when):
                    return number
                trial.joinable = False
        if self.rules.reopen and over:
            number = max(over, key=lambda number: (self.trials[number].group.resolved_at, number))
            trial = self.trials[number]
            if comes_back(trial.group, self.rules, **when):
                trial.group.resolved_at, trial.joinable = None, True
                return number
        if not self.rules.reopen:
            self.by_key[one.key] = [number for number in numbers if number not in over]
        self.trials.append(_Trial(Group(opened_at=one.received_at, last_at=one.at)))
        self.by_key[one.key].append(len(self.trials) - 1)
        return len(self.trials) - 1

    def _is_over(self, trial: _Trial, as_of: datetime) -> bool:
        """Resolve the group when all its members have and it was quiet; true once it is."""
        if trial.group.resolved_at is None and all(self._is_quiet(member, as_of) for member in reversed(trial.members)):
            ends = [self.seen[member].resolved_at for member in trial.members]
            trial.group.resolved_at = max(end for end in ends if end is not None)
            trial.joinable = False
        return trial.group.resolved_at is not None

    def _is_quiet(self, member: int, as_of: datetime) -> bool:
        one = self.seen[member]
        after = self.rules.quiet_after(flapping=self.flapping[member])
        return one.resolved_at is not None and one.last_received_at + after <= as_of


def _flapping(seen: Sequence[Seen], rules: Rules) -> list[bool]:
    """Which of the episodes is one of a problem that comes and goes."""
    by_problem: dict[Hashable, list[int]] = defaultdict(list)
    for index in sorted(range(len(seen)), key=lambda index: seen[index].at):
        by_problem[seen[index].problem].append(index)
    flags = [False] * len(seen)
    for indexes in by_problem.values():
        for index, count in zip(indexes, lately([seen[index].at for index in indexes], rules.flap_period), strict=True):
            flags[index] = rules.flaps_at(count)
    return flags
