"""The pages and the API of failing examples: previewed, kept, corrected; who may do what."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import reporting
from incidents.postmortems.models import FailingExample
from incidents.response import confiding
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.postmortems import factories as pm
from tests.incidents.postmortems.visits import signed_in

pytestmark = pytest.mark.django_db
SENT = {
    "input": "I am bo@example.org, order 4711081500", "input_format": "text", "observed": "Fine.", "mode": "guardrail",
    "tags": "refunds, german",
}  # fmt: skip


@pytest.fixture
def maya() -> Person:
    return make.person("Maya")


@pytest.fixture
def incident(maya: Person) -> Incident:
    return make.incident("Leaks", by=maya, service=make.service("Answers"))


def new(incident: Incident, query: str = "") -> str:
    return f"/incidents/{incident.pk}/examples/new/{query}"


def codes(answer: Any) -> str:
    return str(answer.context["form"].codes)


def test_nothing_is_kept_before_what_looks_private_was_shown(incident: Incident, maya: Person) -> None:
    browser = signed_in(maya)
    answer = browser.post(new(incident), {**SENT, "save": "1"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert not FailingExample.objects.exists()
    assert "Nothing is kept yet: 2 values in it look private." in shown
    assert "I am <mark>[email 1]</mark>, order <mark>[number 1]</mark>" in shown
    assert SENT["input"] in shown  # what was typed is still in its field
    answer = browser.post(new(incident), {**SENT, "save": "1", "seen": codes(answer)})
    assert (answer.status_code, answer["Location"]) == (302, f"/incidents/{incident.pk}/#examples")
    assert FailingExample.objects.get().input == "I am [email 1], order [number 1]"


def test_a_preview_keeps_nothing_and_what_is_left_stays(incident: Incident, maya: Person) -> None:
    browser = signed_in(maya)
    answer = browser.post(new(incident), {**SENT, "preview": "1"})
    assert answer.status_code == 200
    number = next(one.code for one, _ in answer.context["form"].replacements if one.kind == "number")
    sent = {**SENT, "seen": codes(answer), "keep": number}
    answer = browser.post(new(incident), {**sent, "preview": "1"})
    assert "order 4711081500" in "".join(piece.text for piece in answer.context["form"].preview[0][1])
    answer = browser.post(new(incident), {**sent, "save": "1"}, follow=True)
    made = FailingExample.objects.get()
    assert (made.input, made.kept) == ("I am [email 1], order 4711081500", 1)
    assert "1 value that looks private stayed in it" in answer.content.decode()


def test_what_was_added_after_the_preview_is_shown_again(incident: Incident, maya: Person) -> None:
    browser = signed_in(maya)
    seen = codes(browser.post(new(incident), {**SENT, "preview": "1"}))
    more = {**SENT, "observed": "Fine, al@example.org.", "seen": seen, "save": "1"}
    assert browser.post(new(incident), more).status_code == 422
    assert not FailingExample.objects.exists()


def test_without_anything_private_one_sending_is_enough(incident: Incident, maya: Person) -> None:
    answer = signed_in(maya).post(new(incident, "?from=postmortem"), {**SENT, "input": "Why?", "save": "1"})
    assert (answer.status_code, answer["Location"]) == (302, f"/postmortems/{incident.pk}/#examples")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"input": ""}, "Give the input that failed."),
        ({"input": "x" * 20_001}, "This is 20,001 characters long; 20,000 can be kept."),
        ({"observed": ""}, "Say what was expected, or what came instead."),
        ({"mode": "no.such"}, "Select a valid choice"),
        ({"source_url": "ftp://example.org"}, "Give a whole web address"),
        ({"input": "{", "input_format": "json"}, "This is not JSON (line 1, column 2)."),
    ],
)
def test_what_cannot_be_kept_comes_back_with_its_text(
    incident: Incident, maya: Person, fields: dict[str, str], said: str
) -> None:
    sent = {**SENT, "note": "still here", **fields}
    answer = signed_in(maya).post(new(incident), {**sent, "save": "1"})
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert answer.context["form"]["note"].value() == "still here"
    assert answer.context["form"]["input"].value() == sent["input"]


def test_a_correction_that_somebody_else_overtook_is_a_conflict(incident: Incident, maya: Person) -> None:
    one = pm.example(incident, by=maya)
    browser, url = signed_in(maya), f"/examples/{one.line}/edit/"
    sent = {**SENT, "input": "Why?", "version": "1", "save": "1"}
    assert browser.get(url).context["form"]["version"].value() == 1
    assert browser.post(url, sent)["Location"] == f"/examples/{one.line}/"
    answer = browser.post(url, {**sent, "input": "Why not?"})
    assert answer.status_code == 409
    assert "Somebody changed this example meanwhile" in answer.content.decode()
    assert "Why not?" in answer.content.decode()


def test_it_is_taken_back_with_a_reason_and_its_words_erased(incident: Incident, maya: Person) -> None:
    one = pm.example(incident, by=maya, input="slipped through")
    browser, url = signed_in(maya), f"/examples/{one.line}/"
    assert browser.post(f"{url}take-back/", {"why": " "}).status_code == 422
    refused = browser.post(f"{url}take-back/", {"why": "It named jane@example.org."})
    assert refused.status_code == 422
    assert "It named jane@example.org." in refused.content.decode()
    assert browser.post(f"{url}take-back/", {"why": "Not ours."}).status_code == 302
    shown = browser.get(url).content.decode()
    assert "Not ours." in shown
    assert "slipped through" in shown  # of the earlier version, for responders
    assert browser.post(f"{url}erase/").status_code == 302
    assert "slipped through" not in browser.get(url).content.decode()
    assert browser.get(f"{url}edit/").status_code == 404


def test_users_own_words_can_do_nothing(incident: Incident, maya: Person) -> None:
    one = pm.example(incident, by=maya, input="<script>x()</script>", observed='<b hx-get="/x">')
    for path in ("/examples/", f"/examples/{one.line}/", f"/incidents/{incident.pk}/"):
        shown = signed_in(maya).get(path).content.decode()
        assert "<script>x()" not in shown
        assert "<b hx-get" not in shown
        assert "&lt;script&gt;" in shown


# ---- of what somebody reported ----


def reported(by: Person) -> tuple[Incident, str]:
    said = reporting.Said(asked="May I? bo@example.org", answered="Yes.", expected="No.")
    number = reporting.file(said, key=uuid4(), by=by, now=timezone.now())
    am.drain(timezone.now())
    return Incident.objects.latest("pk"), str(number)


def test_a_report_becomes_an_example_in_one_click(maya: Person) -> None:
    incident, report = reported(maya)
    browser = signed_in(maya)
    link = f"{new(incident)}?report={report}"
    assert link in browser.get(f"/incidents/{incident.pk}/").content.decode()
    form = browser.get(link).context["form"]
    assert [form[name].value() for name in ("input", "observed", "expected")] == [
        "May I? bo@example.org",
        "Yes.",
        "No.",
    ]
    sent = {**SENT, "input": "May I? bo@example.org", "observed": "Yes.", "expected": "No."}
    seen = codes(browser.post(link, {**sent, "preview": "1"}))
    assert browser.post(link, {**sent, "seen": seen, "save": "1"}).status_code == 302
    made = FailingExample.objects.get()
    assert (made.input, str(made.report_id)) == ("May I? [email 1]", report)
    assert link not in browser.get(f"/incidents/{incident.pk}/").content.decode()
    assert browser.post(link, {**sent, "seen": seen, "save": "1"}).status_code == 409


def test_its_words_are_for_who_filed_it_and_editors(maya: Person) -> None:
    incident, report = reported(maya)
    link = f"{new(incident)}?report={report}"
    other, editor = make.person("Otto"), make.person("Edda", role="editor")
    assert signed_in(other).get(link).status_code == 404
    assert report not in signed_in(other).get(f"/incidents/{incident.pk}/").content.decode()
    assert signed_in(editor).get(link).status_code == 200
    elsewhere = make.incident(by=maya)
    assert signed_in(maya).get(f"{new(elsewhere)}?report={report}").status_code == 404
    assert signed_in(maya).get(f"{new(elsewhere)}?report=x").status_code == 404


# ---- rights ----


def test_viewers_read_and_responders_write(incident: Incident, maya: Person) -> None:
    one = pm.example(incident, by=maya)
    viewer, mate = signed_in(make.person(role="viewer")), signed_in(make.person())
    assert viewer.get(f"/examples/{one.line}/").status_code == 200
    assert "Refuses." in viewer.get(f"/examples/{one.line}/").content.decode()
    for tail in ("edit/", "take-back/", "erase/"):
        send = viewer.get if tail == "edit/" else viewer.post
        assert send(f"/examples/{one.line}/{tail}").status_code == 403, tail
    assert viewer.get(new(incident)).status_code == 403
    assert mate.get(f"/examples/{one.line}/edit/").status_code == 200
    assert mate.post(f"/examples/{one.line}/take-back/", {"why": "Twice."}).status_code == 302


def test_of_a_private_incident_a_stranger_finds_nothing(incident: Incident, maya: Person) -> None:
    one = pm.example(incident, by=maya, input="Zanzibar")
    confiding.make_private(incident, reason="A customer.", by=maya, now=NOON)
    stranger, client = signed_in(make.person()), signed_in(maya)
    paths = (f"/examples/{one.line}/", f"/examples/{one.line}/edit/", f"/api/v1/examples/{one.line}/", new(incident))
    assert [(stranger.get(path).status_code, client.get(path).status_code) for path in paths] == [(404, 200)] * 4
    for path in ("/examples/", "/examples/export/", "/api/v1/examples/", "/api/v1/examples/export/"):
        assert (b"Zanzibar" in body(stranger, path), b"Zanzibar" in body(client, path)) == (False, True), path


def body(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


# ---- the list, the export, the API ----


def test_the_list_exports_what_it_shows(incident: Incident, maya: Person) -> None:
    pm.example(incident, by=maya, tags=["a"])
    pm.example(incident, by=maya, tags=["b"])
    browser = signed_in(maya)
    answer = browser.get("/examples/?tag=a")
    assert len(answer.context["page"].rows) == 1
    assert "/examples/export/?tag=a" in answer.content.decode()
    told = browser.get("/examples/export/?tag=a")
    assert told["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert [json.loads(line)["tags"] for line in body(browser, "/examples/export/?tag=a").splitlines()] == [["a"]]
    assert "All examples are shown" in browser.get("/examples/?since=soon").content.decode()
    assert browser.get("/examples/export/?since=soon").status_code == 422
    assert "None of these" in browser.get("/examples/?tag=c").content.decode()


def test_an_empty_list_teaches(maya: Person) -> None:
    assert "The input that failed is the most useful thing" in signed_in(maya).get("/examples/").content.decode()


def test_a_page_asks_a_constant_number_of_questions(incident: Incident, maya: Person) -> None:
    counts = {}
    for many in (1, 12):
        for _ in range(many):
            one = make.incident(by=maya, service=make.service())
            make.finding(one, "guardrail.injection_bypass", by=maya)
            pm.example(one, by=maya, component=make.component())
            make.finding(make.incident(by=maya), "guardrail.injection_bypass", by=maya)
        with CaptureQueriesContext(connection) as asked:
            signed_in(maya).get("/examples/")
        counts[many] = len(asked)
    assert counts[1] == counts[12]


def test_the_block_of_a_postmortem_shows_them(incident: Incident, maya: Person) -> None:
    pm.example(incident, by=maya, observed="It obeyed.")
    pm.draft(by=maya, incident=incident)
    shown = signed_in(maya).get(f"/postmortems/{incident.pk}/").content.decode()
    assert "It obeyed." in shown
    assert f"{new(incident)}?from=postmortem" in shown


def test_the_api_records_redacts_corrects_and_takes_back(incident: Incident, maya: Person) -> None:
    browser = signed_in(maya)
    sent = {
        "number": incident.pk, "input": "bo@example.org, support@example.org", "observed": "x",
        "mode": "guardrail.over_blocking", "guardrail_kind": "over_block", "keep": ["support@example.org"],
    }  # fmt: skip
    answer = browser.post("/api/v1/examples/", sent, content_type="application/json")
    made = answer.json()
    assert (answer.status_code, made["input"], made["kept"]) == (201, "[email 1], support@example.org", 1)
    assert (made["layer"], made["replaced"]) == ("guardrail", {"email": 1})
    url = f"/api/v1/examples/{made['line']}/"
    other = {"input": "y", "expected": "z", "layer": "data", "version": 1}
    changed = browser.put(url, other, content_type="application/json").json()
    assert (changed["version"], changed["layer"], changed["mode"]) == (2, "data", None)
    assert browser.post(f"{url}take-back/", {"why": "Twice."}, content_type="application/json").status_code == 204
    assert browser.get(url).status_code == 404
    assert browser.get("/api/v1/examples/").json()["results"] == []


def test_over_the_api_no_version_is_written_over_unseen(incident: Incident, maya: Person) -> None:
    browser, url = signed_in(maya), f"/api/v1/examples/{pm.example(incident, by=maya).line}/"
    sent = {"input": "y", "expected": "z", "layer": "data"}
    assert browser.put(url, sent, content_type="application/json").status_code == 422
    assert browser.put(url, {**sent, "version": 1}, content_type="application/json").status_code == 200
    overtaken = browser.put(url, {**sent, "input": "x", "version": 1}, content_type="application/json")
    assert (overtaken.status_code, overtaken.json()["code"]) == (409, "example_changed")
    assert browser.get(url).json()["input"] == "y"


def test_the_api_says_what_it_refuses(incident: Incident, maya: Person) -> None:
    viewer = signed_in(make.person(role="viewer"))
    sent = {"number": incident.pk, "input": "x", "observed": "y", "layer": "data"}
    assert viewer.post("/api/v1/examples/", sent, content_type="application/json").status_code == 403
    answer = signed_in(maya).post("/api/v1/examples/", {**sent, "layer": ""}, content_type="application/json")
    assert answer.status_code == 422
    answer = signed_in(maya).get("/api/v1/examples/export/?layer=x")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
