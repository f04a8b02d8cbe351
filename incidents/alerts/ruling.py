"""Rules are written, moved, switched and deleted; each of these makes a new version and supersedes the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from incidents.alerts.matching import built_in, conditions
from incidents.alerts.matching.conditions import Condition, ConditionError
from incidents.alerts.models import Source
from incidents.alerts.rule_models import AlertRule, RuleBook, RuleChange
from incidents.response.models import FailureMode
from incidents.response.vocabulary import Layer
from ownership.models import Component, Person, Service
from web.errors import DomainError, Invalid, translated

MOST = 500  # rules of one book; more are a catalogue's work, not a list's
GAP = 2**32  # between the positions of neighbours
_LOCK = 0x5EA1_0003  # one writer of rules at a time


class RuleChanged(DomainError):
    """Somebody changed this rule meanwhile; look at theirs, then change it again."""

    code = "rule_changed"


class RuleEnded(DomainError):
    """This rule was deleted; its versions stay to be read."""

    code = "rule_ended"


@dataclass(frozen=True)
class Wanted:
    """What a rule is to ask for and to say: a component or a service, or a layer with or without a mode."""

    conditions: Sequence[Condition] = ()
    component: Component | None = None
    service: Service | None = None
    layer: str = ""
    mode: FailureMode | None = None
    note: str = ""

    def as_rule(self, book: str) -> AlertRule:
        """The rule that it would be, checked, not stored; Invalid names the field at fault."""
        try:
            asked = conditions.checked(self.conditions)
        except ConditionError as error:
            place = None if error.index is None else f"condition_{error.index}"
            raise Invalid(str(error), field=place or "conditions") from error
        rule = AlertRule(book=book, note=" ".join(self.note.split()), conditions=[one.as_json() for one in asked])
        if book == RuleBook.SUBJECT:
            if (self.component is None) == (self.service is None):
                raise Invalid("Name one component or one service that these alerts are about.", field="target")
            rule.component, rule.service = self.component, self.service
            if rule.sleeps:
                raise Invalid(f"{rule.target} was retired; name one that lives.", field="target")
        else:
            rule.layer, rule.mode = self.mode.layer if self.mode else self.layer, self.mode
            if rule.layer not in Layer.values or (self.layer and self.layer != rule.layer):
                raise Invalid("Choose a layer, or a mode of that layer.", field="layer")
        _require_sources(asked)
        return rule


def draft(book: str, wanted: Wanted, *, of: AlertRule | None = None) -> AlertRule:
    """The rule that `make` or, with `of`, `edit` would store, not stored: for dry runs."""
    rule = wanted.as_rule(book)
    rule.number, rule.version = (of.number, of.version + 1) if of else (_next_number(book), 1)
    return rule


def make(book: str, wanted: Wanted, *, by: Person, now: datetime) -> AlertRule:
    """A new rule, last in its list."""
    rule = wanted.as_rule(book)
    with translated():
        _lock()
        current = _current(book)
        if len(current) >= MOST:
            raise Invalid(f"A list has at most {MOST} rules; delete some first.")
        rule.number, rule.version = _next_number(book), 1
        rule.position = (current[-1].position if current else 0) + GAP
        return _stored(rule, RuleChange.MADE, by=by, now=now)


def edit(rule: AlertRule, wanted: Wanted, *, seen: int, by: Person, now: datetime) -> AlertRule:
    """Another content in the same place; `seen` is the version that the editor looked at. The same makes no version."""
    new = wanted.as_rule(rule.book)
    with translated():
        _lock()
        current = _still(rule)
        if current.version != seen:
            raise RuleChanged
        if all(getattr(new, name) == getattr(current, name) for name in _CONTENT):
            return current
        return _next(current, RuleChange.EDITED, by=by, now=now, **{name: getattr(new, name) for name in _CONTENT})


def move(rule: AlertRule, *, to: int, by: Person, now: datetime) -> AlertRule:
    """Put it into the place `to` of its list, counted from 0; beyond an end is that end."""
    with translated():
        _lock()
        current = _still(rule)
        rules = _current(rule.book)
        others = [one for one in rules if one.pk != current.pk]
        place = max(0, min(to, len(others)))
        if rules[place].pk == current.pk:
            return current
        position = _between(others, place)
        if position is None:
            return _renumbered([*others[:place], current, *others[place:]], current, by=by, now=now)
        return _next(current, RuleChange.MOVED, by=by, now=now, position=position)


def switch(rule: AlertRule, *, on: bool, by: Person, now: datetime) -> AlertRule:
    """Let it decide or not; twice is once."""
    with translated():
        _lock()
        current = _still(rule)
        if current.enabled == on:
            return current
        return _next(current, RuleChange.ON if on else RuleChange.OFF, by=by, now=now, enabled=on)


def end(rule: AlertRule, *, by: Person, now: datetime) -> None:
    """Delete it from its list; its versions stay, for old alerts name them."""
    with translated():
        _lock()
        _next(_still(rule), RuleChange.ENDED, by=by, now=now, enabled=False, superseded_at=now)


def switch_built_in(code: str, *, on: bool, by: Person, now: datetime) -> None:
    """Let a built-in rule decide or not; twice is once. Invalid for a code that is none."""
    if code not in {one.code for one in built_in.rules()}:
        raise Invalid(f"There is no built-in rule “{code}”.", field="code")
    with translated():
        _lock()
        versions = AlertRule.objects.filter(book=RuleBook.BUILT_IN, code=code)
        last = versions.order_by("-version").first()
        if (last.enabled if last else True) == on:
            return
        if last is None:
            last = AlertRule(book=RuleBook.BUILT_IN, code=code, version=0)
        _next(last, RuleChange.ON if on else RuleChange.OFF, by=by, now=now, enabled=on)


_CONTENT = ("note", "conditions", "component_id", "service_id", "layer", "mode_id")
_KEPT = ("book", "number", "code", "position", "enabled", *_CONTENT)


def _next(old: AlertRule, change: str, *, by: Person, now: datetime, **changed: Any) -> AlertRule:
    """The version after `old`, which is superseded by it."""
    if old.pk is not None:
        AlertRule.objects.filter(pk=old.pk).update(superseded_at=now)
    kept = {name: getattr(old, name) for name in _KEPT}
    return _stored(AlertRule(version=old.version + 1, **{**kept, **changed}), change, by=by, now=now)


def _stored(rule: AlertRule, change: str, *, by: Person, now: datetime) -> AlertRule:
    rule.change, rule.by, rule.known_from = change, by, now
    rule.save(force_insert=True)
    return rule


def _lock() -> None:
    """Places and versions are counted one writer after the other; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _current(book: str) -> list[AlertRule]:
    return list(AlertRule.objects.filter(book=book, superseded_at=None).order_by("position", "number"))


