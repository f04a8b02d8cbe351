"""The rules as they decide now: loaded in one query, compiled once, asked by the digest and by every dry run alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incidents.alerts.matching import built_in, conditions
from incidents.alerts.matching.book import Book
from incidents.alerts.matching.conditions import Condition, Facts
from incidents.alerts.models import Alert
from incidents.alerts.rule_models import AlertRule, RuleBook
from ownership.queries.resolving import Ruled

KEPT = 8  # compiled books that a process remembers
_compiled: dict[tuple[tuple[Condition, ...], ...], Book] = {}


@dataclass(frozen=True)
class Says:
    """A rule that suggests a layer, an organisation's own or a built-in one. `rule` is its number or code."""

    book: str
    rule: str
    label: str
    version: int
    name: str
    layer: str
    mode: str
    conditions: tuple[Condition, ...]


class SubjectRules:
    """Rules that say who an alert hits, in order. Those that are off, or name what was retired, say nothing."""

    def __init__(self, rules: Sequence[AlertRule]) -> None:
        self.rules = [rule for rule in rules if rule.enabled and not rule.sleeps]
        self._book = _book([conditions.load(rule.conditions) for rule in self.rules])

    def first(self, facts: Facts) -> tuple[AlertRule, Ruled] | None:
        """The rule that fits first, and what it says."""
        hit = self._book.first(facts) if self.rules else None
        if hit is None:
            return None
        rule = self.rules[hit.place]
        return rule, Ruled(rule.component_id, rule.service_id, f"{rule}: {hit.matched}")


class LayerRules:
    """Rules that suggest a layer, in order."""

    def __init__(self, says: Sequence[Says]) -> None:
        self._says = says
        self._book = _book([one.conditions for one in says])

    def suggest(self, facts: Facts) -> dict[str, Any]:
        """What the rule that fits first suggests, as it is stored; empty when none fits."""
        hit = self._book.first(facts)
        if hit is None:
            return {}
        said = self._says[hit.place]
        return {
            "layer": said.layer,
            "mode": said.mode,
            "book": said.book,
            "rule": said.rule,
            "version": said.version,
            "name": said.name,
            "matched": hit.matched,
            "why": f"{said.label} v{said.version}: {hit.matched}",
        }


@dataclass(frozen=True)
class Rules:
    """Both lists."""

    subjects: SubjectRules
    layers: LayerRules


def facts_of(alert: Alert) -> Facts:
    """What rules may look at of a stored alert; its source must be loaded with it."""
    return Facts(
        source=alert.source_id,
        source_name=alert.source.name,
        kind=alert.source.kind,
        labels=alert.labels,
        name=alert.name,
        title=alert.title,
        summary=alert.summary,
    )


def load() -> Rules:
    """What decides now; one query."""
    rows = stored()
    return Rules(
        SubjectRules([row for row in rows if row.book == RuleBook.SUBJECT]),
        LayerRules(says([row for row in rows if row.book == RuleBook.LAYER], switched_off(rows))),
    )


def stored() -> list[AlertRule]:
    """All current versions of all books, in order; one query."""
    rows = AlertRule.objects.filter(superseded_at=None).select_related("component", "service")
    return list(rows.order_by("position", "number"))


def switched_off(rows: Sequence[AlertRule]) -> set[str]:
    """The codes of the built-in rules that somebody switched off."""
    return {row.code for row in rows if row.book == RuleBook.BUILT_IN and not row.enabled}


def says(own: Sequence[AlertRule], off: set[str]) -> list[Says]:
    """An organisation's own rules that are on, then the built-in ones that are."""
    mine = [
        Says(
            book=row.book,
            rule=str(row.number),
            label=row.label,
            version=row.version,
            name=row.note,
            layer=row.layer,
            mode=row.mode_id or "",
            conditions=conditions.load(row.conditions),
        )
        for row in own
        if row.enabled
    ]
    shipped = [
        Says(
            book=RuleBook.BUILT_IN.value,
            rule=one.code,
            label=f"built-in rule {one.code}",
            version=one.version,
            name=one.name,
            layer=one.layer,
            mode=one.mode,
            conditions=one.conditions,
        )
        for one in built_in.rules()
        if one.code not in off
    ]
    return mine + shipped


def _book(rules: Sequence[tuple[Condition, ...]]) -> Book:
    """Compiled, or as it was compiled for the same conditions before: versions never change what they ask for."""
    key = tuple(rules)
    book = _compiled.get(key)
    if book is None:
        if len(_compiled) >= KEPT:
            _compiled.clear()
        book = _compiled[key] = Book(key)
    return book
