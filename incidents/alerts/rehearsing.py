"""Dry runs: what other rules or another table would have made of the alerts that are stored.

The same rules and the same code as in the digest, over the newest LIMIT real alerts of the last DAYS days, read in
chunks; what is kept of them is counts, a few samples, and the labels of those that a change touches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from incidents.alerts import deciding, severity
from incidents.alerts.deciding import LayerRules, Says, SubjectRules
from incidents.alerts.models import Alert
from incidents.alerts.rule_models import AlertRule
from incidents.alerts.sources.reading import Severity as Said
from incidents.response.queries import visible
from ownership.models import Person
from ownership.queries import resolving
from ownership.queries.resolving import Ruled, Subject

DAYS = 30
LIMIT = 5000
CHUNK = 500
SAMPLES = 10
_READ = (
    "source_id", "source__name", "source__kind", "labels", "name", "title", "summary", "component_id", "service_id",
    "layer", "received_at",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One stored alert: what became of it, what would have, and why."""

    alert: Alert
    was: str
    would: str
    why: str


@dataclass
class Rehearsal:
    """What a dry run found. `elsewhere` counts those that would have come out otherwise than they did."""

    looked_at: int = 0
    matched: int = 0  # all conditions of the rule hold
    first: int = 0  # and no rule before it takes them
    decided: int = 0  # and no exact alias does
    elsewhere: int = 0
    counts: Counter[str] = field(default_factory=Counter)  # by rule, or by layer
    samples: Sequence[Sample] = ()
    days: int = DAYS
    limit: int = field(default_factory=lambda: LIMIT)

    @property
    def tallies(self) -> list[tuple[str, int]]:
        """The counts as pairs, the largest first."""
        return self.counts.most_common()

    @property
    def bounded(self) -> bool:
        """True when there may be older alerts that were left out."""
        return self.looked_at >= self.limit


@dataclass(frozen=True)
class _Touched:
    """A stored alert that a rule would decide about, or no longer would."""

    number: int
    labels: Mapping[str, str]
    ruled: Ruled | None
    mine: bool  # the rule in focus would decide
    went: tuple[int | None, int | None]


def subjects(viewer: Person, rules: Sequence[AlertRule], *, focus: AlertRule | None = None, now: datetime) -> Rehearsal:
    """What this list would have made of the stored alerts that the viewer may see.

    `focus` is the new or changed rule in it: with it only what that one changes is told; without, all that the list
    decides. At most twelve queries.
    """
    proposed, alone = SubjectRules(rules), SubjectRules([focus] if focus else [])
    standing = deciding.load().subjects if focus else SubjectRules([])
    told, touched = Rehearsal(), []
    for alert in _stored(viewer, now):
        told.looked_at += 1
        facts = deciding.facts_of(alert)
        would, does = proposed.first(facts), standing.first(facts)
        told.matched += bool(alone.first(facts)) if focus else bool(would)
        mine = would is not None and (focus is None or would[0] is focus)
        told.first += mine
        if would is not None:
            told.counts[str(would[0].number)] += 1
        if _differs(would, does):
            went = (alert.component_id, alert.service_id)
            touched.append(_Touched(alert.pk, alert.labels, would[1] if would else None, mine, went))
    _compare(told, touched)
    return told


def _differs(would: tuple[AlertRule, Ruled] | None, does: tuple[AlertRule, Ruled] | None) -> bool:
    """Another rule would decide, or another version of the same."""
    return (would[0] if would else None) is not (does[0] if does else None) and (
        would is None or does is None or would[0].pk is None or would[0].pk != does[0].pk
    )


def _compare(told: Rehearsal, touched: Sequence[_Touched]) -> None:
    """Resolve what is touched as the digest would, and hold it against what was stored."""
    found = resolving.subjects_of([one.labels for one in touched], [one.ruled for one in touched]) if touched else []
    kept: dict[int, Subject] = {}
    same: dict[int, Subject] = {}
    for one, subject in zip(touched, found, strict=True):
        told.decided += subject.by_rule and one.mine
        moved = (subject.component.pk if subject.component else None, subject.service.pk if subject.service else None)
        told.elsewhere += moved != one.went
        chosen = kept if moved != one.went else same
        if len(chosen) < SAMPLES:
            chosen[one.number] = subject
    shown = dict([*kept.items(), *same.items()][:SAMPLES])
    told.samples = [
        Sample(
            alert, _named(alert.component, alert.service), _named(shown[pk].component, shown[pk].service), shown[pk].why
        )
        for pk, alert in _samples(shown).items()
    ]


