"""What the alerts tell an incident's timeline: a sort of alert began, the last of it ended; not each repeat.

Of a problem that comes and goes, `flapping` tells once; its further beginnings and ends are counted, not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from incidents.alerts import ledger
from incidents.alerts.episodes import Episode
from incidents.response import timeline
from incidents.response.models import Incident, TimelineRow
from incidents.response.opening import Place
from incidents.response.vocabulary import TimelineKind

_CALLED = """
SELECT DISTINCT ON (ended.incident_id, ended.name) ended.incident_id, ended.name, COALESCE(row.data ->> 'title', '')
FROM unnest(%s::bigint[], %s::text[]) AS ended(incident_id, name)
JOIN incidents_timelinerow AS row ON row.incident_id = ended.incident_id AND row.kind = 'alert_firing'
 AND COALESCE(row.data ->> 'name', '') = ended.name
ORDER BY ended.incident_id, ended.name, row.at DESC, row.id DESC
"""


@dataclass
class _Sort:
    """What a batch did to one sort of alert in one incident."""

    opened: list[tuple[Episode, Place]] = field(default_factory=list)
    ended: list[Episode] = field(default_factory=list)
    risen: int = 0  # by how many more are open after the batch than before


@dataclass(frozen=True)
class _Left:
    """One sort of alert after a batch: how many are open, and what it was called when it last began."""

    name: str
    open: int
    called: str


def tell(episodes: Sequence[Episode], places: Mapping[int, Place], *, now: datetime) -> None:
    """Write the batch's rows, after the alerts were saved; `places` is keyed by `id()` of the episode object."""
    sorts: dict[tuple[int, str], _Sort] = defaultdict(_Sort)
    for episode in episodes:
        source = episode.cut_from or episode
        place = places.get(id(source))
        incident_id = place.incident.pk if place else source.incident_id
        if incident_id is not None and episode.times_seen:
            _count(sorts[incident_id, source.name], episode, place)
    sorts = {key: sort for key, sort in sorts.items() if sort.opened or sort.ended}
    if not sorts:
        return  # repeats alone
    # One more than opened just now tells whether any was open before.
    still_open = ledger.still_open({key: max(sort.risen, 0) + 1 for key, sort in sorts.items()})
    ending = [key for key, sort in sorts.items() if sort.ended]
    told = _told(ending) if ending else {}
    timeline.add_all(
        row
        for key, sort in sorts.items()
        for row in _rows(Incident(pk=key[0]), _Left(key[1], still_open.get(key, 0), told.get(key, "")), sort, now)
    )


def _told(sorts: Sequence[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """What each sort of alert was called when it last began: its end is told by the same name; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_CALLED, [[incident_id for incident_id, _ in sorts], [name for _, name in sorts]])
        return {(incident_id, name): title for incident_id, name, title in cursor.fetchall()}


def _count(sort: _Sort, episode: Episode, place: Place | None) -> None:
    is_open = episode.resolved_at is None
    if episode.opened and place is not None:
        if episode.told_flapping or not episode.flapping:
            sort.opened.append((episode, place))
        sort.risen += is_open
    elif episode.cut_from is not None:
        sort.risen += is_open
    elif episode.closed:
        sort.risen -= 1
    if not is_open and (episode.closed or episode.opened) and not episode.flapping:
        sort.ended.append(episode)


def _rows(incident: Incident, left: _Left, sort: _Sort, now: datetime) -> list[TimelineRow]:
    rows = []
    name, called = left.name, left.called
    open_before = left.open - sort.risen
    if sort.opened and open_before <= 0:
        first, place = min(sort.opened, key=lambda one: one[0].started_at)
        called = title = first.title
        more = len(sort.opened) - 1
        rows.append(
            timeline.row(
                incident,
                TimelineKind.ALERT_FIRING,
                at=first.started_at,
                now=now,
                text=f"{title} (and {more} more of its sort)" if more else title,
                why=place.why,
                data={"name": name, "title": title, "count": len(sort.opened)},
            )
        )
    ends = [episode.resolved_at for episode in sort.ended if episode.resolved_at is not None]
    if ends and left.open == 0:
        title = called or (sort.ended[-1].title if len(ends) == 1 else name)
        rows.append(
            timeline.row(incident, TimelineKind.ALERT_RESOLVED, at=max(ends), now=now, text=title, data={"name": name})
        )
    return rows
