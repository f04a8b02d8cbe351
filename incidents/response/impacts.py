"""What an incident does to users: in words, since when, and in numbers; said, corrected, never overwritten."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from incidents.response import timeline
from incidents.response.locking import locked, refuse_absurd
from incidents.response.models import ImpactFacts, Incident
from incidents.response.queries import impacts as reads
from incidents.response.vocabulary import Green, IncidentType, Precision, TimelineKind
from ownership.models import Person
from web.errors import DomainError


class Changed(DomainError):
    """Somebody changed this meanwhile; look at what it says now, then save again."""

    code = "impact_changed"


@dataclass(frozen=True)
class Impact:
    """When the impact began, as exactly as it is known. `until` only with precision `between`."""

    precision: str = Precision.UNKNOWN
    begins: datetime | None = None
    until: datetime | None = None

    def told(self) -> dict[str, str]:
        """As a timeline row keeps it."""
        return {"precision": self.precision, "until": self.until.isoformat() if self.until else ""}


NO_START = Impact()


@dataclass(frozen=True)
class Facts:
    """How far it went. None and empty: not known. A share is percent; `share_until` None means exactly `share_from`.

    `reproduced` of `tries`: how often it happened again when it was tried.
    """

    slice: str = ""
    share_from: Decimal | None = None
    share_until: Decimal | None = None
    bad_count: int | None = None
    reproduced: int | None = None
    tries: int | None = None
    prompt_version: str = ""
    model_version: str = ""
    index_version: str = ""
    monitors_green: str = Green.UNKNOWN


def set_impact(
    incident: Incident,
    *,
    impact: str,
    began: Impact,
    detected_by: str,
    by: Person,
    now: datetime,
    of_type: str | None = None,
    written_on: str | None = None,
) -> Incident:
    """Say or correct what users see, since when and of which type (None: as it is).

    The old times stay in the incident's versions. `written_on` is the stamp of what the person saw: Changed when it
    says something else by now, unless that is just what they say.
    """
    refuse_absurd(now, impact_from=began.begins, impact_until=began.until)
    with locked(incident) as current:
        wanted = _stamp(impact, detected_by, current.type if of_type is None else of_type, began)
        if written_on not in {None, stamp(current)} and wanted != stamp(current):
            raise Changed
        changed = start_of(current) != began
        current.impact, current.detected_by = impact, detected_by
        begin(current, began)
        current.save(
            update_fields=["impact", "detected_by", "impact_from", "impact_until", "impact_precision", "changed_at"]
        )
        if changed:
            at = began.begins or now
            timeline.add(current, TimelineKind.IMPACT, at=at, now=now, by=by, text=impact, data=began.told())
        if of_type is not None:
            _set_type(current, of_type, by=by, now=now)
    return current


def edit(incident: Incident, *, said: Mapping[str, Any], by: Person, now: datetime) -> Incident:
    """Correct some of it, by the names of `Incident`; what is left out stays as it is when this is saved."""
    names = ("impact", "detected_by", "impact_precision", "impact_from", "impact_until")
    with locked(incident) as current:
        impact, detected_by, *began = (said.get(name, getattr(current, name)) for name in names)
        return set_impact(current, impact=impact, detected_by=detected_by, began=Impact(*began), by=by, now=now)


def stamp(incident: Incident) -> str:
    """Two that say the same have the same; for a form to say what it was written on."""
    return _stamp(incident.impact, incident.detected_by, incident.type, start_of(incident))


def _stamp(impact: str, detected_by: str, of_type: str, began: Impact) -> str:
    times = [time.astimezone(UTC).isoformat() if time else "" for time in (began.begins, began.until)]
    told = "\0".join([impact, detected_by, of_type, began.precision, *times])
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def set_type(incident: Incident, *, of_type: str, by: Person, now: datetime) -> Incident:
    """Say what kind of trouble it is, an IncidentType; empty: not said."""
    with locked(incident) as current:
        _set_type(current, of_type, by=by, now=now)
    return current


def _set_type(current: Incident, of_type: str, *, by: Person, now: datetime) -> None:
    old, current.type = current.type, of_type
    if old != of_type:
        current.save(update_fields=["type", "changed_at"])
        words = [IncidentType(one).label if one else "not said" for one in (old, of_type)]
        timeline.add(current, TimelineKind.TYPE, at=now, now=now, by=by, text=" → ".join(words))


def start_of(incident: Incident) -> Impact:
    """The start of the impact as it stands."""
    return Impact(incident.impact_precision, incident.impact_from, incident.impact_until)


def begin(incident: Incident, began: Impact) -> None:
    """Set the start on an object that the caller saves."""
    incident.impact_precision, incident.impact_from, incident.impact_until = began.precision, began.begins, began.until


def facts_stamp(standing: ImpactFacts | None) -> str:
    """The same of the facts that stand."""
    return str(standing.pk) if standing else "none"


def state(
    incident: Incident, *, facts: Facts, by: Person, now: datetime, written_on: str | None = None
) -> ImpactFacts | None:
    """Say how far it went; what was said before is superseded. The same again changes nothing.

    Returns what holds now, None while nothing was ever said. `written_on` is the stamp of the facts that the person
    saw: Changed when others stand by now.
    """
    said = asdict(facts)
    if said["share_until"] is None:
        said["share_until"] = facts.share_from
    with locked(incident) as current:
        standing = ImpactFacts.objects.filter(incident=current, superseded_at=None).first()
        before = asdict(Facts()) if standing is None else {name: getattr(standing, name) for name in said}
        if before == said:
            return standing
        if written_on not in {None, facts_stamp(standing)}:
            raise Changed
        if standing is not None:
            now = max(now, standing.known_from)  # of two acts at once the later may have read the clock first
            ImpactFacts.objects.filter(pk=standing.pk).update(superseded_at=now)
        new = ImpactFacts.objects.create(incident=current, by=by, known_from=now, **said)
        text = "; ".join(reads.phrases(current, new)) or "nothing is known of it any more"
        timeline.add(current, TimelineKind.FACTS, at=now, now=now, by=by, text=text)
    return new
