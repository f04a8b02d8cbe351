"""Rules and their versions, for pages and API; a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from incidents.alerts.models import Alert
from incidents.alerts.rule_models import AlertRule, RuleBook, SeverityTable
from incidents.response.queries import visible
from ownership.models import Person

RECENT = timedelta(days=30)
ALERTS_SHOWN = 20


def current(book: str) -> QuerySet[AlertRule]:
    """The rules of a list in their order; acts keep it short enough to be shown whole."""
    rows = AlertRule.objects.filter(book=book, superseded_at=None)
    return rows.select_related("component", "service", "mode", "by").order_by("position", "number")


def switched_off() -> set[str]:
    """The codes of built-in rules that somebody switched off."""
    rows = AlertRule.objects.filter(book=RuleBook.BUILT_IN, superseded_at=None, enabled=False)
    return set(rows.values_list("code", flat=True))


def versions(rule: AlertRule) -> Sequence[AlertRule]:
    """All versions of a rule, the newest first."""
    rows = AlertRule.objects.filter(book=rule.book, number=rule.number, code=rule.code)
    return list(rows.select_related("component", "service", "mode", "by").order_by("-version"))


def decided(*, now: datetime) -> Mapping[int, int]:
    """How many alerts each subject rule decided about in the last RECENT, whatever its version then; by number."""
    counted = Alert.objects.filter(rule__book=RuleBook.SUBJECT, received_at__gte=now - RECENT)
    return {row["rule__number"]: row["n"] for row in counted.values("rule__number").annotate(n=Count("pk")).order_by()}


def decided_by(version: AlertRule, viewer: Person) -> Sequence[Alert]:
    """The latest alerts about which this very version of a subject rule decided, of those that the viewer may see."""
    rows = Alert.objects.filter(visible.clause_or_none(viewer), rule=version).select_related(
        "source", "incident", "component", "service"
    )
    return list(rows.order_by("-received_at", "-pk")[:ALERTS_SHOWN])


def tables() -> Sequence[SeverityTable]:
    """All versions of the severity table that people wrote, the newest first."""
    return list(SeverityTable.objects.select_related("by").order_by("-version"))
