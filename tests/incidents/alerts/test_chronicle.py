"""What the alerts tell an incident's timeline: each sort of alert under one name."""

from __future__ import annotations

import pytest

from incidents.response.models import Incident, TimelineRow
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db


def spoken(incident: Incident) -> list[tuple[str, str]]:
    rows = TimelineRow.objects.filter(incident=incident, kind__startswith="alert_").order_by("at", "pk")
    return list(rows.values_list("kind", "text"))


def test_a_sort_of_alert_ends_under_the_name_it_began_with() -> None:
    source = am.source()
    am.send(source, am.alert(instance="a", summary="p99 of a is 3 s"))
    am.send(source, am.alert(instance="b", summary="p99 of b is 4 s", starts=minutes(1)), at=minutes(1))
    am.send(source, am.alert(instance="a", ends=minutes(2)), at=minutes(2))
    am.send(source, am.alert(instance="b", starts=minutes(1), ends=minutes(3)), at=minutes(3))
    assert spoken(Incident.objects.get()) == [
        ("alert_firing", "p99 of a is 3 s"),
        ("alert_resolved", "p99 of a is 3 s"),
    ]


def test_several_that_end_at_once_do_so_too() -> None:
    source = am.source()
    both = ("a", "b")
    am.send(source, *[am.alert(instance=one, summary=f"p99 of {one}") for one in both])
    am.send(source, *[am.alert(instance=one, ends=minutes(2)) for one in both], at=minutes(2))
    assert spoken(Incident.objects.get()) == [
        ("alert_firing", "p99 of a (and 1 more of its sort)"),
        ("alert_resolved", "p99 of a"),
    ]


def test_what_fires_and_ends_in_one_batch_has_one_name() -> None:
    source = am.source()
    am.deliver(source, am.alert(summary="p99 is 3 s"))
    am.deliver(source, am.alert(summary="well again", ends=minutes(1)), at=minutes(0.01))
    am.drain(minutes(2))
    assert {text for _, text in spoken(Incident.objects.get())} == {"p99 is 3 s"}
