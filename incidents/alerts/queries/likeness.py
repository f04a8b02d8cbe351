"""How alike two incidents are, and why, in words; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

ENOUGH = 3  # of the same service alone is not alike
NAMED = 3  # alerts and words that one reason names
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    _WORD.findall(
        "about after alert alerts answer answers been below above before between down during error errors fails failed "
        "from have high into less more only over part service services some than that their them they this under were "
        "when with within"
    )
)


@dataclass(frozen=True)
class Traits:
    """What one incident is compared by. `keys` are its alerts' (source, problem key) with the alert's name; `found`
    and `suggested` are failure modes by code with their names; `layers` those found or suggested."""

    title: str
    service: int | None = None
    component: int | None = None
    component_name: str = ""
    keys: Mapping[tuple[int, str], str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    suggested: Mapping[str, str] = field(default_factory=dict)
    layers: Collection[str] = ()


@dataclass(frozen=True)
class Likeness:
    """How alike in points, and the reasons, the weightiest first."""

    points: int
    reasons: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """True when it is worth showing."""
        return self.points >= ENOUGH


def compare(mine: Traits, other: Traits) -> Likeness:
    """How alike an earlier incident is to mine."""
    alerts = _alerts(mine, other)
    told = [*alerts, *_places(mine, other), *_modes(mine, other, alike=bool(alerts)), *_words(mine, other)]
    if told and mine.service is not None and mine.service == other.service:
        told.append((1, "same service"))
    told.sort(key=lambda one: -one[0])
    return Likeness(sum(points for points, _ in told), tuple(reason for _, reason in told))


def words(title: str) -> set[str]:
    """The words of a title that tell something."""
    return {word for word in _WORD.findall(title.lower()) if word not in _COMMON}


def _alerts(mine: Traits, other: Traits) -> list[tuple[int, str]]:
    same = sorted({name for key, name in mine.keys.items() if key in other.keys})
    if same:
        return [(6, f"the same alert, {_named(same)}")]
    alike = sorted(set(mine.keys.values()) & set(other.keys.values()) - {""})
    if not alike:
        return []
    here = mine.service is not None and mine.service == other.service
    return [(4 if here else 2, f"an alert of the same name, {_named(alike)}")]


def _places(mine: Traits, other: Traits) -> list[tuple[int, str]]:
    if mine.component is None or mine.component != other.component:
        return []
    return [(4, f"same component, {mine.component_name}")]


def _modes(mine: Traits, other: Traits, *, alike: bool) -> list[tuple[int, str]]:
    """`alike` alerts suggest alike: that is said already."""
    for one, theirs, points, reason in (
        (mine.found, other.found, 4, "the same was found"),
        (mine.suggested, other.found, 4, "what its alerts suggest was found then"),
        (mine.suggested, other.suggested, 2, "its alerts suggest the same"),
    ):
        both = sorted(one[code] for code in one if code in theirs)
        if both and not (alike and theirs is other.suggested):
            return [(points, f"{reason}: {', '.join(both[:NAMED])}")]
    both = [] if alike else sorted(set(mine.layers) & set(other.layers))
    return [(1, f"same layer, {', '.join(both)}")] if both else []


def _words(mine: Traits, other: Traits) -> list[tuple[int, str]]:
    one, theirs = words(mine.title), words(other.title)
    both = sorted(one & theirs)
    if len(both) < 2 and not (both and len(both) * 2 >= len(one | theirs)):
        return []
    return [(2, f"its title says {_named(both)} too")]


def _named(names: Collection[str]) -> str:
    """`“slow”, “search”`; no more than NAMED of them."""
    return ", ".join(f"“{name}”" for name in list(names)[:NAMED])
