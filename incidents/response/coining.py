"""An organisation's own failure modes: added, edited, retired, merged into others and separated again.

A code never changes, and neither does what was found with it: a merge only says what it counts as from now on.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from incidents.response import findings
from incidents.response.models import FailureMode, Finding, ModeChange
from incidents.response.vocabulary import Layer, ModeDeed
from ownership.models import Person
from web.errors import DomainError, Invalid, translated

TEXTS = ("name", "definition", "detection", "countermeasures", "references")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,60}")


class BuiltIn(DomainError):
    """Built-in modes stay as they are; add one of your own instead."""

    code = "mode_built_in"


class InTheWay(DomainError):
    """This mode cannot be merged so."""

    code = "mode_merge_refused"


def add(*, layer: str, short: str, name: str, definition: str, by: Person, now: datetime, **texts: str) -> FailureMode:
    """A mode of one's own, with the code `layer.short`; `texts` are the further ones of TEXTS."""
    if layer not in Layer.values:
        raise Invalid("Choose the layer that fails.", field="layer")
    if not _CODE.fullmatch(short):
        raise Invalid(
            "Small letters, digits and underscores, beginning with a letter: as `stale_embedding`.", field="short"
        )
    code = f"{layer}.{short}"
    said = _said({"name": name, "definition": definition, **texts})
    with translated():
        if FailureMode.objects.filter(code=code).exists():
            raise Invalid("There is a mode with this code already; codes are never used twice.", field="short")
        _require_name(layer, said["name"])
        mode = FailureMode.objects.create(code=code, layer=layer, built_in=False, **said)
        _tell(mode, ModeDeed.ADDED, by=by, now=now)
    return mode


def edit(mode: FailureMode, *, by: Person, now: datetime, **texts: str) -> FailureMode:
    """Say a mode of one's own better; what it said before stays in its history. Nothing changed is nothing done."""
    said = _said(texts)
    with translated():
        current = _own(mode)
        changed = {
            name: [getattr(current, name), text] for name, text in said.items() if getattr(current, name) != text
        }
        if not changed:
            return current
        if "name" in changed:
            _require_name(current.layer, said["name"])
        for name in changed:
            setattr(current, name, said[name])
        current.save(update_fields=list(changed))
        _tell(current, ModeDeed.EDITED, by=by, now=now, data=changed)
    return current


def retire(mode: FailureMode, *, by: Person, now: datetime) -> FailureMode:
    """Offer a mode no longer; what was found with it stays. Twice is once."""
    with translated():
        current = _own(mode)
        if current.retired_at is None:
            current.retired_at = now
            current.save(update_fields=["retired_at"])
            _tell(current, ModeDeed.RETIRED, by=by, now=now)
    return current


def bring_back(mode: FailureMode, *, by: Person, now: datetime) -> FailureMode:
    """Offer a retired mode again."""
    with translated():
        current = _own(mode)
        if current.retired_at is not None:
            _require_name(current.layer, current.name)
            current.retired_at = None
            current.save(update_fields=["retired_at"])
            _tell(current, ModeDeed.BROUGHT_BACK, by=by, now=now)
    return current


def merge(mode: FailureMode, *, into: FailureMode, by: Person, now: datetime) -> FailureMode:
    """From now on `mode`, and what was merged into it, counts as `into`; findings keep what they were recorded with."""
    with translated():
        every = _locked()
        current, target = every.get(mode.code), every.get(into.code)
        if current is None or current.built_in:
            raise BuiltIn("Only a mode of your own can be merged into another.")
        target = target or FailureMode.objects.get(pk=into.pk)
        if target.layer != current.layer:
            raise InTheWay("A mode is merged within its layer.", field="into")
        if target.code in _chain_back(every, current.code):
            raise InTheWay("That one was merged into this one: separate it first.", field="into")
        if target.merged_into_id is not None:
            raise InTheWay("That one was merged itself; choose what it was merged into.", field="into")
        if current.merged_into_id == target.code:
            return current
        if current.merged_into_id is not None:
            raise InTheWay("It is merged already: separate it first.", field="into")
        current.merged_into = target
        _save_chain(every, current)
        _tell(current, ModeDeed.MERGED, by=by, now=now, data={"into": target.code})
        _counted_anew(every, current)
    return current


def separate(mode: FailureMode, *, by: Person, now: datetime) -> FailureMode:
    """A merge undone: the mode counts as itself again, with what was merged into it before."""
    with translated():
        every = _locked()
        current = every.get(mode.code)
        if current is None or current.merged_into_id is None:
            return current or mode
        _require_name(current.layer, current.name)
        before, current.merged_into = current.merged_into_id, None
        _save_chain(every, current)
        _tell(current, ModeDeed.SEPARATED, by=by, now=now, data={"from": before})
        _counted_anew(every, current)
    return current


def _counted_anew(every: dict[str, FailureMode], changed: FailureMode) -> None:
    """What asks by mode hears of each incident where the mode, or one merged into it, was found."""
    found = Finding.objects.filter(mode__in=_chain_back(every, changed.code), superseded_at=None)
    findings.tell_of(list(found.order_by("incident").values_list("incident", flat=True).distinct()))


def _locked() -> dict[str, FailureMode]:
    """The organisation's own modes by code; whoever changes one waits for whoever changes another."""
    rows = FailureMode.objects.select_for_update(no_key=True).filter(built_in=False).order_by("code")
    return {mode.code: mode for mode in rows}


def _own(mode: FailureMode) -> FailureMode:
    current = _locked().get(mode.code)
    if current is None:
        raise BuiltIn
    return current


def _chain_back(every: dict[str, FailureMode], code: str) -> set[str]:
    """The codes of a mode and of all that was merged into it, also by way of others."""
    found, fresh = {code}, {code}
    while fresh:
        fresh = {one.code for one in every.values() if one.merged_into_id in fresh} - found
        found |= fresh
    return found


def _save_chain(every: dict[str, FailureMode], changed: FailureMode) -> None:
    """What each mode counts as, for the one that changed and all that was merged into it; the chain itself stays."""
    tree = _chain_back(every, changed.code)
    for one in (every[code] for code in tree):
        head = one.merged_into_id
        while head in every and every[head].merged_into_id is not None:
            head = every[head].merged_into_id
        one.counts_as_id = head
    FailureMode.objects.bulk_update([every[code] for code in tree], ["merged_into", "counts_as"])


def _said(texts: dict[str, str]) -> dict[str, str]:
    said = {name: " ".join(text.split()) for name, text in texts.items() if name in TEXTS}
    for name, words in (("name", "Give it a name."), ("definition", "Say in a sentence what fails, and how.")):
        if name in said and not said[name]:
            raise Invalid(words, field=name)
    return said


def _require_name(layer: str, name: str) -> None:
    """Among one's own the database sees to it; a release may bring built-in names, which nothing may refuse."""
    if FailureMode.objects.filter(built_in=True, layer=layer, name__iexact=name).exists():
        raise Invalid("A built-in mode of this layer has that name.", field="name")


def _tell(mode: FailureMode, deed: str, *, by: Person, now: datetime, data: dict[str, Any] | None = None) -> None:
    ModeChange.objects.create(mode=mode, deed=deed, data=data or {}, by=by, at=now)
