"""The alerts of incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from incidents.alerts.models import Alert

SHOWN = 20


@dataclass
class Members:
    """An incident's alerts: open ones first, then the latest; at most SHOWN of them, and how many there are."""

    alerts: list[Alert] = field(default_factory=list)
    count: int = 0
    firing: int = 0
    real: int = 0  # those that no test button sent
    reports: int = 0  # those that people filed here

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.alerts)


def of_incidents(incident_ids: Collection[int]) -> Mapping[int, Members]:
    """The alerts of each incident that has any; two queries for any number of incidents."""
    found: dict[int, Members] = defaultdict(Members)
    place = Window(
        RowNumber(), partition_by=F("incident"), order_by=[F("resolved_at").desc(nulls_first=True), "-started_at", "pk"]
    )
    members = Alert.objects.filter(incident__in=incident_ids)
    shown = members.alias(place=place).filter(place__lte=SHOWN).select_related("source", "component")
    for alert in shown.order_by(F("resolved_at").desc(nulls_first=True), "-started_at", "pk"):
        found[alert.incident_id or 0].alerts.append(alert)
    counted = members.values("incident").annotate(
        n=Count("pk"),
        firing=Count("pk", filter=Q(resolved_at=None)),
        real=Count("pk", filter=Q(is_test=False)),
        reports=Count("pk", filter=Q(source__built_in=True)),
    )
    for row in counted.order_by():
        one = found[row["incident"]]
        one.count, one.firing, one.real, one.reports = row["n"], row["firing"], row["real"], row["reports"]
    return found
