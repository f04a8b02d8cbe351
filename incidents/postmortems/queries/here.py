"""Who else has a draft open now, and what was saved since a page was drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.postmortems.models import Postmortem, Presence, Section
from ownership.models import Person

FRESH = timedelta(seconds=25)  # pages ask every ten


@dataclass(frozen=True)
class Other:
    """Somebody else who has the draft open, and the sections they write in."""

    person: Person
    sections: Sequence[Section]


@dataclass(frozen=True)
class Look:
    """What a page that is written in should know; `tag` changes whenever any of it does."""

    others: Sequence[Other]
    newer: Sequence[Section]

    @property
    def writers(self) -> dict[str, list[str]]:
        """Who writes in a section, by its key."""
        found: dict[str, list[str]] = {}
        for other in self.others:
            for section in other.sections:
                found.setdefault(section.key, []).append(other.person.name)
        return found

    @property
    def tag(self) -> str:
        """Short, and the same for the same."""
        people = [(one.person.pk, [section.pk for section in one.sections]) for one in self.others]
        saved = [(section.key, section.revision) for section in self.newer]
        return hashlib.sha256(repr((people, saved)).encode()).hexdigest()[:16]


def look(postmortem: Postmortem, viewer: Person, *, known: Mapping[str, int], now: datetime) -> Look:
    """The others, and the sections whose revision is beyond the one that the page knows; two or three queries."""
    rows = Presence.objects.filter(postmortem=postmortem, seen_at__gte=now - FRESH).exclude(person=viewer)
    rows = rows.select_related("person", "section").order_by("person__name", "person", "section__position", "pk")
    found: dict[int, Other] = {}
    for row in rows:
        written = [*found[row.person_id].sections] if row.person_id in found else []
        found[row.person_id] = Other(row.person, [*written, row.section] if row.section else written)
    standing = Section.objects.filter(postmortem=postmortem)
    saved = standing.values_list("pk", "key", "revision")
    newer = [pk for pk, key, revision in saved if key in known and revision > known[key]]
    sections = standing.filter(pk__in=newer).select_related("saved_by").order_by("position", "pk")
    return Look(list(found.values()), list(sections) if newer else [])
