"""Text that came too late is shown to be copied, never dropped: published, taken back or taken out meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from incidents.postmortems import acting, circulating, publishing, reviewing
from incidents.postmortems.models import Action, Postmortem, Reviewer
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import htmx, signed_in, state, url

pytestmark = pytest.mark.django_db

WORDS = "Words that took\nan hour."
AMEND = "Amend the postmortem"
READ_ONLY = f" readonly>\n{WORDS}</textarea>"
LATE = {
    "sections/surprised/": {"text": WORDS, "revision": 0},
    "sections/surprised/preview/": {"text": WORDS, "revision": 0},
    "findings/new/": {"evidence": WORDS, "mode": "data.schema_drift", "role": "cause", "confidence": "confirmed"},
    "findings/{line}/": {"evidence": WORDS},
    "findings/{line}/replace/": {"evidence": WORDS},
    "findings/{line}/no-action/": {"reason": WORDS},
    "actions/new/": {"title": "Cap them", "done_when": WORDS},
    "actions/{action}/": {"title": "Cap them", "done_when": WORDS},
    "title/": {"title": WORDS},
    "start-unknown/": {"reason": WORDS},
    "review/take-back/": {"reason": WORDS},
    "latency/": {"rows": "1", "s0-name": "Queue", "s0-p95_ms": "120", "s0-shown_by": WORDS},
    "earlier/{action}/": {"answer": "held", "note": WORDS},
    "proposals/gap:1/decline/": {"reason": WORDS},
}


@pytest.fixture
def client(maya: Person) -> Client:
    return signed_in(maya)


@pytest.fixture
def published(maya: Person) -> Postmortem:
    return review.published(by=maya)


def tail_of(address: str, postmortem: Postmortem) -> str:
    (finding,) = review.standing(postmortem)
    return address.format(line=finding.line, action=Action.objects.get(postmortem=postmortem).pk)


@pytest.mark.parametrize("address", LATE)
def test_what_is_sent_after_publishing_is_shown_to_be_copied(
    client: Client, published: Postmortem, address: str
) -> None:
    before = state(published)
    answer = client.post(url(published, tail_of(address, published)), LATE[address])
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "what is published stays as it is" in " ".join(shown.split())
    assert READ_ONLY in shown
    assert f'href="{url(published, "amend/")}">{AMEND}' in shown
    assert state(published) == before


def test_short_fields_are_named_too_and_choices_are_not(client: Client, published: Postmortem) -> None:
    sent = {**LATE["latency/"], "s0-key": "component:1", "csrfmiddlewaretoken": "secret-token"}
    shown = client.post(url(published, "latency/"), sent).content.decode()
    for label, text in (("stage", "Queue"), ("p95 in ms", "120")):
        assert f">Row 1: {label}</label>" in shown
        assert f"\n{text}</textarea>" in shown
    assert "component:1" not in shown
    assert "secret-token" not in shown


def test_htmx_is_told_and_leaves_the_form_with_its_text(client: Client, published: Postmortem) -> None:
    answer = client.post(url(published, "findings/new/"), LATE["findings/new/"], headers=htmx("findings"))
    assert (answer.status_code, answer["HX-Retarget"]) == (409, "#messages")
    assert WORDS not in answer.content.decode()


def test_published_between_the_look_and_the_lock(client: Client, maya: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = review.ready(by=maya)
    real = acting.add

    def late(postmortem: Postmortem, **said: Any) -> Action:
        publishing.publish(Postmortem.objects.get(pk=postmortem.pk), by=maya, now=LATER)
        return real(postmortem, **said)

    monkeypatch.setattr(acting, "add", late)
    sent = {**LATE["actions/new/"], "kind": "other", "priority": "low"}
    answer = client.post(url(draft, "actions/new/"), sent)
    assert (answer.status_code, READ_ONLY in answer.content.decode()) == (409, True)


@pytest.mark.parametrize("said", ["changes", ""])
def test_a_review_taken_back_meanwhile_keeps_the_answer(maya: Person, said: str) -> None:
    jonas, draft = make.person("Jonas Lind"), review.ready(by=maya)
    circulating.send(draft, reviewers=[jonas], by=maya, now=LATER)
    circulating.take_back(draft, reason="Too early.", by=maya, now=LATER)
    answer = signed_in(jonas).post(url(draft, "review/answer/"), {"answer": said, "comment": WORDS})
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "not in review" in shown
    assert READ_ONLY in shown
    assert AMEND not in shown


@pytest.mark.parametrize("row", [True, False])
def test_a_review_answered_once_it_is_published_or_nobody_asks_keeps_the_answer(
    maya: Person, published: Postmortem, row: bool
) -> None:
    jonas = make.person("Jonas Lind")
    if row:
        draft = review.ready(by=maya)
        circulating.send(draft, reviewers=[jonas], by=maya, now=LATER)
        published = publishing.publish(Postmortem.objects.get(pk=draft.pk), by=maya, now=LATER)
        assert Reviewer.objects.filter(postmortem=published, person=jonas).exists()
    answer = signed_in(jonas).post(url(published, "review/answer/"), {"answer": "changes", "comment": WORDS})
    assert (answer.status_code, READ_ONLY in answer.content.decode()) == (409 if row else 403, True)


def test_a_reason_for_no_action_is_kept_when_somebody_added_an_action(client: Client, maya: Person) -> None:
    draft = review.draft(by=maya)
    (finding,) = review.standing(draft)
    review.action(draft, finding_line=finding.line)
    answer = client.post(url(draft, f"findings/{finding.line}/no-action/"), {"reason": WORDS})
    shown = answer.content.decode()
    assert (answer.status_code, READ_ONLY in shown) == (409, True)
    assert "has an action" in shown


@pytest.mark.parametrize("tail", ["", "replace/", "no-action/"])
def test_a_finding_withdrawn_meanwhile_is_gone_and_the_text_is_not(client: Client, maya: Person, tail: str) -> None:
    draft = review.draft(by=maya)
    (finding,) = review.standing(draft)
    reviewing.withdraw(draft, finding, by=maya, now=LATER)
    address = url(draft, f"findings/{finding.line}/{tail}")
    answer = client.post(address, {"evidence": WORDS, "reason": WORDS})
    assert (answer.status_code, READ_ONLY in answer.content.decode()) == (404, True)
    assert "There is nothing here" in client.post(address).content.decode()  # nothing typed, nothing to keep


def test_whether_an_action_held_is_kept_when_it_is_asked_no_more(client: Client, maya: Person) -> None:
    draft = review.draft(by=maya)
    answer = client.post(url(draft, "earlier/4711/"), {"answer": "held", "note": WORDS})
    assert (answer.status_code, READ_ONLY in answer.content.decode()) == (404, True)


def test_an_answer_to_a_comment_that_is_gone_is_kept(client: Client, maya: Person) -> None:
    draft = review.draft(by=maya)
    answer = client.post(url(draft, "comments/4711/answer/"), {"text": WORDS})
    assert (answer.status_code, READ_ONLY in answer.content.decode()) == (404, True)


def test_who_may_no_longer_see_the_incident_gets_their_words_and_nothing_else(maya: Person) -> None:
    draft = review.draft(by=maya, incident=review.resolved("Leaked keys", by=maya, private=True))
    answer = signed_in(make.person("Jonas Lind")).post(url(draft, "sections/surprised/"), LATE["sections/surprised/"])
    shown = answer.content.decode()
    assert (answer.status_code, READ_ONLY in shown) == (404, True)
    assert "Leaked keys" not in shown
    assert draft.incident.ref not in shown


# ---- two people at one action ----

EDITED = {"title": "Cap all", "kind": "monitor", "priority": "high", "done_when": WORDS.splitlines()[0]}


@pytest.mark.parametrize("headers", [{}, htmx("actions")])
def test_an_action_changed_meanwhile_keeps_both(client: Client, maya: Person, headers: dict[str, str]) -> None:
    draft = review.draft(by=maya)
    action = review.action(draft)
    address = url(draft, f"actions/{action.pk}/")
    form = client.get(address).context["action_form"]
    acting.edit(action, title="Theirs & better", by=make.person("Jonas Lind"), now=LATER)
    answer = client.post(address, {**EDITED, "seen": form["seen"].value()}, headers=headers)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "It now says “Theirs &amp; better”" in shown
    assert 'value="Cap all"' in shown
    assert Action.objects.get().title == "Theirs & better"
    again = answer.context["action_form"]["seen"].value()
    assert f'name="seen" value="{again}"' in shown
    assert client.post(address, {**EDITED, "seen": again}).status_code == 302  # now it is known what is replaced
    assert Action.objects.get().title == "Cap all"


def test_an_action_that_nobody_else_changed_is_saved(client: Client, maya: Person) -> None:
    draft = review.draft(by=maya)
    action = review.action(draft)
    address = url(draft, f"actions/{action.pk}/")
    seen = client.get(address).context["action_form"]["seen"].value()
    acting.edit(action, title=action.title, by=maya, now=LATER)  # changes nothing
    assert client.post(address, {**EDITED, "seen": seen}).status_code == 302
    assert Action.objects.get().title == "Cap all"
