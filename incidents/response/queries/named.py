"""Who is meant by the names that words keep, as they are called now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ownership.models import Person, Team

Kept = Mapping[str, Sequence[str | int]]  # what stands after an @ → ["person" or "team", its number]


def called(kept: Iterable[Kept]) -> list[dict[str, str]]:
    """For each of these, the names by what stands after an @; two queries at most."""
    rows = list(kept)
    wanted: dict[str, set[int]] = {"person": set(), "team": set()}
    for row in rows:
        for kind, number in row.values():
            wanted[str(kind)].add(int(number))
    people = Person.objects.filter(pk__in=wanted["person"]) if wanted["person"] else ()
    teams = Team.objects.filter(pk__in=wanted["team"]) if wanted["team"] else ()
    names = {("person", one.pk): str(one) for one in people} | {("team", one.pk): str(one) for one in teams}
    return [{handle: names.get((str(kind), int(one)), "") for handle, (kind, one) in row.items()} for row in rows]
