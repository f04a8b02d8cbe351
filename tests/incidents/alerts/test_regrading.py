"""An incident that learns its service late is as bad as if it had known at once."""

from __future__ import annotations

import pytest

from incidents.response import lifecycle
from incidents.response.models import Incident, TimelineRow
from incidents.response.vocabulary import TimelineKind
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db


def unrouted(*severities: str) -> Incident:
    am.send(
        am.source(),
        *(am.alert("Stale", job="indexer", instance=str(n), severity=one) for n, one in enumerate(severities)),
    )
    incident = Incident.objects.get()
    assert incident.severity == "pending"
    return incident


def named(incident: Incident, **service: str) -> Incident:
    by = make.person(role="responder")
    lifecycle.set_service(incident, service=make.service(**service), by=by, now=minutes(5))
    incident.refresh_from_db()
    return incident


def test_the_worst_alert_and_the_tier_decide() -> None:
    incident = named(unrouted("info", "critical"), tier="t2")
    assert incident.severity == "sev2"
    row = TimelineRow.objects.get(incident=incident, kind=TimelineKind.SEVERITY)
    assert (row.by, row.why) == (None, "SEV2 because tier 2 × critical (severity table v1)")


def test_what_a_person_chose_stays() -> None:
    incident = unrouted("critical")
    lifecycle.set_severity(incident, severity="sev4", by=make.person(), now=minutes(1))
    assert named(incident, tier="t1").severity == "sev4"


def test_unknown_stays_pending() -> None:
    assert named(unrouted("wobbly"), tier="t1").severity == "pending"


def test_a_declared_incident_has_no_alerts_to_go_by() -> None:
    incident = make.incident(severity="pending")
    assert named(incident, tier="t1").severity == "pending"