def layers(viewer: Person, says: Sequence[Says], *, focus: str = "", now: datetime) -> Rehearsal:
    """Which layers these rules would have suggested; `focus` is the label of the new or changed rule. Two queries."""
    proposed = LayerRules(says)
    alone = LayerRules([one for one in says if one.label == focus])
    told = Rehearsal()
    shown: dict[int, dict[str, Any]] = {}
    for alert in _stored(viewer, now):
        told.looked_at += 1
        facts = deciding.facts_of(alert)
        would = proposed.suggest(facts)
        told.matched += bool(alone.suggest(facts)) if focus else bool(would)
        mine = not focus or would.get("why", "").startswith(f"{focus} v")
        told.first += bool(would) and mine
        told.counts[would.get("layer", "")] += 1
        differs = would.get("layer", "") != alert.layer
        told.elsewhere += differs and mine
        if differs and mine and len(shown) < SAMPLES:
            shown[alert.pk] = would
    told.samples = [
        Sample(alert, alert.layer, shown[pk].get("layer", ""), shown[pk].get("why", "no rule fits"))
        for pk, alert in _samples(shown).items()
    ]
    return told


def severities(viewer: Person, table: severity.Table, *, now: datetime) -> Rehearsal:
    """Which stored alerts would have another SEV than by the table that decides now. At most four queries.

    The tier is the one that the service has today.
    """
    standing, told = severity.current(), Rehearsal()
    table = replace(table, version=standing.version + 1)
    newest = Alert.objects.filter(pk__in=_newest(viewer, now).values("pk"))
    counted = newest.values("service__tier", "severity").annotate(n=Count("pk")).order_by()
    changed = Q()
    for row in counted:
        told.looked_at += row["n"]
        tier, said = row["service__tier"], Said(row["severity"])
        if tier is None or said is Said.UNKNOWN:
            told.counts["pending"] += row["n"]
            continue
        told.counts[table.sev(tier, said).value] += row["n"]
        if table.sev(tier, said) is not standing.sev(tier, said):
            told.elsewhere += row["n"]
            changed |= Q(service__tier=tier, severity=said.value)
    found = (
        newest.filter(changed).order_by("-received_at", "-pk")[:SAMPLES].values_list("pk", flat=True) if changed else ()
    )
    for alert in _samples(dict.fromkeys(found, None)).values():
        tier, said = alert.service.tier if alert.service else "", Said(alert.severity)
        why = severity.of(table=table, tier=tier, said=said, raw=alert.severity_raw)[1]
        told.samples = [*told.samples, Sample(alert, standing.sev(tier, said), table.sev(tier, said), why)]
    return told


def _newest(viewer: Person, now: datetime) -> QuerySet[Alert]:
    recent = Alert.objects.filter(
        visible.clause_or_none(viewer), is_test=False, received_at__gte=now - timedelta(days=DAYS)
    )
    return recent.order_by("-received_at", "-pk")[:LIMIT]


def _stored(viewer: Person, now: datetime) -> Iterator[Alert]:
    return _newest(viewer, now).select_related("source").only(*_READ).iterator(chunk_size=CHUNK)


def _samples(wanted: Mapping[int, Any]) -> dict[int, Alert]:
    """These alerts with what a sample shows of them, in the order asked for; one query."""
    if not wanted:
        return {}
    found = Alert.objects.select_related("source", "incident", "component", "service").in_bulk(list(wanted))
    return {pk: found[pk] for pk in wanted if pk in found}


def _named(component: object, service: object) -> str:
    return " → ".join(str(one) for one in (component, service) if one is not None) or "nobody"
