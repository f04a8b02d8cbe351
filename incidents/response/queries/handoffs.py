"""Who had the ball when, and whether it went to and fro."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from incidents.response.models import HandOff, Incident

SHOWN = 50


@dataclass(frozen=True)
class Passes:
    """The latest transfers, newest first; `rounds` are those that came back: `Maya → Priya → Maya`."""

    rows: Sequence[HandOff]
    more: bool
    rounds: Sequence[str]

    @property
    def count(self) -> int:
        """How often it went from one person to another, among the rows."""
        return sum(row.held_by_id is not None for row in self.rows)


def of(incident: Incident, *, until: datetime | None = None) -> Passes:
    """The transfers of an incident, those up to `until` where it is given; one query."""
    rows = HandOff.objects.filter(incident=incident).select_related("held_by", "to", "by")
    if until is not None:
        rows = rows.filter(at__lte=until)
    found = list(rows.order_by("-at", "-pk")[: SHOWN + 1])
    shown = found[:SHOWN]
    return Passes(shown, len(found) > SHOWN, rounds(shown[::-1]))


def rounds(rows: Sequence[HandOff]) -> list[str]:
    """Each stretch in which the ball came straight back, of transfers in the order they happened."""
    stretches: list[list[str]] = []
    back_before = False
    for before, row in pairwise(rows):
        back = before.held_by is not None and row.to_id == before.held_by_id and row.held_by_id == before.to_id
        if back and before.held_by is not None:
            if not back_before:
                stretches.append([before.held_by.name, before.to.name])
            stretches[-1].append(row.to.name)
        back_before = back
    return [" → ".join(names) for names in stretches]
