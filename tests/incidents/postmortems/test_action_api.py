"""The steps of an action over the API: who may, what each asks, what refuses it and by which code."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.alerts.models import Alert, Delivery
from incidents.postmortems.models import Action
from incidents.response import confiding
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.test_api import ACTIONS, api
from tests.incidents.postmortems.visits import signed_in

pytestmark = pytest.mark.django_db
SHOWN: dict[str, Any] = {"evidence": "test_run", "ref": "https://ci.example.org/7", "note": "green"}


@pytest.fixture
def tomas() -> Person:
    return make.person("Tomás Brandt")


@pytest.fixture
def one(maya: Person, tomas: Person) -> Action:
    """Owned by Tomás, of a postmortem that Maya published."""
    review.published(by=maya, service=make.service("Support answers"))
    Action.objects.update(owner=tomas)
    return Action.objects.get()


def take(client: APIClient, one: Action, step: str, **said: Any) -> Any:
    return client.post(f"{ACTIONS}{one.pk}/{step}/", said)


def test_the_whole_way(one: Action, maya: Person, tomas: Person) -> None:
    doer, other = api(tomas), api(maya)
    until = str(timezone.localdate() + timedelta(days=3))
    assert take(doer, one, "snooze", until=until, reason="Freeze.").json()["snoozed_until"] == until
    assert take(doer, one, "wake").json()["snoozed_until"] is None
    seen = take(doer, one, "ticket", url="https://tracker.example.org/7", state="in_progress").json()
    assert (seen["ticket_state"], seen["ticket_checked_by"]) == ("in_progress", tomas.email)
    assert take(doer, one, "done").json()["state"] == "done"
    assert take(other, one, "send-back", reason="Half of it.").json()["state"] == "open"
    take(doer, one, "done")
    verified = take(other, one, "verify", **SHOWN).json()
    assert (verified["state"], verified["verified_by"]) == ("verified", maya.email)
    assert {name: verified["verification"][name] for name in ("evidence", "ref", "why")} == {
        "evidence": "test_run", "ref": SHOWN["ref"], "why": "green",
    }  # fmt: skip
    assert take(other, one, "reopen", reason="It came back.").json()["state"] == "open"
    assert take(other, one, "wont-do", reason="Too dear.").json()["declined_by"] == maya.email
    events = other.get(f"{ACTIONS}{one.pk}/events/").json()
    assert [event["kind"] for event in events] == [
        "snoozed", "woken", "ticket", "done", "sent_back", "done", "verified", "reopened", "declined",
    ]  # fmt: skip
    assert events[4]["why"] == "Half of it."


def test_refusals_have_codes(one: Action, maya: Person, tomas: Person) -> None:
    doer, other = api(tomas), api(maya)

    def code(answer: Any) -> tuple[int, str]:
        return answer.status_code, answer.json()["code"]

    assert code(take(other, one, "verify", **SHOWN)) == (409, "action_not_done")
    assert code(take(other, one, "reopen", reason="x")) == (409, "action_not_settled")
    take(doer, one, "done")
    assert code(take(doer, one, "verify", **SHOWN)) == (403, "verified_by_another")
    assert code(take(other, one, "snooze", until=str(timezone.localdate() + timedelta(days=3)), reason="x")) == (
        409,
        "action_not_open",
    )
    assert code(take(other, one, "ticket", url="ftp://x", state="open")) == (422, "ticket_address")
    assert take(other, one, "verify", evidence="hope", ref="x", note="y").status_code == 422
    assert take(api(make.person(role="viewer")), one, "done").status_code == 403
    assert take(api(maya, scope="read"), one, "undone").status_code == 403
    assert Action.objects.get().state == "done"


def test_strangers_find_no_action_of_a_private_incident(one: Action, maya: Person) -> None:
    confiding.make_private(Incident.objects.get(), reason="It names a customer.", by=maya, now=NOON)
    client = api(make.person())
    assert client.get(ACTIONS).json()["results"] == []
    assert take(client, one, "done").status_code == 404
    assert client.get(f"{ACTIONS}{one.pk}/events/").status_code == 404


def test_lists_are_narrowed_as_the_board_is(one: Action, maya: Person, tomas: Person) -> None:
    client = api(maya)
    review.rewrite(Action.objects.all(), priority="high", due_on=date(2020, 1, 1))

    def count(query: str) -> int:
        return len(client.get(f"{ACTIONS}?{query}").json()["results"])

    for query in ("state=overdue", "state=unsettled", "priority=high", "layer=integration", "service=support-answers"):
        assert count(query) == 1, query
    for query in ("state=waiting", "priority=low", "layer=data", "service=elsewhere", "open=false"):
        assert count(query) == 0, query
    take(api(tomas), one, "done")
    assert (count("state=mine_to_verify"), count("open=true")) == (1, 0)
    assert client.get(f"{ACTIONS}?state=lost").status_code == 422


def test_without_a_day_it_is_due_when_its_priority_promises(maya: Person) -> None:
    draft = review.draft(by=maya)
    said = {"postmortem": draft.incident_id, "title": "Cap it"}
    today = timezone.localdate()
    for priority, weeks in (("high", 4), ("normal", 8)):
        made = api(maya).post(ACTIONS, {**said, "priority": priority}).json()
        assert made["due_on"] == str(today + timedelta(weeks=weeks))
    assert api(maya).post(ACTIONS, {**said, "priority": "low"}).json()["due_on"] is None
    assert api(maya).post(ACTIONS, {**said, "due_on": "2027-01-01"}).json()["due_on"] == "2027-01-01"


@pytest.mark.parametrize("form", ["{alert}", "alert {alert}", "#{alert}", "{delivery}", "https://x.example.org/1"])
def test_a_replayed_alert_goes_by_its_number_its_delivery_or_an_address(
    one: Action, maya: Person, tomas: Person, form: str
) -> None:
    source = am.source()
    am.send(source, am.alert("Slow", service="support-answers"))
    alert, delivery = Alert.objects.get(), Delivery.objects.get()
    take(api(tomas), one, "done")
    ref = form.format(alert=alert.pk, delivery=delivery.pk)
    said = take(api(maya), one, "verify", evidence="replayed_alert", ref=ref, note="It fired.").json()["verification"]
    expected = {
        "{delivery}": f"/sources/{source.pk}/deliveries/{delivery.pk}/",
        "https://x.example.org/1": "https://x.example.org/1",
    }
    assert said["ref"] == expected.get(form, f"/alerts/{alert.pk}/")


def test_a_replay_names_no_incident_that_became_private(one: Action, maya: Person, tomas: Person) -> None:
    """Whoever sees the incident gets there by the alert; of what is typed nothing leads there."""
    am.send(am.source(), am.alert("Slow", service="support-answers"))
    alert = Alert.objects.select_related("incident").get()
    take(api(tomas), one, "done")
    take(api(maya), one, "verify", evidence="replayed_alert", ref=str(alert.pk), note="It fired.")
    way, page = f"/alerts/{alert.pk}/", f"/postmortems/{one.postmortem.incident_id}/"
    assert f'<a href="{way}">where it was replayed</a>' in signed_in(tomas).get(page).content.decode()
    admin = signed_in(make.person(role="admin"))
    Incident.objects.filter(pk=alert.incident_id).update(private=True)
    assert admin.get(way)["Location"] == f"/incidents/{alert.incident_id}/"
    stranger = make.person(role="viewer")
    assert signed_in(stranger).get(way).status_code == 404
    assert f"/incidents/{alert.incident_id}/" not in str(api(stranger).get(f"{ACTIONS}{one.pk}/").json())
    take(api(maya), one, "reopen", reason="Once more.")
    take(api(tomas), one, "done")
    take(api(maya), one, "verify", evidence="link", ref="/sources/1/", note="There.")
    shown = signed_in(tomas).get(page).content.decode()
    assert ("/sources/1/" in shown, 'href="/sources/1/"' in shown) == (True, False)


def test_a_replay_that_is_not_there_or_not_to_be_seen_is_refused(one: Action, maya: Person, tomas: Person) -> None:
    am.send(am.source(), am.alert("Slow", service="elsewhere"))
    alert = Alert.objects.get()
    Incident.objects.filter(pk=alert.incident_id).update(private=True)
    take(api(tomas), one, "done")
    for ref in (str(alert.pk), "999999", "11111111-1111-4111-8111-111111111111", "javascript:alert(1)", "last week"):
        answer = take(api(maya), one, "verify", evidence="replayed_alert", ref=ref, note="It fired.")
        assert answer.status_code == 422, ref
    assert Action.objects.get().state == "done"
