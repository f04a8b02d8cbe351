"""The pages of times, impact and ball, and the clicks that mitigate and close, as each persona; htmx or not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from incidents.response import anchors, handing_off, impacts, lifecycle
from incidents.response.impacts import Facts, Impact
from incidents.response.models import HandOff, ImpactFacts, Incident
from incidents.response.queries import impacts as reads
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "timeline", "HX-Current-URL": "http://testserver/incidents/1/"}
HOUR = timedelta(hours=1)
PAGES = ("times", "impact/facts", "handoff")
CLICKS = ("times/check", "take", "mitigate", "close")
TIMES = {"impact_precision": "minute", "impact_from": "2026-11-20T11:30", "detected_at": "2026-11-20T12:00"}


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def responder(maya: Person) -> Client:
    return signed_in(maya)


@pytest.fixture
def incident() -> Incident:
    service = make.service("Support answers", owner=make.person("Priya Nair"))
    return make.incident(
        "Slow answers",
        service=service,
        by=make.person("Jonas Lind"),
        began=Impact("minute", NOON - 30 * timedelta(minutes=1)),
        now=NOON + timedelta(seconds=37),
        detected_at=NOON + timedelta(seconds=37),
    )


def url(incident: Incident, act: str = "") -> str:
    return f"/incidents/{incident.pk}/" + (f"{act}/" if act else "")


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def shown(client: Client, incident: Incident, act: str = "") -> str:
    return client.get(url(incident, act)).content.decode()


# ---- who may ----


@pytest.mark.parametrize("act", [*PAGES, *CLICKS])
def test_viewers_and_strangers_may_not(incident: Incident, act: str) -> None:
    viewer, stranger = signed_in(make.person(role="viewer")), Client()
    before = Incident.objects.values().get(pk=incident.pk)
    assert viewer.post(url(incident, act), {**TIMES, "reason": "x", "to": "1"}).status_code == 403
    assert stranger.post(url(incident, act))["Location"].startswith("/accounts/login/")
    assert Incident.objects.values().get(pk=incident.pk) == before


@pytest.mark.parametrize("act", PAGES)
def test_pages_are_for_those_who_work_on_it(incident: Incident, responder: Client, act: str) -> None:
    assert responder.get(url(incident, act)).status_code == 200
    assert signed_in(make.person(role="viewer")).get(url(incident, act)).status_code == 403


@pytest.mark.parametrize("act", [*PAGES, *CLICKS])
def test_a_private_incident_is_not_there_for_others(responder: Client, act: str) -> None:
    hidden = make.incident(private=True, by=make.person())
    assert responder.post(url(hidden, act), {"reason": "x"}).status_code == 404


def test_viewers_read_where_it_stands(incident: Incident, maya: Person) -> None:
    impacts.state(incident, facts=Facts(slice="EN tickets", monitors_green="yes"), by=maya, now=NOON)
    page = shown(signed_in(make.person(role="viewer")), incident)
    for words in ("EN tickets", "30 min", "unchecked", "Jonas Lind"):
        assert words in page
    for control in ("Take it", "These times are right", "Hand off", ">Mitigated</button>", "Correct how far"):
        assert control not in page


# ---- clicks ----


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_mitigated_in_one_click(responder: Client, incident: Incident, headers: dict[str, str]) -> None:
    answer = responder.post(url(incident, "mitigate"), headers=headers)
    assert answer.status_code == (200 if headers else 302)
    assert fresh(incident).state == "mitigated"
    page = shown(responder, incident)
    assert ">Mitigated</button>" not in page
    assert "state mitigated" in page


def test_closing_is_refused_until_the_review_is_done(responder: Client, incident: Incident, maya: Person) -> None:
    lifecycle.resolve(incident, by=maya, now=NOON + HOUR)
    assert ">Close</button>" in shown(responder, incident)
    answer = responder.post(url(incident, "close"))
    assert answer.status_code == 422
    assert "say why it needs none" in answer.content.decode()


def test_taking_the_ball(responder: Client, incident: Incident) -> None:
    assert "Take it" in shown(responder, incident)
    responder.post(url(incident, "take"))
    assert HandOff.objects.filter(incident=incident, to__name="Maya Okafor", reason="took it").exists()
    page = shown(responder, incident)
    assert "Take it" not in page
    assert "handed off 1 time" in page


# ---- hand-off ----


def test_handing_off_needs_somebody_and_a_reason(responder: Client, incident: Incident) -> None:
    priya = Person.objects.get(name="Priya Nair")
    answer = responder.post(url(incident, "handoff"), {"to": str(priya.pk), "reason": ""})
    assert answer.status_code == 422
    answer = responder.post(url(incident, "handoff"), {"to": "", "reason": "kept words"})
    assert answer.status_code == 422
    assert "kept words" in answer.content.decode()
    viewer = make.person("Only Reads", role="viewer")
    assert "Only Reads" not in answer.content.decode()
    assert responder.post(url(incident, "handoff"), {"to": str(viewer.pk), "reason": "x"}).status_code == 422
    assert responder.post(url(incident, "handoff"), {"to": str(priya.pk), "reason": "night"}).status_code == 302
    assert fresh(incident).ball == priya


def test_the_three_are_three_and_to_and_fro_is_said(responder: Client, incident: Incident, maya: Person) -> None:
    jonas, team = Person.objects.get(name="Jonas Lind"), make.team("Answers team")
    part = make.component("Retriever", of=incident.service, custodian=team)
    handing_off.give(incident, to=maya, reason="yours", by=jonas, now=NOON + HOUR)
    handing_off.give(incident, to=jonas, reason="no, yours", by=maya, now=NOON + 2 * HOUR)
    page = shown(responder, incident)
    assert "To and fro: Jonas Lind → Maya Okafor → Jonas Lind" in page
    for words in ("Priya Nair", "Has the ball", "Look after the parts", "Answers team", part.name):
        assert words in page
    assert "no, yours" in shown(responder, incident, "handoff")


# ---- times ----


def test_times_keep_the_seconds_that_the_form_does_not_show(responder: Client, incident: Incident) -> None:
    said = {**TIMES, "identified_at": "2026-11-20T12:20", "reason": "the trace"}
    assert responder.post(url(incident, "times"), said).status_code == 302
    found = fresh(incident)
    assert found.detected_at == incident.detected_at
    assert found.identified_at == NOON + timedelta(minutes=20)
    assert "the trace" in shown(responder, incident)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"detected_at": ""}, "say when"),
        ({"reason": ""}, "Say why: where the better time comes from."),
        ({"identified_at": "2099-01-01T00:00"}, "lies in the future"),
        ({"mitigated_at": "2026-11-20T11:00"}, "cannot start after it was mitigated"),
        ({"impact_precision": "between"}, "Give the latest time"),
        ({"identified_at": "soon"}, "Enter a valid date/time"),
    ],
)
def test_what_cannot_be_is_said_and_kept(
    responder: Client, incident: Incident, wrong: dict[str, str], says: str
) -> None:
    said = {**TIMES, "identified_at": "2026-11-20T12:20", "reason": "kept words", **wrong}
    answer = responder.post(url(incident, "times"), said)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert wrong.get("reason", "kept words") in answer.content.decode()
    assert fresh(incident).identified_at is None


def test_a_form_on_other_times_is_refused_and_can_be_saved_then(responder: Client, incident: Incident) -> None:
    old = anchors.of(incident).stamp
    Incident.objects.filter(pk=incident.pk).update(detected_at=NOON - HOUR)
    said = {**TIMES, "identified_at": "2026-11-20T12:20", "reason": "kept", "written_on": old}
    answer = responder.post(url(incident, "times"), said)
    assert answer.status_code == 422
    assert "changed a time meanwhile" in answer.content.decode()
    said["written_on"] = answer.context["stamp"]
    assert responder.post(url(incident, "times"), said).status_code == 302


def test_checking_the_times_that_one_saw(responder: Client, incident: Incident, maya: Person) -> None:
    page = responder.get(url(incident))
    assert "unchecked" in page.content.decode()
    responder.post(url(incident, "times/check"), {"written_on": page.context["stamp"]})
    assert fresh(incident).times_checked_by == maya
    page = shown(responder, incident)
    assert "Checked by Maya Okafor" in page
    assert "unchecked" not in page
    Incident.objects.filter(pk=incident.pk).update(detected_at=NOON - HOUR)
    stale = responder.post(url(incident, "times/check"), {"written_on": anchors.of(incident).stamp})
    assert stale.status_code == 409


@pytest.mark.django_db(transaction=True)
def test_what_stood_before_stands_beside(responder: Client, incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(detected_at=NOON - HOUR)
    assert "as corrected: was" in shown(responder, incident)
    assert "as corrected: was" in shown(responder, incident, "times")


# ---- how far it went ----


def test_saying_how_far_it_went(responder: Client, incident: Incident) -> None:
    said = {"slice": "EN tickets", "share_from": "4", "reproduced": "9", "tries": "20", "monitors_green": "yes"}
    assert responder.post(url(incident, "impact/facts"), said).status_code == 302
    page = shown(responder, incident)
    for words in ("4 %", "of EN tickets", "9 of 20", "30 min", "green while wrong"):
        assert words in page
    assert 'value="4"' in shown(responder, incident, "impact/facts")
    responder.post(url(incident, "impact/facts"), {**said, "share_from": "2.5", "share_until": "7"})
    assert "2.5 to 7 %" in shown(responder, incident)
    assert "4 % of EN tickets" in shown(responder, incident, "impact/facts")
    assert ImpactFacts.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"share_from": "101"}, "less than or equal to 100"),
        ({"share_from": "5", "share_until": "4"}, "must not be below"),
        ({"share_until": "4"}, "Give the least"),
        ({"tries": "3"}, "Give both"),
        ({"tries": "0", "reproduced": "0"}, "Leave both empty"),
        ({"tries": "3", "reproduced": "4"}, "more than the tries"),
        ({"bad_count": "-1"}, "greater than or equal to 0"),
        ({"bad_count": str(10**20)}, "less than or equal"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    responder: Client, incident: Incident, wrong: dict[str, str], says: str
) -> None:
    said = {"slice": "kept words", "monitors_green": "unknown", **wrong}
    answer = responder.post(url(incident, "impact/facts"), said)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert "kept words" in answer.content.decode()
    assert not ImpactFacts.objects.exists()


def test_two_who_say_how_far_it_went_lose_nothing(responder: Client, incident: Incident, maya: Person) -> None:
    seen = responder.get(url(incident, "impact/facts")).context["form"]["written_on"].value()
    impacts.state(incident, facts=Facts(share_from=Decimal(4)), by=make.person("Ede Aluko"), now=NOON)
    said = {"bad_count": "12", "slice": "kept words", "monitors_green": "unknown", "written_on": seen}
    broken = responder.post(url(incident, "impact/facts"), {**said, "tries": "3"})
    assert (broken.status_code, broken.context["form"]["written_on"].value()) == (422, seen)
    answer = responder.post(url(incident, "impact/facts"), said)
    assert answer.status_code == 409
    for words in ("Ede Aluko changed it meanwhile", "4 % of the traffic", "kept words", 'value="12"'):
        assert words in answer.content.decode()
    said["written_on"] = answer.context["form"]["written_on"].value()
    assert responder.post(url(incident, "impact/facts"), said).status_code == 302
    assert "12 bad answers" in "; ".join(reads.phrases(incident, reads.current(incident)))


def test_two_who_say_what_users_see_lose_nothing(responder: Client, incident: Incident, maya: Person) -> None:
    page = responder.get(url(incident, "impact"))
    assert f'name="written_on" value="{impacts.stamp(incident)}"' in page.content.decode()
    impacts.edit(incident, said={"impact": "Their words.", "detected_by": "vendor"}, by=make.person(), now=NOON)
    said = {"impact": "My words.", "impact_precision": "unknown", "type": "safety"}
    said["written_on"] = page.context["form"]["written_on"].value()
    answer = responder.post(url(incident, "impact"), said)
    assert answer.status_code == 409
    for words in ("changed it meanwhile", "Their words.", "My words."):
        assert words in answer.content.decode()
    assert fresh(incident).impact == "Their words."
    said["written_on"] = answer.context["form"]["written_on"].value()
    assert responder.post(url(incident, "impact"), said).status_code == 302
    assert (fresh(incident).impact, fresh(incident).type) == ("My words.", "safety")


# ---- type and first blame ----


def test_the_type_is_declared_and_edited(responder: Client) -> None:
    said = {"title": "Refuses", "severity": "pending", "impact_precision": "unknown", "type": "over_blocking"}
    responder.post("/incidents/new/", said)
    made = Incident.objects.get()
    assert (made.type, made.blamed) == ("over_blocking", "")
    assert "Over-blocking" in shown(responder, made)
    responder.post(url(made, "impact"), {"impact": "", "impact_precision": "unknown", "type": "near_miss"})
    assert fresh(made).type == "near_miss"


def test_not_known_yet_is_told_apart_from_never_asked(responder: Client, incident: Incident) -> None:
    assert "first blame not asked yet" in shown(responder, incident)
    responder.post(url(incident, "acknowledge"), {"first_blame": "unknown"})
    page = shown(responder, incident)
    assert "first blame not asked yet" not in page
    assert "Not known yet, it was said" in page
    assert "First blame: not known yet" in page
