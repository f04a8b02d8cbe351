"""What a policy would have made of the last weeks, on the page and over the API."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.alerts import settling
from incidents.alerts.models import Alert
from incidents.alerts.queries import trials
from incidents.response.grouping import Rules
from incidents.response.models import GroupingPolicy, Incident
from ownership import tokens
from ownership.models import Person, Service
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db
ANSWERS = "support-answers"
FORM = {
    "labels": "", "window_minutes": "30", "longest_minutes": "1440", "quiet_seconds": "", "reopen_minutes": "0",
    "flap_times": "4", "flap_minutes": "60", "calm_minutes": "30", "based_on": "0",
}  # fmt: skip
PAGE = f"/services/{ANSWERS}/grouping/"


@pytest.fixture(autouse=True)
def _quiet(settings: object) -> None:
    settings.QUIET_SECONDS = 60


@pytest.fixture
def service() -> Service:
    return make.service("Support answers")


def lives(*times: tuple[float, float], region: str = "eu", after: float = 0) -> None:
    """Alerts of the service, each with its end; digested and settled as they come."""
    known = Alert.objects.order_by("pk").first()
    source = known.source if known else am.source()
    for number, (begins, ends) in enumerate(times):
        name = f"{region}{number}"
        begun, ended = minutes(begins + after), minutes(ends + after)
        settling.settle(now=begun)
        am.send(source, am.alert(name, starts=begun, service=ANSWERS, region=region), at=begun)
        am.send(source, am.alert(name, starts=begun, ends=ended, service=ANSWERS, region=region), at=ended)


def tried(service: Service | None, rules: Rules, **said: int) -> trials.Trial:
    return trials.of(Person(role="admin"), service, rules, in_force=Rules(), now=minutes(600), **said)


def test_it_tells_what_would_have_been_one(service: Service) -> None:
    lives((0, 1), (5, 6), (10, 11), (300, 301))
    trial = tried(service, Rules(reopen=timedelta(minutes=20)))
    assert (trial.alerts, trial.was, trial.would, trial.replayed) == (4, 4, 2, 4)
    (one,) = trial.differences
    assert [incident.pk for incident in one.incidents] == list(
        Incident.objects.order_by("pk").values_list("pk", flat=True)[:3]
    )
    assert (one.into, one.alerts, one.more) == (1, 3, 0)


def test_it_tells_what_would_have_been_several(service: Service) -> None:
    lives((0, 100))
    lives((2, 50), region="us")
    lives((3, 51), region="ap")
    trial = tried(service, Rules(labels=("region",)))
    assert (trial.was, trial.would) == (1, 3)
    (one,) = trial.differences
    assert (len(one.incidents), one.into, one.alerts) == (1, 3, 3)


def test_the_same_grouping_differs_nowhere(service: Service) -> None:
    lives((0, 1), (5, 6))
    trial = tried(service, Rules())
    assert (trial.was, trial.would, trial.differences) == (2, 2, [])
    assert not any(bar.changed for strip in trial.strips for bar in strip)


def test_it_is_bounded_and_says_so(service: Service) -> None:
    lives((0, 1), (5, 6), (10, 11))
    trial = tried(service, Rules(), newest=2)
    assert (trial.alerts, trial.is_cut, trial.since) == (2, True, minutes(5))
    whole = tried(service, Rules(), newest=3)
    assert (whole.alerts, whole.is_cut, whole.since) == (3, False, minutes(600) - timedelta(days=30))


def test_the_strips_lie_on_one_axis_and_mark_what_changed(service: Service) -> None:
    lives((0, 100), (50, 120), (400, 500))
    was, would = tried(service, Rules(window=timedelta(minutes=60))).strips
    assert (len(was), len(would)) == (3, 2)
    assert [bar.changed for bar in was] == [True, True, False]
    assert [bar.changed for bar in would] == [True, False]
    assert was[0].x == would[0].x
    assert was[0].y != was[1].y  # they overlap
    assert all(bar.x >= 0 and bar.x + bar.width <= trials.WIDTH for bar in (*was, *would))


def test_the_default_is_tried_on_services_without_their_own(service: Service) -> None:
    lives((0, 1))
    am.send(Alert.objects.order_by("pk")[0].source, am.alert("Strange", job="x"), at=minutes(2))
    assert tried(None, Rules()).alerts == 2
    am.policy(service)
    assert tried(None, Rules()).alerts == 1


def test_any_number_of_alerts_takes_the_same_queries(service: Service) -> None:
    counts = set()
    for after in (0, 100):
        lives((0, 1), (5, 6), after=after)
        with CaptureQueriesContext(connection) as captured:
            tried(service, Rules(reopen=timedelta(minutes=20)))
        counts.add(len(captured))
    assert counts == {2}


# ---- the page ----


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make.person("Maya Okafor", role=role))
    return client


def recently(service: Service) -> None:
    """Three incidents of this hour."""
    now = timezone.now()
    source = am.source()
    for ago in (50, 40, 30):
        begun, ended = now - timedelta(minutes=ago), now - timedelta(minutes=ago - 1)
        settling.settle(now=begun)
        am.send(source, am.alert("Slow", starts=begun, service=ANSWERS, region="eu"), at=begun)
        am.send(source, am.alert("Slow", starts=begun, ends=ended, service=ANSWERS, region="eu"), at=ended)


def test_trying_shows_both_and_saves_nothing(service: Service) -> None:
    recently(service)
    answer = signed_in("editor").post(PAGE, {**FORM, "reopen_minutes": "20", "act": "try"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "1 incident instead of 3, from 3 alerts" in page
    assert page.count('class="strip"') == 2
    assert "would have been one incident" in page
    assert 'value="20"' in page
    assert not GroupingPolicy.objects.exists()


def test_saving_makes_the_next_version_and_the_page_says_so(service: Service) -> None:
    client = signed_in("editor")
    answer = client.post(PAGE, {**FORM, "labels": "region, tenant", "act": "save"}, follow=True)
    made = GroupingPolicy.objects.get()
    assert (made.service, made.version, made.labels, str(made.by)) == (service, 1, ["region", "tenant"], "Maya Okafor")
    page = answer.content.decode()
    assert "Policy v1 of Support answers: service + labels region, tenant, within 30 min" in page
    assert "Saved as policy v1 of Support answers" in page
    again = client.post(PAGE, {**FORM, "act": "save"})
    assert again.status_code == 422
    assert "Somebody saved another version meanwhile" in again.content.decode()


@pytest.mark.parametrize("act", ["try", "save"])
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"labels": "two words"}, "is no name of a label"),
        ({"window_minutes": "2000"}, "at most the maximum length"),
        ({"window_minutes": "x"}, "Enter a whole number"),
        ({"flap_times": "1"}, "2 to 100 times"),
    ],
)
def test_what_cannot_be_is_said_and_kept(service: Service, act: str, said: dict[str, str], told: str) -> None:
    answer = signed_in("editor").post(PAGE, {**FORM, **said, "act": act})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert f'value="{next(iter(said.values()))}"' in answer.content.decode()
    assert not GroupingPolicy.objects.exists()


def test_who_reads_sees_the_policy_and_no_form(service: Service) -> None:
    am.policy(service, window_minutes=7)
    client = signed_in("responder")
    page = client.get(PAGE).content.decode()
    assert "within 7 min" in page
    assert "window_minutes" not in page
    for url in (PAGE, "/grouping/", f"{PAGE}give-up/"):
        assert client.post(url, {**FORM, "act": "save"}).status_code == 403
        assert Client().post(url, FORM)["Location"].startswith("/accounts/login/")
    assert GroupingPolicy.objects.count() == 1


def test_giving_up_ones_own(service: Service) -> None:
    am.policy(service, window_minutes=7)
    client = signed_in("editor")
    page = client.post(f"{PAGE}give-up/", follow=True).content.decode()
    assert "The default policy holds for Support answers now." in page
    assert GroupingPolicy.objects.get().superseded_at is not None


def test_the_default_has_a_page_of_its_own(service: Service) -> None:
    client = signed_in("editor")
    assert "The built-in policy" in client.get("/grouping/").content.decode()
    client.post("/grouping/", {**FORM, "window_minutes": "12", "act": "save"})
    assert GroupingPolicy.objects.get().service is None
    assert "Default policy v1: service, within 12 min" in client.get(PAGE).content.decode()


def test_the_service_page_and_the_incident_lead_there(service: Service) -> None:
    am.policy(service, labels=["region"])
    am.send(am.source(), am.alert(service=ANSWERS, region="eu"))
    client = signed_in("responder")
    for url in (f"/services/{ANSWERS}/", f"/incidents/{Incident.objects.get().pk}/"):
        page = client.get(url).content.decode()
        assert f'href="{PAGE}"' in page
        assert "policy v1 of Support answers: service + label region, within 30 min" in page


def test_the_page_names_labels_that_alerts_carry(service: Service) -> None:
    lives((0, 1), region="eu")
    lives((0, 1), region="us")
    page = re.sub(r"\s+", " ", signed_in("editor").get(PAGE).content.decode())
    assert '<span class="chip plain">region</span> 2 values' in page


def test_any_number_of_versions_takes_the_same_queries(service: Service) -> None:
    client = signed_in("editor")
    counts = set()
    for _ in range(3):
        am.policy(service, now=minutes(GroupingPolicy.objects.count()))
        client.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        counts.add(len(captured))
    assert len(counts) == 1


# ---- the API ----


def api(person: Person) -> APIClient:
    client = APIClient()
    _, secret = tokens.make(person, label="test", scope="write", now=make.NOON)
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def test_over_the_api_a_policy_is_tried_saved_listed_and_given_up(service: Service) -> None:
    recently(service)
    client = api(make.person(role="editor"))
    said = {"service": ANSWERS, "reopen_minutes": 20}
    trial = client.post("/api/v1/grouping/try/", said, format="json").json()
    assert (trial["was"], trial["would"], trial["replayed"]) == (3, 1, 3)
    assert trial["differences"][0]["incidents"] == list(Incident.objects.order_by("pk").values_list("pk", flat=True))
    made = client.post("/api/v1/grouping/", {**said, "labels": ["region"]}, format="json")
    assert (made.status_code, made.json()["version"], made.json()["labels"]) == (201, 1, ["region"])
    stale = client.post("/api/v1/grouping/", {**said, "based_on": 0}, format="json")
    assert (stale.status_code, stale.json()["code"]) == (409, "policy_changed")
    listed = client.get(f"/api/v1/grouping/?service={ANSWERS}&current=true").json()["results"]
    assert [one["id"] for one in listed] == [made.json()["id"]]
    assert client.post(f"/api/v1/grouping/{made.json()['id']}/give_up/").status_code == 204
    assert client.get("/api/v1/grouping/?current=true").json()["results"] == []
    assert client.post("/api/v1/grouping/", {"labels": ["a b"]}, format="json").status_code == 422


def test_over_the_api_responders_read_policies_and_move_alerts(service: Service) -> None:
    make.service("Fraud score")
    source = am.source()
    am.send(source, am.alert("Slow", service=ANSWERS))
    am.send(source, am.alert("Odd", service="fraud-score"))
    first, second = Incident.objects.order_by("pk")
    client = api(make.person(role="responder"))
    assert client.post("/api/v1/grouping/", {}, format="json").status_code == 403
    asked = {"came_from": first.pk, "went_to": second.pk, "alerts": [Alert.objects.get(name="Slow").pk]}
    done = client.post("/api/v1/moves/", asked, format="json")
    assert (done.status_code, done.json()) == (201, {"incident": second.pk})
    assert client.get(f"/api/v1/moves/?came_from={first.pk}").json()["results"][0]["went_to"] == second.pk
    refused = client.post("/api/v1/moves/", asked, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert api(make.person(role="viewer")).post("/api/v1/moves/", asked, format="json").status_code == 403
