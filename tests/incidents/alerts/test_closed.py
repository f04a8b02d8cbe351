"""What alerts may do with incidents that people have mitigated or closed."""

from __future__ import annotations

import pytest

from incidents.alerts import settling
from incidents.alerts.models import Source
from incidents.postmortems import drafting
from incidents.response import anchors, lifecycle
from incidents.response.models import Incident
from ownership.models import Service
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db
ANSWERS = "support-answers"


@pytest.fixture(autouse=True)
def _ended(settings: object) -> None:
    """An incident that its alerts resolved after five minutes, under a policy that opens again."""
    settings.QUIET_SECONDS = 60
    service: Service = make.service("Support answers", owner=make.person())
    am.policy(service, reopen_minutes=60)
    source = am.source()
    am.deliver(source, am.alert(service=ANSWERS))
    am.drain(minutes(1))
    lifecycle.mitigate(Incident.objects.get(), by=make.person(), now=minutes(3))
    am.deliver(source, am.alert(service=ANSWERS, ends=minutes(5)), at=minutes(5))
    am.drain(minutes(5))
    settling.settle(now=minutes(7))


def comes_back() -> None:
    source = Source.objects.get()
    am.deliver(source, am.alert(service=ANSWERS, starts=minutes(12)), at=minutes(12))
    am.drain(minutes(12))


def test_what_was_mitigated_is_not_so_any_more_when_its_alerts_come_back() -> None:
    incident = Incident.objects.get()
    assert (incident.state, incident.mitigated_at) == ("resolved", minutes(3))
    anchors.check(incident, by=make.person(), now=minutes(8))
    comes_back()
    again = Incident.objects.get()
    assert (again.state, again.mitigated_at, again.times_checked_at) == ("acknowledged", None, None)


def test_what_is_closed_stays_closed_and_a_new_one_opens() -> None:
    closed = drafting.waive(Incident.objects.get(), reason="A drill.", by=make.person(), now=minutes(8))
    comes_back()
    assert Incident.objects.get(pk=closed.pk).state == "closed"
    assert Incident.objects.exclude(pk=closed.pk).get().state == "open"
