"""A few incidents, each told by itself: a list on an axis of months, from which nothing is inferred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from incidents.patterns.answers import words

MOST_ON_AXIS = 24  # months that fit beside each other


@dataclass(frozen=True)
class Entry:
    """An incident: the layers found in it, its primary one first (empty: none yet), and who answered as it opened."""

    number: int
    title: str
    severity: str
    service: str
    service_slug: str
    detected_at: datetime
    open: bool
    layers: tuple[str, ...]
    answered: str

    @property
    def ref(self) -> str:
        """What people call it."""
        return f"INC-{self.number}"

    @property
    def layer(self) -> str:
        """The layer of its mark: that of its primary finding, else of its first one; empty while there is none."""
        return self.layers[0] if self.layers else ""

    @property
    def month(self) -> date:
        """The first day of the month in which it was noticed (UTC)."""
        return self.detected_at.astimezone(UTC).date().replace(day=1)


@dataclass(frozen=True)
class Stretch:
    """A month with its incidents, newest first, or months in a row without any."""

    first: date
    last: date
    entries: tuple[Entry, ...] = ()

    @property
    def words(self) -> str:
        """`March 2026`, `November 2025 to January 2026`."""
        if self.first == self.last:
            return f"{self.first:%B %Y}"
        year = "" if self.first.year == self.last.year else f" {self.first.year}"
        return f"{self.first:%B}{year} to {self.last:%B %Y}"


@dataclass(frozen=True)
class Listing:
    """The incidents in words, by month newest first, and month by month from the oldest as an axis shows them."""

    headline: str
    stretches: Sequence[Stretch]
    axis: Sequence[Stretch]


def listing(entries: Sequence[Entry], months: Sequence[date], *, period: str) -> Listing:
    """Every entry once, in its month; `months` are those of the window, oldest first. Too many leave no axis."""
    columns = [
        Stretch(month, month, tuple(sorted((one for one in entries if one.month == month), key=_newest)))
        for month in months
    ]
    stretches: list[Stretch] = []
    for one in reversed(columns):
        if stretches and not one.entries and not stretches[-1].entries:
            stretches[-1] = Stretch(one.first, stretches[-1].last)
        else:
            stretches.append(one)
    return Listing(headline(entries, period=period), stretches, columns if len(columns) <= MOST_ON_AXIS else ())


def headline(entries: Sequence[Entry], *, period: str) -> str:
    """How many there are and what was found in how many: counts, no shares, nobody leads."""
    counted = f"{len(entries)} incident{'' if len(entries) == 1 else 's'} {period}"
    found = Counter(layer for one in entries for layer in one.layers)
    told = [f"{layer} in {count}" for layer, count in found.most_common()]
    untagged = sum(not one.layers for one in entries)
    if not told:
        return f"{counted}; nothing was found in any of them yet." if entries else f"No incidents {period}."
    nothing = [f"nothing yet in {untagged}"] if untagged else []
    return f"{counted}. Found: {words.listed([*told, *nothing])}."


def _newest(entry: Entry) -> tuple[float, int]:
    return (-entry.detected_at.timestamp(), -entry.number)
