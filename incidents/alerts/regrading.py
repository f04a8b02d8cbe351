"""An incident that learns its service late gets the severity that its alerts would have made at once."""

from __future__ import annotations

from datetime import datetime

from incidents.alerts import severity
from incidents.alerts.models import Alert
from incidents.alerts.sources.reading import Severity as Said
from incidents.response import lifecycle
from incidents.response.models import Incident


def by_alerts(*, incident: Incident, now: datetime) -> None:
    """Raise a severity that nobody set to the worst that its alerts make for the service's tier."""
    if incident.service is None or incident.severity_set_by_id is not None:
        return
    said = Alert.objects.filter(incident=incident, is_test=False).values_list("severity", "severity_raw").distinct()
    table, tier = severity.current(), incident.service.tier
    graded = [severity.of(table=table, tier=tier, said=Said(one), raw=raw) for one, raw in said.order_by()]
    if graded:
        sev, why = min(graded, key=lambda one: one[0].rank)
        lifecycle.raise_severity(incident, severity=sev, why=why, now=now)
