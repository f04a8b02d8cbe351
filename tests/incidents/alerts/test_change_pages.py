"""Pages of changes as each persona meets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.alerts import suspecting
from incidents.alerts.change_models import Change, Suspect
from incidents.alerts.queries import changes as queries
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db
SAID = {"title": "Answer prompt v42", "kind": "prompt", "at": "2026-11-13T09:30", "before": "v41", "after": "v42"}


def signed_in(who: Person | None = None, *, role: str = "responder") -> Client:
    browser = Client()
    browser.force_login(who or make.person(role=role))
    return browser


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_recording_by_hand_leads_to_the_change() -> None:
    prompt = make.component("Answer prompt")
    browser = signed_in()
    assert 'value="Answer prompt"' in text_of(browser.get(f"/changes/new/?component={prompt.pk}"))
    answer = browser.post("/changes/new/", {**SAID, "component": "answer prompt"})
    change = Change.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, change.get_absolute_url())
    assert (change.component, change.at) == (prompt, am.utc("2026-11-13 09:30"))
    shown = text_of(browser.get(change.get_absolute_url()))
    assert "v41 → v42" in shown


def test_from_an_incident_one_comes_back_to_it() -> None:
    incident = make.incident()
    answer = signed_in().post(f"/changes/new/?incident={incident.pk}", SAID)
    assert answer["Location"] == f"/incidents/{incident.pk}/#changes"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"title": ""}, "Say what changed."),
        ({"component": "nowhere"}, "No component is called that"),
        ({"at": "2099-01-01T00:00"}, "lies ahead"),
        ({"link": "not a link"}, "valid URL"),
    ],
)
def test_what_cannot_be_keeps_the_text(said: dict[str, str], words: str) -> None:
    answer = signed_in().post("/changes/new/", {**SAID, "after": "v42 of mine", **said})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "v42 of mine" in text_of(answer)
    assert not Change.objects.exists()


def test_correcting_and_withdrawing() -> None:
    change = am.change("Deploy", of=make.component("Index"))
    browser, path = signed_in(), change.get_absolute_url()
    said = {"title": "Deploy 2", "kind": "deploy", "component": "Index", "seen": change.pk}
    assert browser.post(f"{path}correct/", said)["Location"] == path
    assert browser.post(f"{path}correct/", said).status_code == 422  # somebody was quicker: this very browser
    current = Change.objects.get(line=change.line, superseded_at=None)
    assert (current.title, current.at, current.component) == ("Deploy 2", change.at, change.component)
    assert browser.post(f"{path}withdraw/", {"why": ""}).status_code == 422
    assert browser.post(f"{path}withdraw/", {"why": "a rehearsal"}).status_code == 302
    assert "a rehearsal" in text_of(browser.get(path))
    assert browser.get(f"{path}correct/").status_code == 404


def test_who_reads_and_who_writes() -> None:
    change, incident = am.change("Deploy", of=make.component()), make.incident()
    path = change.get_absolute_url()
    viewer = signed_in(role="viewer")
    for address in ("/changes/", path, f"/incidents/{incident.pk}/changes/"):
        assert viewer.get(address).status_code == 200
    assert viewer.get("/changes/new/").status_code == 403
    for address in ("/changes/new/", f"{path}correct/", f"{path}withdraw/"):
        assert viewer.post(address, {**SAID, "why": "x", "seen": change.pk}).status_code == 403
    assert viewer.post(f"/incidents/{incident.pk}/changes/{change.line}/suspect/").status_code == 403
    assert "Suspect" not in text_of(viewer.get(f"/incidents/{incident.pk}/"))
    assert Client().get("/changes/").status_code == 302
    assert (Change.objects.count(), Suspect.objects.count()) == (1, 0)
    stranger = signed_in()  # of no team of it: responders record for everybody
    assert stranger.post("/changes/new/", SAID).status_code == 302


def test_the_list_narrows_and_says_what_it_does_not_know() -> None:
    answers = make.service("Answers")
    am.change("Index v12", of=make.component("Index", of=answers), kind="index")
    am.change("Elsewhere", kind="deploy", named="ranker")
    browser = signed_in()
    assert "Elsewhere" not in text_of(browser.get("/changes/?service=answers"))
    assert "Index v12" not in text_of(browser.get("/changes/?show=unplaced"))
    assert "“ranker”" in text_of(browser.get("/changes/?show=unplaced"))
    assert "Elsewhere" not in text_of(browser.get("/changes/?kind=index"))
    assert "No service is called that" in text_of(browser.get("/changes/?service=nowhere"))
    assert browser.get("/changes/?component=9999999999999999999999&days=x&after=bad").status_code == 200


def test_the_list_is_read_in_a_constant_number_of_queries() -> None:
    browser = signed_in()

    def queries_of() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/changes/").status_code == 200
        return len(captured)

    am.change(of=make.component())
    make.service(owner=make.person())
    few = queries_of()
    for _ in range(5):
        am.change(of=make.component())
        make.service(owner=make.person())
    assert queries_of() == few


def test_components_and_services_show_their_last_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "OF_PANEL", 1)
    answers = make.service("Answers", owner=make.person("Priya Nair"))
    index = make.component("Index", of=answers)
    am.change("Index v11", of=index, at=am.minutes(-90))
    am.change("Index v12", of=index)
    browser = signed_in()
    for path in (f"/components/{index.pk}/", "/services/answers/"):
        shown = text_of(browser.get(path))
        assert "Index v12" in shown
        assert "Index v11" not in shown
        assert "All changes" in shown


def test_a_suspect_is_marked_from_the_incidents_page() -> None:
    answers = make.service("Answers")
    change = am.change("Index v12", of=make.component("Index", of=answers))
    incident = make.incident(service=answers)
    browser, path = signed_in(), f"/incidents/{incident.pk}/changes/{change.line}/suspect/"
    answer = browser.post(path)
    assert answer["Location"] == f"/incidents/{incident.pk}/#changes"
    shown = text_of(browser.get(f"/incidents/{incident.pk}/"))
    assert "No longer suspect Index v12" in shown
    assert f'href="{change.get_absolute_url()}"' in shown
    browser.post(path, {"drop": "1"})
    assert not Suspect.objects.filter(dropped_at=None).exists()


def test_a_change_names_the_incidents_that_one_may_see() -> None:
    change = am.change("Index v12")
    maya, open_to_all = make.person("Maya"), make.incident("Seen by all")
    private = make.incident("Nobody's business", by=maya)
    for incident in (open_to_all, private):
        suspecting.suspect(incident, change, why="", by=maya, now=am.minutes(1))
    Incident.objects.filter(pk=private.pk).update(private=True)
    shown = text_of(signed_in().get(change.get_absolute_url()))
    assert "Seen by all" in shown
    assert "Nobody&#x27;s business" not in shown
    assert "Nobody&#x27;s business" in text_of(signed_in(maya).get(change.get_absolute_url()))
