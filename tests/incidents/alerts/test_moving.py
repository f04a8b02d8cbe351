"""An alert that a person moved stays where it was put, and its problem follows as long as that incident is open."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from incidents.alerts import moving, settling
from incidents.alerts.membership import AlertMove
from incidents.alerts.models import Alert
from incidents.response import lifecycle
from incidents.response.locking import NotOpen
from incidents.response.models import AffectedService, Incident, TimelineRow
from ownership.models import Person
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes
from web.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(settings: object) -> None:
    settings.QUIET_SECONDS = 60


@pytest.fixture
def two() -> tuple[Incident, Incident]:
    """Two open incidents of two services; the first has two alerts."""
    make.service("Support answers", tier="t1")
    make.service("Fraud score", tier="t3")
    source = am.source()
    am.send(source, am.alert("Slow", service="support-answers"))
    am.send(source, am.alert("Down", service="support-answers", starts=minutes(2)), at=minutes(2))
    am.send(source, am.alert("Odd", service="fraud-score", starts=minutes(4)), at=minutes(4))
    first, second = Incident.objects.order_by("pk")
    return first, second


def alert(name: str) -> Alert:
    return Alert.objects.filter(name=name).order_by("started_at").reverse()[0]


def move(name: str, to: Incident | None, *, by: Person | None = None) -> Incident:
    one = alert(name)
    assert one.incident is not None
    return moving.move(one.incident, alerts=[one.pk], to=to, by=by or make.person(), now=minutes(10))


def again(name: str, at: float, *, ends: float | None = None) -> None:
    """The problem once more; the sender says resolved when it has an end."""
    one = alert(name)
    told = am.alert(
        name, starts=minutes(at), ends=None if ends is None else minutes(ends), service=one.labels["service"]
    )
    am.send(one.source, told, at=minutes(at if ends is None else ends))


def ends(name: str, at: float) -> None:
    one = alert(name)
    told = am.alert(name, starts=one.started_at, ends=minutes(at), service=one.labels["service"])
    am.send(one.source, told, at=minutes(at))


def test_a_moved_alert_is_told_in_both_incidents_and_says_why(two: tuple[Incident, Incident]) -> None:
    first, second = two
    maya = make.person("Maya Okafor")
    assert move("Down", second, by=maya) == second
    assert alert("Down").incident == second
    assert f"moved by hand from {first.ref} to {second.ref}" in alert("Down").why
    gone, came = (TimelineRow.objects.get(incident=one, kind="alert_moved") for one in two)
    assert (gone.by, gone.text) == (maya, f"“Down is firing” to {second.ref}")
    assert came.text == f"“Down is firing” here from {first.ref}"
    assert (gone.data["incident"], came.data["incident"]) == (second.pk, first.pk)
    row = AlertMove.objects.get()
    assert (row.alert, row.came_from, row.went_to, row.by) == (alert("Down"), first, second, maya)


def test_rows_of_the_timeline_stay_where_they_were(two: tuple[Incident, Incident]) -> None:
    first, second = two
    before = list(TimelineRow.objects.filter(incident=first).values_list("pk", flat=True))
    move("Down", second)
    assert set(before) < set(TimelineRow.objects.filter(incident=first).values_list("pk", flat=True))


def test_the_times_of_both_follow_their_members_and_go_back_with_them(two: tuple[Incident, Incident]) -> None:
    first, second = two
    move("Slow", second)
    for one in two:
        one.refresh_from_db()
    assert (first.detected_at, second.detected_at) == (minutes(2), minutes(0))
    move("Slow", first)
    for one in two:
        one.refresh_from_db()
    assert (first.detected_at, second.detected_at, second.last_alert_at) == (minutes(0), minutes(4), minutes(4))
    assert alert("Slow").incident == first


def test_a_worse_member_raises_the_severity_and_its_service_is_affected(two: tuple[Incident, Incident]) -> None:
    first, second = two
    Alert.objects.filter(name="Down").update(severity="critical")
    move("Down", second)
    second.refresh_from_db()
    assert second.severity == "sev3"
    affected = AffectedService.objects.get(incident=second)
    assert (affected.service, affected.why) == (first.service, "an alert of it was moved here")


def test_its_repeats_stay_there(two: tuple[Incident, Incident]) -> None:
    move("Down", two[1])
    again("Down", 2)
    assert (alert("Down").incident, alert("Down").times_seen) == (two[1], 2)


def test_its_next_episode_follows_as_long_as_the_incident_is_open(two: tuple[Incident, Incident]) -> None:
    _, second = two
    move("Down", second)
    ends("Down", 12)
    again("Down", 200)  # far past every window
    assert Alert.objects.filter(name="Down", incident=second).count() == 2
    assert "somebody moved this problem to it" in alert("Down").why


def test_other_alerts_of_its_service_do_not_follow(two: tuple[Incident, Incident]) -> None:
    first, second = two
    move("Down", second)
    am.send(alert("Slow").source, am.alert("Third", service="support-answers", starts=minutes(11)), at=minutes(11))
    assert alert("Third").incident == first


def test_after_a_resolve_the_normal_policy_holds_again_reopened_or_not(two: tuple[Incident, Incident]) -> None:
    first, second = two
    move("Down", second)
    ends("Down", 12)
    ends("Odd", 12)
    assert settling.settle(now=minutes(14)) == 1
    lifecycle.reopen(second, reason="not over", by=make.person(), now=minutes(15))
    again("Down", 20)
    assert alert("Down").incident == first


def test_the_latest_move_counts(two: tuple[Incident, Incident]) -> None:
    first, second = two
    move("Down", second)
    move("Down", first)
    ends("Down", 12)
    again("Down", 14)
    assert Alert.objects.filter(name="Down", incident=first).count() == 2


def test_to_a_new_incident_of_their_own(two: tuple[Incident, Incident]) -> None:
    first, _ = two
    maya = make.person("Maya Okafor")
    one, other = alert("Slow"), alert("Down")
    made = moving.move(first, alerts=[one.pk, other.pk], to=None, by=maya, now=minutes(10))
    assert (made.service, made.detected_at, made.declared_by, made.title) == (
        first.service,
        minutes(0),
        maya,
        "Slow is firing",
    )
    assert Alert.objects.filter(incident=made).count() == 2
    assert "no alert is left here" in TimelineRow.objects.get(incident=first, kind="alert_moved").text
    ends("Slow", 12)
    ends("Down", 12)
    assert settling.settle(now=minutes(14)) == 1
    made.refresh_from_db()
    assert made.resolved_how == "alerts"


def test_only_between_open_incidents(two: tuple[Incident, Incident]) -> None:
    first, second = two
    lifecycle.resolve(second, by=make.person(), now=minutes(6), despite=["still_firing"])
    with pytest.raises(NotOpen, match=f"{second.ref} is resolved"):
        move("Down", second)
    with pytest.raises(NotOpen):
        move("Odd", first)
    assert not AlertMove.objects.exists()


@pytest.mark.parametrize("what", ["none", "another's", "same"])
def test_what_cannot_be_moved_is_refused(two: tuple[Incident, Incident], what: str) -> None:
    first, second = two
    alerts = {"none": [], "another's": [alert("Odd").pk], "same": [alert("Down").pk]}[what]
    with pytest.raises(Invalid):
        moving.move(first, alerts=alerts, to=first if what == "same" else second, by=make.person(), now=minutes(10))
    assert not AlertMove.objects.exists()


def test_what_was_moved_stays_on_record(two: tuple[Incident, Incident]) -> None:
    move("Down", two[1])
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AlertMove.objects.update(at=minutes(1))


# ---- the page ----


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make.person(role=role))
    return client


def test_on_the_page_one_ticks_alerts_and_says_where(two: tuple[Incident, Incident]) -> None:
    first, second = two
    client = signed_in("responder")
    page = client.get(f"/incidents/{first.pk}/").content.decode()
    assert f'action="/incidents/{first.pk}/move/"' in page
    chosen = alert("Down").pk
    form = client.get(f"/incidents/{first.pk}/move/?alert={chosen}").content.decode()
    assert second.ref in form
    assert re.findall(r'name="alert" value="(\d+)"[^>]*checked', form) == [str(chosen)]
    answer = client.post(f"/incidents/{first.pk}/move/", {"alert": [chosen], "to": second.ref.lower()})
    assert (answer.status_code, answer["Location"]) == (302, f"/incidents/{second.pk}/")
    assert alert("Down").incident == second


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"to": ""}, "Choose at least one alert."),
        ({"to": "INC-999999"}, "no incident with this number"),
        ({"to": "x"}, "no incident with this number"),
        ({"to": "9" * 20}, "no incident with this number"),
    ],
)
def test_a_refused_form_keeps_what_was_typed(two: tuple[Incident, Incident], asked: dict[str, str], told: str) -> None:
    chosen = {} if told.startswith("Choose") else {"alert": [str(alert("Down").pk)]}
    answer = signed_in("responder").post(f"/incidents/{two[0].pk}/move/", {**asked, **chosen})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert f'value="{asked["to"]}"' in answer.content.decode() or not asked["to"]


def test_viewers_and_strangers_move_nothing(two: tuple[Incident, Incident]) -> None:
    asked = {"alert": [alert("Down").pk], "to": str(two[1].pk)}
    assert signed_in("viewer").post(f"/incidents/{two[0].pk}/move/", asked).status_code == 403
    answer = Client().post(f"/incidents/{two[0].pk}/move/", asked)
    assert answer["Location"].startswith("/accounts/login/")
    assert alert("Down").incident == two[0]
