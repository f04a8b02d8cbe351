"""How readings become episodes, by the sender's times: pure, and the same whatever order the readings come in.

The law is what in-order delivery would give, a firing before a resolve of the same instant: a firing opens an episode
unless one covers it; a resolve closes the episode that covers it. So a firing older than the recorded resolve belongs
to the past, and a resolve that overtakes its firing waits as an episode not yet seen firing (`times_seen` 0).
An episode remembers its first and its last firing, not those between: where a late resolve cuts an episode in two, the
later part begins at the last firing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from incidents.alerts.sources.reading import Reading, State


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
    """One row of alerts, as stored or still to be stored (`id` None). `shown` is the reading to show from now on."""

    started_at: datetime
    last_event_at: datetime
    received_at: datetime
    last_received_at: datetime
    resolved_at: datetime | None = None
    times_seen: int = 0
    id: int | None = None
    incident_id: int | None = None
    is_test: bool = False
    stored_name: str = ""
    shown: Reading | None = None
    opened: bool = False  # its first firing came just now: it needs an incident
    closed: bool = False  # its resolve came just now
    changed: bool = False
    cut_from: Episode | None = None  # a late resolve cut it from this one; it stays in the same incident

    @property
    def name(self) -> str:
        """The sort of alert that it is one of."""
        return self.shown.name if self.shown else self.stored_name

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
        began = _not_before_the_last(episodes, mark)
        episode = Episode(began, mark.at, mark.received_at, mark.received_at, is_test=mark.is_test)
        episodes.append(episode)
    if episode.times_seen == 0:
        episode.opened, episode.last_event_at = True, mark.at
    if mark.at >= episode.last_event_at:
        episode.shown = mark.reading
    episode.started_at = min(episode.started_at, mark.at)
    episode.last_event_at = max(episode.last_event_at, mark.at)
    episode.times_seen += 1
    _touched(episode, mark)


def _resolve(episodes: list[Episode], mark: Mark) -> None:
    episode = _covering(episodes, mark.at)
    if episode is None:
        _hold(episodes, mark)
    elif episode.times_seen and episode.last_event_at > mark.at:
        _cut(episodes, episode, mark)
    else:
        if episode.resolved_at is not None and mark.at < episode.resolved_at and mark.began is None:
            _hold_at(episodes, episode.resolved_at, mark)  # the later resolve may close what fires between the two
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


def _not_before_the_last(episodes: list[Episode], mark: Mark) -> datetime:
    """Where a new episode begins: as the sender says, but never inside an episode that has ended."""
    began = min(mark.began or mark.at, mark.at)
    ends = [episode.resolved_at for episode in episodes if episode.resolved_at is not None]
    return mark.at if ends and began <= max(ends) else began


def _hold(episodes: list[Episode], mark: Mark) -> None:
    """Keep a resolve that nothing fired for yet, unless the sender says that it belongs to an episode that ended."""
    before = [episode for episode in episodes if episode.resolved_at is not None and episode.resolved_at < mark.at]
    if mark.began is not None and before and mark.began <= max(e.resolved_at for e in before if e.resolved_at):
        return
    _hold_at(episodes, mark.at, mark)


def _hold_at(episodes: list[Episode], at: datetime, mark: Mark) -> None:
    began = min(mark.began or at, at)
    held = Episode(
        began, began, mark.received_at, mark.received_at, resolved_at=at, is_test=mark.is_test, shown=mark.reading
    )
    held.closed = held.changed = True
    episodes.append(held)


def _cut(episodes: list[Episode], episode: Episode, mark: Mark) -> None:
    """A late resolve between two firings ends the first part; the second begins at the last firing."""
    later = replace(
        episode,
        id=None,
        started_at=episode.last_event_at,
        received_at=mark.received_at,
        times_seen=1,
        opened=False,
        changed=True,
        cut_from=episode,
    )
    episodes.append(later)
    episode.times_seen = max(episode.times_seen - 1, 1)
    episode.last_event_at = episode.started_at
    episode.closed = episode.closed or episode.resolved_at is None
    episode.resolved_at = mark.at
    _touched(episode, mark)


def _touched(episode: Episode, mark: Mark) -> None:
    episode.changed = True
    episode.received_at = min(episode.received_at, mark.received_at)
    episode.last_received_at = max(episode.last_received_at, mark.received_at)
