"""How readings become episodes, by the sender's times: pure, and the same whatever order the readings come in.

The law is what in-order delivery would give, a firing before a resolve of the same instant: a firing opens an episode
unless one covers it; a resolve closes the episode that covers it. So a firing older than the recorded resolve belongs
to the past, and a resolve that overtakes its firing is held as an episode not yet seen firing (`times_seen` 0).
An episode remembers the instants at which it fired, so that a resolve that comes late can cut it where it belongs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from incidents.alerts.sources.reading import Reading, State

INSTANTS = 50  # of a longer story the first and the latest are remembered


@dataclass(frozen=True)
class Mark:
    """A reading with its instant decided. `began` is the problem's start where the sender says it."""

    reading: Reading
    at: datetime
    began: datetime | None
    received_at: datetime
    is_test: bool = False


@dataclass
class Episode:
    """One row of alerts, as stored or still to be stored (`id` None).

    `firings` counts what was received for each instant; 0 where only a resolve said that it fired then. `shown` is the
    reading to show from now on, None for the stored one.
    """

    started_at: datetime
    received_at: datetime
    last_received_at: datetime
    resolved_at: datetime | None = None
    firings: dict[datetime, int] = field(default_factory=dict)
    id: int | None = None
    incident_id: int | None = None
    is_test: bool = False
    stored_name: str = ""
    stored_title: str = ""
    shown: Reading | None = None
    opened: bool = False  # its first firing came just now: it needs an incident
    closed: bool = False  # its resolve came just now
    changed: bool = False
    moved: bool = False  # it begins elsewhere than what its incident was told
    cut_from: Episode | None = None  # a late resolve cut it from this one
    flapping: bool = False  # its problem comes and goes: what it does is counted, but not told each time
    told_flapping: bool = False  # and the timeline says so with this one

    @property
    def name(self) -> str:
        """The sort of alert that it is one of."""
        return self.shown.name if self.shown else self.stored_name

    @property
    def title(self) -> str:
        """How it is shown; a resolve alone never renames what people saw firing."""
        return (self.shown.title if self.shown else self.stored_title) or self.name

    @property
    def times_seen(self) -> int:
        """How many firings reached us."""
        return sum(self.firings.values())

    @property
    def last_event_at(self) -> datetime:
        """The instant of its latest firing."""
        return max(self.firings, default=self.started_at)

    def covers(self, at: datetime) -> bool:
        """True from its start to its resolve, both included."""
        return self.started_at <= at and (self.resolved_at is None or at <= self.resolved_at)


def fold(stored: Sequence[Episode], marks: Iterable[Mark]) -> list[Episode]:
    """All episodes of one problem after these marks, oldest first; `stored` are those that the marks may touch."""
    episodes = sorted(stored, key=_start)
    for mark in sorted(marks, key=_order):
        act = _ACTS.get(mark.reading.state)
        if act is not None:
            act(episodes, mark)
            episodes.sort(key=_start)
    return episodes


def _start(episode: Episode) -> tuple[datetime, datetime]:
    return episode.started_at, episode.last_event_at


def _order(mark: Mark) -> tuple[datetime, bool, datetime]:
    return mark.at, mark.reading.state == State.RESOLVED, mark.received_at


def _fire(episodes: list[Episode], mark: Mark) -> None:
    episode = _covering(episodes, mark.at) or _next_after(episodes, mark.at)
    if episode is None:
        episode = Episode(_beginning(episodes, mark), mark.received_at, mark.received_at, is_test=mark.is_test)
        episodes.append(episode)
    if not episode.times_seen or mark.at >= episode.last_event_at:
        episode.shown = mark.reading
    if not episode.times_seen and episode.incident_id is None:
        episode.opened = True
    episode.moved = episode.moved or mark.at < episode.started_at
    episode.started_at = min(episode.started_at, mark.at)
    episode.firings[mark.at] = episode.firings.get(mark.at, 0) + 1
    _forget_the_middle(episode)
    _touched(episode, mark)