def _next_number(book: str) -> int:
    """One above all that ever were: a deleted rule's number is not given again."""
    last = AlertRule.objects.filter(book=book).order_by("-number").first()
    return (last.number if last else 0) + 1


def _still(rule: AlertRule) -> AlertRule:
    found = AlertRule.objects.filter(book=rule.book, number=rule.number, superseded_at=None)
    current = found.select_related("component", "service", "mode").first()
    if current is None:
        raise RuleEnded
    return current


def _between(others: Sequence[AlertRule], place: int) -> int | None:
    """A free position before the rule that stands at `place` and after the one before it; None when none is left."""
    before = others[place - 1].position if place else others[0].position - 2 * GAP
    after = others[place].position if place < len(others) else before + 2 * GAP
    return (before + after) // 2 if after - before > 1 else None


def _renumbered(order: Sequence[AlertRule], moved: AlertRule, *, by: Person, now: datetime) -> AlertRule:
    """Positions with room between them again: rare, and a new version for each rule, for its place is part of it."""
    for place, rule in enumerate(order, 1):
        new = _next(rule, RuleChange.MOVED, by=by, now=now, position=place * GAP)
        if rule.pk == moved.pk:
            moved = new
    return moved


def _require_sources(asked: Sequence[Condition]) -> None:
    """Each source that a condition names must exist."""
    named = {
        int(value): index for index, one in enumerate(asked) if one.what == conditions.SOURCE for value in one.values
    }
    known = set(Source.objects.filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    for number in named.keys() - known:
        raise Invalid(f"There is no source no. {number}.", field=f"condition_{named[number]}")
