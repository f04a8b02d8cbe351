"""Who may read and write a postmortem; starting it, its page, publishing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from incidents.postmortems import acting, drafting, publishing
from incidents.postmortems.models import Action, Postmortem
from incidents.response.impacts import Impact
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import PLAIN, htmx, signed_in, state, url

pytestmark = pytest.mark.django_db

FINDING = {
    "mode": "data.schema_drift",
    "where": "",
    "role": "cause",
    "confidence": "confirmed",
    "evidence": "diff of v118",
}


@pytest.fixture
def draft(maya: Person) -> Postmortem:
    return review.draft(by=maya, service=make.service("Support answers", owner=make.person("Priya Nair")))


def writes(postmortem: Postmortem) -> list[str]:
    """Every address that changes something about a draft with one finding and one action."""
    (finding,) = review.standing(postmortem)
    action = review.action(postmortem)
    tails = ["title/", "start-unknown/", "publish/", "sections/surprised/", "findings/new/", "actions/new/"]
    tails += [f"findings/{finding.line}/{act}" for act in ("", "confirm/", "primary/", "withdraw/", "no-action/")]
    tails += [f"actions/{action.pk}/{act}" for act in ("", "remove/")]
    steps = ("done", "undone", "wake", "snooze", "wont-do", "reopen", "ticket")
    return [*(url(postmortem, tail) for tail in tails), *(f"/actions/{action.pk}/{step}/" for step in steps)]


# ---- who may ----


def test_a_viewer_reads_a_draft_and_may_change_nothing(draft: Postmortem) -> None:
    viewer = signed_in(make.person(role="viewer"))
    shown = viewer.get(url(draft)).content.decode()
    assert "What users saw" in shown
    assert "data-autosave" not in shown
    assert ">Publish<" not in shown
    addresses = writes(draft)
    before = state(draft)
    for address in [*addresses, f"/incidents/{draft.incident_id}/postmortem/"]:
        assert viewer.post(address, FINDING).status_code == 403, address
    assert viewer.post(f"/incidents/{draft.incident_id}/no-postmortem/", {"reason": "x"}).status_code == 403
    assert state(draft) == before


@pytest.mark.parametrize("headers", [PLAIN, htmx("findings")])
def test_a_stranger_is_sent_to_sign_in(draft: Postmortem, headers: dict[str, str]) -> None:
    addresses = writes(draft)
    before = state(draft)
    for address in [*addresses, url(draft), "/postmortems/", f"/incidents/{draft.incident_id}/postmortem/"]:
        answer = Client().post(address, FINDING, headers=headers)
        where = answer["HX-Redirect"] if headers else answer["Location"]
        assert where.startswith("/accounts/login/"), address
    assert state(draft) == before


def test_a_teammate_writes_in_a_draft_that_somebody_else_began(draft: Postmortem) -> None:
    jonas = make.person("Jonas Lind")
    answer = signed_in(jonas).post(url(draft, "sections/surprised/"), {"text": "Mine.", "revision": "0"})
    assert answer.status_code == 302
    assert review.section(draft).saved_by == jonas


@pytest.mark.parametrize("headers", [PLAIN, htmx("findings")])
def test_a_published_postmortem_refuses_every_change_but_done(maya: Person, headers: dict[str, str]) -> None:
    postmortem = review.published(by=maya)
    (finding,) = review.standing(postmortem)
    action = Action.objects.get()
    before = state(postmortem)
    tails = ["title/", "start-unknown/", "sections/surprised/", "findings/new/", "actions/new/"]
    tails += [f"findings/{finding.line}/{act}" for act in ("", "confirm/", "primary/", "withdraw/", "no-action/")]
    tails += [f"actions/{action.pk}/", f"actions/{action.pk}/remove/"]
    responder = signed_in(maya)
    for tail in tails:
        answer = responder.post(url(postmortem, tail), FINDING, headers=headers)
        assert answer.status_code == 409, tail
        assert "published" in answer.content.decode()
    assert state(postmortem) == before


def test_what_is_not_there_is_not_found(responder: Client, draft: Postmortem) -> None:
    nobody = "11111111-1111-4111-8111-111111111111"
    for tail in (f"findings/{nobody}/", "actions/999999/"):
        assert responder.get(url(draft, tail)).status_code == 404
    assert responder.post(url(draft, "sections/nothing/"), {"text": "x", "revision": 0}).status_code == 404
    assert responder.get("/postmortems/999999/").status_code == 404
    assert responder.post("/incidents/999999/postmortem/").status_code == 404


def test_things_of_another_postmortem_are_not_found_here(responder: Client, draft: Postmortem) -> None:
    other = review.draft(title="Another")
    (theirs,) = review.standing(other)
    action = review.action(other)
    assert responder.post(url(draft, f"findings/{theirs.line}/confirm/")).status_code == 404
    assert responder.post(url(draft, f"actions/{action.pk}/remove/")).status_code == 404
    assert Action.objects.get() == action


# ---- starting and going without ----


def test_starting_leads_to_the_postmortem_twice_the_same(responder: Client) -> None:
    incident = review.resolved()
    for _ in range(2):
        answer = responder.post(f"/incidents/{incident.pk}/postmortem/")
        assert (answer.status_code, answer["Location"]) == (302, f"/postmortems/{incident.pk}/")
    assert Postmortem.objects.count() == 1


def test_the_incident_page_offers_starts_and_shows_it(responder: Client) -> None:
    incident = review.resolved()
    page = f"/incidents/{incident.pk}/"
    assert "Start a postmortem" in responder.get(page).content.decode()
    drafting.start(incident, by=make.person("Jonas Lind"), now=LATER)
    shown = responder.get(page).content.decode()
    assert f'href="/postmortems/{incident.pk}/"' in shown
    assert "by Jonas Lind" in shown
    assert "Start a postmortem" not in shown


def test_viewers_get_no_start_button() -> None:
    incident = review.resolved()
    shown = signed_in(make.person(role="viewer")).get(f"/incidents/{incident.pk}/").content.decode()
    assert "Not started." in shown
    assert "Start a postmortem" not in shown


def test_going_without_asks_why_and_shows_it(responder: Client) -> None:
    incident = review.resolved()
    address = f"/incidents/{incident.pk}/no-postmortem/"
    refused = responder.post(address, {"reason": " "})
    assert refused.status_code == 422
    assert "Say why it needs none." in refused.content.decode()
    assert Incident.objects.get().no_postmortem_reason == ""
    assert responder.post(address, {"reason": "It was a drill."})["Location"] == f"/incidents/{incident.pk}/"
    shown = responder.get(f"/incidents/{incident.pk}/").content.decode()
    assert "None, because It was a drill." in shown
    assert "It was a drill." in responder.get(address).content.decode()


def test_an_open_incident_cannot_go_without(responder: Client) -> None:
    incident = make.incident()
    answer = responder.post(f"/incidents/{incident.pk}/no-postmortem/", {"reason": "x"})
    assert answer.status_code == 409
    assert "No postmortem, because" not in responder.get(f"/incidents/{incident.pk}/").content.decode()


# ---- the page ----


def test_the_page_of_a_draft_has_editors_findings_questions_checklist(responder: Client, draft: Postmortem) -> None:
    shown = responder.get(url(draft)).content.decode()
    assert shown.count('<textarea class="editor"') == 10 + 8  # its own texts, and what the layer that was found asks
    assert "What did you believe about the system that turned out not to hold?" in shown
    assert "retry amplification" in shown
    assert "what is the product of all attempts?" in shown  # asked by the layer of that finding
    assert "When was that rule last changed" not in shown  # asked by another
    assert "Before it can be published" in shown
    assert "Review “retry amplification”" in shown
    assert "Priya Nair" in shown  # who answers


def test_first_blame_stands_beside_what_was_found(responder: Client, maya: Person) -> None:
    postmortem = review.draft(by=maya, first_blame="model")
    shown = " ".join(responder.get(url(postmortem)).content.decode().split())
    blame = shown[shown.index("First blamed") : shown.index("was not found.")]
    assert ">model<" in blame
    assert ">integration<" in blame


def test_a_published_postmortem_is_read_as_prose(responder: Client, maya: Person) -> None:
    postmortem = review.ready(by=maya)
    review.write(postmortem, "surprised", "Two **loops**. <script>alert(1)</script>")
    publishing.publish(postmortem, by=maya, now=LATER)
    shown = responder.get(url(postmortem)).content.decode()
    assert "Two <strong>loops</strong>." in shown
    assert "<script>alert" not in shown
    assert "data-autosave" not in shown
    assert "Before it can be published" not in shown
    assert "What went well, where we were lucky" not in shown  # optional and empty: not a heading without words
    assert "Published" in shown


def test_a_preview_is_what_readers_will_see(responder: Client, draft: Postmortem) -> None:
    shown = responder.get(url(draft) + "?preview").content.decode()
    assert "<textarea" not in shown
    assert "Back to writing" in shown


@pytest.mark.parametrize(("items", "queries"), [(1, 43), (3, 43)])
def test_the_page_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: Any, responder: Client, draft: Postmortem, items: int, queries: int
) -> None:
    modes = ("integration.retry_amplification", "data.schema_drift", "org.runbook_gap")
    for index in range(items):
        line = review.finding(draft, modes[index]).line if index else review.standing(draft)[0].line
        review.action(draft, f"Action {index}", finding_line=line, by=make.person())
        review.write(draft, ("surprised", "conditions", "decided")[index], "Written.", by=make.person())
    unanswered = review.finding(draft, "data.late_or_partial_join")
    acting.give_reason(draft, finding_line=unanswered.line, reason="Rare.", by=make.person(), now=LATER)
    responder.get(url(draft))
    with django_assert_num_queries(queries):
        responder.get(url(draft))


# ---- title, start, publishing ----


def test_renaming(responder: Client, draft: Postmortem) -> None:
    assert responder.post(url(draft, "title/"), {"title": " "}).status_code == 422
    assert responder.post(url(draft, "title/"), {"title": "Retries of retries"}).status_code == 302
    assert "<h1>Retries of retries</h1>" in responder.get(url(draft)).content.decode()


def test_saying_that_the_start_cannot_be_known(responder: Client, maya: Person) -> None:
    postmortem = review.draft(by=maya, began=Impact())
    address = url(postmortem, "start-unknown/")
    assert address in responder.get(url(postmortem)).content.decode()
    assert responder.post(address, {"reason": ""}).status_code == 422
    assert responder.post(address, {"reason": "Logs are kept a week."}).status_code == 302
    assert "Logs are kept a week." in responder.get(url(postmortem)).content.decode()
    known = review.draft(by=maya, title="Known")
    refused = responder.post(url(known, "start-unknown/"), {"reason": "No logs."})
    assert refused.status_code == 422
    assert "No logs." in refused.content.decode()


def test_publishing_what_is_not_ready_shows_the_checklist(responder: Client, draft: Postmortem) -> None:
    before = state(draft)
    answer = responder.post(url(draft, "publish/"))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Not published yet." in shown
    assert "Review “retry amplification”" in shown
    assert state(draft) == before


def test_publishing(responder: Client, maya: Person) -> None:
    postmortem = review.ready(by=maya)
    for _ in range(2):
        assert responder.post(url(postmortem, "publish/"))["Location"] == url(postmortem)
    assert Postmortem.objects.get().published_by == maya