def _resolve(episodes: list[Episode], mark: Mark) -> None:
    episode = _covering(episodes, mark.at)
    if episode is None:
        _hold(episodes, mark)
        return
    if mark.began is not None and mark.began >= episode.started_at:
        episode.firings.setdefault(mark.began, 0)
    if episode.firings and episode.last_event_at > mark.at:
        episodes.append(_cut(episode, mark))
    elif episode.resolved_at is not None and mark.at < episode.resolved_at and mark.began is None:
        # The later resolve may close what fires between the two, once that reaches us.
        episodes.append(_held(episode.resolved_at, mark))
    episode.closed = episode.closed or episode.resolved_at is None
    episode.resolved_at = mark.at
    _touched(episode, mark)


def _acknowledge(episodes: list[Episode], mark: Mark) -> None:
    """Somebody over there has seen it; it neither opens nor closes anything."""
    episode = _covering(episodes, mark.at)
    if episode is not None:
        _touched(episode, mark)


_ACTS = {
    State.FIRING: _fire,
    State.NO_DATA: _fire,  # a monitor gone blind is a problem of its own, never a resolve
    State.RESOLVED: _resolve,
    State.ACKNOWLEDGED: _acknowledge,
}


def _covering(episodes: list[Episode], at: datetime) -> Episode | None:
    return next((episode for episode in episodes if episode.covers(at)), None)


def _next_after(episodes: list[Episode], at: datetime) -> Episode | None:
    """The episode that a firing in the gap before it belongs to, for no resolve lies between them."""
    return next((episode for episode in episodes if episode.started_at > at), None)


def _beginning(episodes: list[Episode], mark: Mark) -> datetime:
    """Where a new episode begins: as the sender says, but never inside an episode that has ended."""
    began = min(mark.began or mark.at, mark.at)
    ended = max((episode.resolved_at for episode in episodes if episode.resolved_at), default=None)
    return mark.at if ended and began <= ended else began


def _hold(episodes: list[Episode], mark: Mark) -> None:
    """Keep a resolve that nothing fired for yet, unless the sender says that it belongs to an episode that ended."""
    ended = max((one.resolved_at for one in episodes if one.resolved_at and one.resolved_at < mark.at), default=None)
    if mark.began is None or ended is None or mark.began > ended:
        episodes.append(_held(mark.at, mark))


def _held(at: datetime, mark: Mark) -> Episode:
    firings = {} if mark.began is None else {min(mark.began, at): 0}
    held = Episode(min(firings, default=at), mark.received_at, mark.received_at, resolved_at=at, firings=firings)
    held.is_test, held.shown, held.changed = mark.is_test, mark.reading, True
    return held


def _cut(episode: Episode, mark: Mark) -> Episode:
    """What fired after a late resolve, cut from the episode that ends there."""
    firings = {at: count for at, count in episode.firings.items() if at > mark.at}
    for at in firings:
        del episode.firings[at]
    later = Episode(
        min(firings), episode.received_at, episode.last_received_at, resolved_at=episode.resolved_at, firings=firings
    )
    later.is_test, later.shown = episode.is_test, episode.shown
    later.stored_name, later.stored_title = episode.stored_name, episode.stored_title
    later.closed, later.changed, later.moved = episode.closed, True, True
    later.flapping = episode.flapping
    later.cut_from = episode.cut_from or episode  # of two cuts in one batch, both are from the stored one
    return later


def _forget_the_middle(episode: Episode) -> None:
    while len(episode.firings) > INSTANTS:
        first, second = sorted(episode.firings)[:2]
        episode.firings[first] += episode.firings.pop(second)


def _touched(episode: Episode, mark: Mark) -> None:
    episode.changed = True
    episode.received_at = min(episode.received_at, mark.received_at)
    episode.last_received_at = max(episode.last_received_at, mark.received_at)
