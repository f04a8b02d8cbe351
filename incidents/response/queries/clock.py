"""The times of an incident as its page tells them: as they are, what they were before, how long it took, and whether a
person has checked them.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from incidents.response.models import Incident, IncidentVersion
from incidents.response.queries import doubts, durations
from incidents.response.queries.durations import Span
from incidents.response.vocabulary import Anchor

VERSIONS = 30
LATER = [anchor for anchor in Anchor if anchor is not Anchor.IMPACT]


@dataclass(frozen=True)
class Was:
    """A time that was believed until `until`."""

    at: datetime
    until: datetime | None


@dataclass(frozen=True)
class Mark:
    """One anchor: when it was, and what was believed before, newest first."""

    anchor: Anchor
    at: datetime | None
    before: Sequence[Was]


@dataclass(frozen=True)
class Clock:
    """All anchors, the spans between them, and when the times were last checked and changed again since."""

    marks: Sequence[Mark]
    spans: Sequence[Span]
    checked_before: datetime | None  # they were checked then, and one has changed since

    @property
    def corrected(self) -> bool:
        """True when some time was another before."""
        return any(mark.before for mark in self.marks)


def of(incident: Incident) -> Clock:
    """The clock of an incident, from its latest VERSIONS; one query, two of what was imported."""
    past = IncidentVersion.objects.filter(incident=incident, superseded_at__isnull=False)
    versions = list(past.order_by("-known_from", "-pk")[:VERSIONS])
    marks = [Mark(anchor, _at(incident, anchor), _before(incident, anchor, versions)) for anchor in Anchor]
    checks = [one.times_checked_at for one in versions if one.times_checked_at]
    spans = durations.of(incident, doubts.of(incident))
    return Clock(marks, spans, checks[0] if checks and not incident.times_checked_at else None)


def known_at(incident: Incident, at: datetime) -> Incident:
    """The incident with its times as they were believed then; for showing, never saved. One query."""
    versions = IncidentVersion.objects.filter(incident=incident, known_from__lte=at)
    standing = versions.filter(Q(superseded_at=None) | Q(superseded_at__gt=at))
    version = standing.order_by("-known_from", "-pk").first()
    then = copy.copy(incident)
    if version is not None:
        for name in ("impact_from", "impact_until", "impact_precision", *(f"{one.value}_at" for one in LATER)):
            setattr(then, name, getattr(version, name))
    return then


def plain(incident: Incident, *, at: datetime) -> Clock:
    """The clock of an incident as known then (see `known_at`), without what was believed before.

    No query, and one of what was imported.
    """
    spans = durations.of(incident, doubts.of(incident, known_at=at))
    return Clock([Mark(anchor, _at(incident, anchor), ()) for anchor in Anchor], spans, None)


def _before(incident: Incident, anchor: Anchor, versions: Sequence[IncidentVersion]) -> list[Was]:
    """Each other time that was believed, once, with when it stopped being."""
    found: list[Was] = []
    shown = _at(incident, anchor)
    for version in versions:
        was = _at(version, anchor)
        if was is not None and was != shown:
            found.append(Was(was, version.superseded_at))
        shown = was
    return found


def _at(of: Incident | IncidentVersion, anchor: Anchor) -> datetime | None:
    """The time of an anchor; of the impact's start the earliest."""
    if anchor is Anchor.IMPACT:
        return of.impact_from
    at: datetime | None = getattr(of, f"{anchor.value}_at")
    return at
