"""By which clock people and teams live, as they said where they said how they are told; UTC for all others."""

from __future__ import annotations

from collections.abc import Collection
from zoneinfo import ZoneInfo

from django.db.models import Q

from ownership.models import Manner, Person, Team
from ownership.models.assignments import party_key

UTC = ZoneInfo("UTC")


def of(parties: Collection[Person | Team]) -> dict[str, ZoneInfo]:
    """The zone of each, by its `party_key`; one query for any number."""
    people = {one.pk for one in parties if isinstance(one, Person)}
    teams = {one.pk for one in parties if isinstance(one, Team)}
    rows = Manner.objects.filter(Q(person__in=people) | Q(team__in=teams)).select_related("person", "team")
    said = {party_key(party): ZoneInfo(row.time_zone) for row in rows if (party := row.person or row.team)}
    return {key: said.get(key, UTC) for key in map(party_key, parties)}
