"""What a text can point at: each room names its kinds of things, so that a lower room shows them without knowing them.

A reference is kept as `{"kind": "row", "id": "12"}`, or `{"kind": "url", "url": …, "label": …}` for an address. It
keeps no words of what it points at: those are asked for when it is shown, as whoever reads may see them then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

URL = "url"
LOST = "gone, or not yours to see"
Reference = Mapping[str, str]


@dataclass(frozen=True)
class Target:
    """What a reference leads to, as somebody may see it. `lost` says why it can no longer be opened."""

    label: str
    url: str = ""
    lost: str = ""


@dataclass(frozen=True)
class Offer:
    """Something that may be pointed at; `note` is a second, quieter line."""

    id: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of things. Both callables are asked once for a page, whatever it shows.

    `resolve(viewer, subject, ids)` gives the Targets of those that the viewer may see; `offer(viewer, subject)` gives
    the few that a form about the subject should put forward, the most telling first.
    """

    code: str
    label: str  # in words, as "Alert"
    icon: str
    order: int
    resolve: Callable[[Any, int, Collection[str]], Mapping[str, Target]]
    offer: Callable[[Any, int], Sequence[Offer]]


@dataclass(frozen=True)
class Shown:
    """A reference as a page shows it: with a way there, or with why there is none."""

    kind: str
    icon: str
    label: str
    url: str = ""
    lost: str = ""
    outside: bool = False  # it leads away from here


_kinds: dict[str, Kind] = {}


def add(kind: Kind) -> None:
    """Let texts point at things of this kind."""
    _kinds[kind.code] = kind


def kinds() -> list[Kind]:
    """Every kind, in order."""
    return sorted(_kinds.values(), key=lambda kind: kind.order)


def key_of(reference: Reference) -> str:
    """A reference in one word, as forms send it: `alert:12`."""
    return f"{reference.get('kind', '')}:{reference.get('id') or reference.get('url', '')}"


def resolved(viewer: Any, subject: int, references: Iterable[Reference]) -> dict[str, Target]:
    """The targets that this viewer may see, by key; each kind is asked once, addresses and unknown kinds not at all."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in references:
        if one.get("kind") in _kinds and one.get("id"):
            wanted[one["kind"]].add(one["id"])
    return {
        f"{code}:{number}": target
        for code, ids in wanted.items()
        for number, target in _kinds[code].resolve(viewer, subject, ids).items()
    }


def shown(reference: Reference, targets: Mapping[str, Target]) -> Shown:
    """A reference as it is drawn, of what `resolved` has found."""
    code = reference.get("kind", "")
    if code == URL:
        url = reference.get("url", "")
        return Shown("Link", "external", reference.get("label") or url, url, outside=True)
    kind = _kinds.get(code)
    if kind is None:
        return Shown("Something", "link", f"{code} {reference.get('id', '')}".strip(), lost="not known here")
    target = targets.get(key_of(reference))
    if target is None:
        return Shown(kind.label, kind.icon, kind.label, lost=LOST)
    return Shown(kind.label, kind.icon, target.label, target.url, target.lost)
