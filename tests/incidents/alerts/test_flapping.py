"""A problem that comes and goes: counted in full, told once, and its incident waits until it holds still."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.alerts import digest, intake, settling
from incidents.alerts.models import Alert
from incidents.response.models import Incident, TimelineRow
from ownership.models import Service
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db
ANSWERS = "support-answers"


@pytest.fixture(autouse=True)
def _quiet(settings: object) -> None:
    settings.QUIET_SECONDS = 60


@pytest.fixture
def service() -> Service:
    return make.service("Support answers")


def flap(*starts: float, lasts: float = 1, name: str = "Slow") -> None:
    """One problem, beginning at these minutes and each time over a minute later; digested and settled as it comes."""
    known = Alert.objects.order_by("pk").first()
    source = known.source if known else am.source()
    for start in starts:
        settling.settle(now=minutes(start))
        am.send(source, am.alert(name, starts=minutes(start), service=ANSWERS), at=minutes(start))
        ended = am.alert(name, starts=minutes(start), ends=minutes(start + lasts), service=ANSWERS)
        am.send(source, ended, at=minutes(start + lasts))


def marks() -> list[tuple[int, bool]]:
    return list(Alert.objects.order_by("started_at").values_list("lately", "flapping"))


def test_four_times_within_an_hour_is_flapping_and_every_episode_is_kept(service: Service) -> None:
    flap(0, 10, 20, 30, 40, 50)
    assert marks() == [(1, False), (2, False), (3, False), (4, True), (5, True), (6, True)]
    assert set(Alert.objects.values_list("times_seen", flat=True)) == {1}
    assert Alert.objects.filter(resolved_at=None).count() == 0


def test_three_times_or_over_a_longer_time_is_not(service: Service) -> None:
    flap(0, 25, 50, 75, 100)
    assert marks() == [(1, False), (2, False), (3, False), (3, False), (3, False)]


def test_from_then_on_it_stays_in_one_incident_and_is_told_once(service: Service) -> None:
    flap(0, 10, 20, 30, 40, 50)
    assert Incident.objects.count() == 4  # the first three were over and quiet before anything flapped
    last = Incident.objects.order_by("pk").reverse()[0]
    assert last.resolved_at is None
    assert am.kinds(last) == ["routed", "alert_firing", "flapping"]
    row = TimelineRow.objects.get(kind="flapping")
    assert (row.at, row.text) == (
        minutes(30),
        "Slow is firing: 4 times within 1 h 00; quiet until it holds for 30 min",
    )
    assert (
        "and goes on where it was flapping; the built-in policy"
        in Alert.objects.order_by("started_at").reverse()[0].why
    )


def test_the_incident_waits_until_it_has_held_still(service: Service) -> None:
    flap(0, 10, 20, 30)
    assert settling.settle(now=minutes(60.9)) == 0
    assert settling.settle(now=minutes(61)) == 1
    row = TimelineRow.objects.filter(kind="resolved").order_by("pk").reverse()[0]
    assert row.at == minutes(31)
    assert "nothing came for 30 min, longer than usual because it was flapping" in row.why


def test_past_the_window_too_it_goes_on_in_its_incident(service: Service) -> None:
    am.policy(service, window_minutes=2, calm_minutes=30)
    flap(0, 10, 20, 30, 50, 75)
    assert Incident.objects.count() == 4
    assert Alert.objects.filter(flapping=True).values("incident").distinct().count() == 1


def test_what_goes_on_past_the_window_does_not_renew_it_for_others(service: Service) -> None:
    am.policy(service, window_minutes=4)
    flap(0, 3)
    flap(6, 9, 30)
    source = Alert.objects.order_by("pk")[0].source
    am.send(source, am.alert("Down", starts=minutes(31), service=ANSWERS), at=minutes(31))
    down, slow = Alert.objects.get(name="Down"), Alert.objects.get(name="Slow", started_at=minutes(30))
    assert slow.incident == Alert.objects.get(name="Slow", started_at=minutes(9)).incident
    assert down.incident != slow.incident


def test_once_it_held_still_longer_it_is_told_anew(service: Service) -> None:
    flap(0, 10, 20, 30)
    flap(300, 310, 320, 330)
    assert TimelineRow.objects.filter(kind="flapping").count() == 2
    assert Incident.objects.filter(resolved_at=None).count() == 1


def test_another_alert_of_the_incident_is_told_as_ever(service: Service) -> None:
    flap(0, 10, 20, 30)
    source = Alert.objects.order_by("pk")[0].source
    am.send(source, am.alert("Down", starts=minutes(35), service=ANSWERS), at=minutes(35))
    flap(40)
    last = Incident.objects.order_by("pk").reverse()[0]
    assert am.kinds(last) == ["routed", "alert_firing", "flapping", "alert_firing"]
    assert settling.settle(now=minutes(200)) == 0


def test_the_policy_says_how_often_and_zero_switches_it_off(service: Service) -> None:
    am.policy(service, flap_times=2, flap_minutes=15)
    flap(0, 10, 30)
    assert marks() == [(1, False), (2, True), (1, False)]
    am.policy(service, flap_times=0, now=minutes(90))
    flap(100, 101.5, 103, 104.5, 106)
    assert not Alert.objects.filter(flapping=True, started_at__gte=minutes(100)).exists()


def test_all_in_one_batch_ends_alike(service: Service) -> None:
    """How deliveries were batched changes neither marks nor the row that tells it."""
    source = am.source()
    for start in (0, 10, 20, 30, 40):
        am.deliver(source, am.alert("Slow", starts=minutes(start), service=ANSWERS), at=minutes(45))
        ended = am.alert("Slow", starts=minutes(start), ends=minutes(start + 1), service=ANSWERS)
        am.deliver(source, ended, at=minutes(45))
    digest.batch(now=minutes(45))
    assert marks() == [(1, False), (2, False), (3, False), (4, True), (5, True)]
    assert TimelineRow.objects.get(kind="flapping").at == minutes(30)


def test_news_of_an_earlier_beginning_mends_what_was_marked(service: Service) -> None:
    source = am.source()

    def told(start: float, at: float) -> None:
        """The end before the beginning."""
        ended = am.alert("Slow", starts=minutes(start), ends=minutes(start + 1), service=ANSWERS)
        am.send(source, ended, at=minutes(at))
        am.send(source, am.alert("Slow", starts=minutes(start), service=ANSWERS), at=minutes(at))

    for start in (0, 20, 30):
        told(start, 45)
    assert marks() == [(1, False), (2, False), (3, False)]
    told(10, 46)
    assert marks() == [(1, False), (2, False), (3, False), (4, True)]
    assert TimelineRow.objects.get(kind="flapping").at == minutes(30)


def test_test_alerts_never_flap() -> None:
    source = am.source()
    for minute in range(6):
        intake.send_test(source, by=make.person(), now=minutes(minute))
        am.drain(minutes(minute))
    assert Alert.objects.filter(is_test=True).exists()
    assert not Alert.objects.filter(flapping=True).exists()


def test_the_incidents_page_shows_it(service: Service) -> None:
    flap(0, 10, 20, 30, 40)
    client = Client()
    client.force_login(make.person())
    page = client.get(f"/incidents/{Incident.objects.order_by('pk').reverse()[0].pk}/").content.decode()
    assert "flapping, 5 times lately" in page
    assert "4 times within 1 h 00; quiet until it holds for 30 min" in page
