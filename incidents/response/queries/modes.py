"""What a failure mode counts as, once some were merged into others: everything that groups or looks by mode asks here.

A finding keeps the mode that it was recorded with; `FailureMode.counts_as` says what that counts as now.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from incidents.response.models import FailureMode, Finding, ModeChange
from incidents.response.queries import visible
from ownership.models import Person

YEAR = timedelta(days=365)
CHANGES = 50


def counted(path: str = "mode") -> Coalesce:
    """The code that a mode counts as, for grouping and comparing; `path` leads to the mode from the rows asked."""
    return Coalesce(F(f"{path}__counts_as"), F(path), output_field=CharField())


def same_as(codes: Collection[str]) -> QuerySet[FailureMode, Any]:
    """The codes of all modes that count as one of these does, these included: for `mode__in`."""
    own = Coalesce(F("counts_as"), F("code"), output_field=CharField())
    heads = FailureMode.objects.filter(code__in=codes).annotate(head=own).values("head")
    return FailureMode.objects.annotate(head=own).filter(head__in=heads).values("code")


def heads(codes: Collection[str]) -> dict[str, FailureMode]:
    """What each of these codes counts as; one query, none for none."""
    rows = FailureMode.objects.filter(code__in=codes).select_related("counts_as") if codes else ()
    return {mode.code: mode.counted for mode in rows}


def offered(*, keep: str = "") -> list[FailureMode]:
    """The modes that a form offers, built-in ones first; `keep` is offered although it was merged or retired."""
    standing = Q(retired_at=None, merged_into=None) | Q(code=keep)
    return list(FailureMode.objects.filter(standing).order_by("-built_in", "name"))


def to_look_for(*, keep: str = "") -> list[FailureMode]:
    """The modes to look for among what was recorded, by layer: also retired ones, and merged ones by their head."""
    return list(FailureMode.objects.filter(Q(merged_into=None) | Q(code=keep)).order_by("layer", "name"))


@dataclass(frozen=True)
class Entry:
    """A mode of the vocabulary, in how many incidents of a year it was found, and what was merged into it."""

    mode: FailureMode
    incidents: int
    merged: tuple[FailureMode, ...] = ()


def vocabulary(viewer: Person, *, now: datetime, layer: str = "", text: str = "", only: str = "") -> list[Entry]:
    """The modes that stand and fit, in the order of the layers; two queries, the words are looked for in memory.

    `only` is `own`, `retired`, or nothing.
    """
    every = list(FailureMode.objects.order_by("-built_in", "name"))
    merged: dict[str, list[FailureMode]] = {}
    for mode in every:
        if mode.counts_as_id:
            merged.setdefault(mode.counts_as_id, []).append(mode)
    found = times_found(viewer, now=now)
    shown = [mode for mode in every if mode.merged_into_id is None and _fits(mode, layer, only)]
    entries = [Entry(mode, found.get(mode.code, 0), tuple(merged.get(mode.code, ()))) for mode in shown]
    words = text.lower().split()
    return [entry for entry in entries if all(word in _words(entry) for word in words)]


def times_found(viewer: Person, *, now: datetime) -> dict[str, int]:
    """In how many incidents of the last YEAR that this viewer sees each mode was found; by what it counts as."""
    rows = (
        Finding.objects.filter(
            visible.clause(viewer, of="incident"),
            incident__merged_into__isnull=True,
            incident__detected_at__gt=now - YEAR,
            superseded_at=None,
            mode__isnull=False,
        )
        .annotate(counted=counted())
        .values("counted")
        .annotate(incidents=Count("incident", distinct=True))
        .order_by()
    )
    return {row["counted"]: row["incidents"] for row in rows}


def merged_into(mode: FailureMode) -> list[FailureMode]:
    """What counts as this mode besides itself."""
    return list(FailureMode.objects.filter(counts_as=mode).order_by("name"))


def history(mode: FailureMode) -> list[ModeChange]:
    """The latest things that were done to a mode, newest first."""
    return list(mode.changes.select_related("by").order_by("-at", "-pk")[:CHANGES])


def _fits(mode: FailureMode, layer: str, only: str) -> bool:
    if layer and mode.layer != layer:
        return False
    if only == "retired":
        return mode.retired_at is not None
    return mode.retired_at is None and (only != "own" or not mode.built_in)


def _words(entry: Entry) -> str:
    mode = entry.mode
    said = (mode.code, mode.name, mode.definition, mode.detection, mode.countermeasures, mode.references)
    return " ".join((*said, *(other.name for other in entry.merged))).lower()
