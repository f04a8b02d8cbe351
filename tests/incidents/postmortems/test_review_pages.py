"""The pages of a review: sending, answering, taking back, amending; as author, reviewer, teammate and stranger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.postmortems import amending, circulating, publishing, ruling_out, tagging
from incidents.postmortems.amending import Draft
from incidents.postmortems.models import Amendment, Postmortem, Reviewer
from incidents.response import confiding
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import signed_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(maya: Person) -> Client:
    return signed_in(maya)


@pytest.fixture
def sent(ready: Postmortem, jonas: Person) -> Postmortem:
    return circulating.send(ready, reviewers=[jonas], by=ready.author, now=LATER)


def test_sending_shows_what_is_missing_and_asks_whom(author: Client, maya: Person, jonas: Person) -> None:
    draft = review.draft(by=maya)
    shown = author.get(url(draft, "review/")).content.decode()
    assert "still missing. It can go to review so" in shown
    assert f'href="{url(draft)}#section-surprised"' in shown
    due = (timezone.localdate() + timedelta(days=3)).isoformat()
    said = {"reviewer_0": jonas.pk, "reviewer_1": "", "reviewer_2": "", "review_due_on": due, "facilitator": ""}
    answer = author.post(url(draft, "review/"), said)
    assert (answer.status_code, answer["Location"]) == (302, f"{url(draft)}#reviewers")
    assert Reviewer.objects.get().person == jonas
    assert "In review" in author.get(url(draft)).content.decode()


def test_the_author_is_refused_beside_the_first_place(author: Client, ready: Postmortem, maya: Person) -> None:
    said = {"reviewer_0": maya.pk, "reviewer_1": "", "reviewer_2": ""}
    answer = author.post(url(ready, "review/"), said)
    assert answer.status_code == 422
    assert "Nobody reviews their own postmortem" in answer.content.decode()


def test_a_reviewer_answers_on_the_page(sent: Postmortem, jonas: Person) -> None:
    reviewer = signed_in(jonas)
    page = reviewer.get(url(sent))
    assert "Your review" in page.content.decode()
    seen = page.context["answer_form"].initial["seen"]
    review.write(sent, "surprised", "Changed while it was read.")
    refused = reviewer.post(url(sent, "review/answer/"), {"answer": "changes", "comment": "", "seen": seen})
    assert refused.status_code == 422
    assert "Say what should change." in refused.content.decode()
    reviewer.post(url(sent, "review/answer/"), {"answer": "approved", "comment": "Sound.", "seen": seen})
    shown = reviewer.get(url(sent)).content.decode()
    assert "Before later changes of What surprised us." in shown
    forged = {"answer": "approved", "comment": "", "seen": "x:y"}
    answer = reviewer.post(url(sent, "review/answer/"), forged)
    assert answer.status_code == 422
    assert "Look at it as it stands now" in answer.content.decode()
    assert answer.context["answer_form"]["seen"].value() != "x:y"  # what this answer shows


def test_who_may_do_what(sent: Postmortem, jonas: Person) -> None:
    asked_viewer = make.person("Head", role="viewer")
    circulating.send(sent, reviewers=[jonas, asked_viewer], by=sent.author, now=LATER)
    reason = {"reason": "More was found."}
    said = {"answer": "approved"}
    assert signed_in(make.person()).post(url(sent, "review/answer/"), said).status_code == 403
    for person in (make.person(role="viewer"), asked_viewer):
        client = signed_in(person)
        assert client.get(url(sent, "review/")).status_code == 403
        assert client.post(url(sent, "review/take-back/"), reason).status_code == 403
        assert client.post(url(sent, f"review/again/{jonas.pk}/")).status_code == 403
        assert client.get(url(sent, "amend/")).status_code == 403
    reviewer, other = signed_in(asked_viewer), signed_in(jonas)
    seen = {one: one.get(url(sent)).context["answer_form"].initial["seen"] for one in (reviewer, other)}
    assert reviewer.post(url(sent, "review/answer/"), {**said, "seen": seen[other]}).status_code == 422
    assert reviewer.post(url(sent, "review/answer/"), {**said, "seen": seen[reviewer]}).status_code == 302
    assert Client().post(url(sent, "review/answer/"), said).status_code == 302  # to the sign-in
    assert Reviewer.objects.filter(answer="approved").count() == 1


def test_a_stranger_finds_no_review_of_a_private_one(sent: Postmortem) -> None:
    confiding.make_private(sent.incident, reason="Names.", by=sent.author, now=LATER)
    stranger = signed_in(make.person())
    for tail in ("review/", "review/answer/", "review/take-back/", "amend/", "export.md", "export.json"):
        assert stranger.get(url(sent, tail)).status_code in {404, 405}, tail
        assert stranger.post(url(sent, tail)).status_code in {404, 405}, tail


def test_taking_back_needs_a_reason(author: Client, sent: Postmortem) -> None:
    assert author.post(url(sent, "review/take-back/"), {"reason": ""}).status_code == 422
    assert author.post(url(sent, "review/take-back/"), {"reason": "More was found."}).status_code == 302
    assert Postmortem.objects.get().state == "draft"


def test_publishing_against_a_reviewer_asks_first(author: Client, sent: Postmortem, jonas: Person) -> None:
    circulating.answer(sent, said="changes", comment="Which trace?", by=jonas, now=LATER)
    asked = author.post(url(sent, "publish/"))
    assert asked.status_code == 422
    assert "Wants changes: Jonas Lind." in asked.content.decode()
    assert Postmortem.objects.get().published_at is None
    author.post(url(sent, "publish/"), {"despite": "changes_wanted"})
    assert Postmortem.objects.get().published_at is not None


def test_amending_on_the_page_shows_the_difference(author: Client, sent: Postmortem) -> None:
    publishing.publish(sent, by=sent.author, now=LATER)
    form = author.get(url(sent, "amend/")).context["form"]
    said = {name: "" if field.initial is None else field.initial for name, field in form.fields.items()}
    assert author.post(url(sent, "amend/"), said).status_code == 422
    said |= {"reason": "A log turned up.", "text_surprised": "It was the cache."}
    assert author.post(url(sent, "amend/"), said).status_code == 302
    page = author.get(url(sent)).content.decode()
    assert "A log turned up." in page
    assert "It was the cache." in page
    assert 'class="diff"' in page
    first = author.get(url(sent), {"as-of": "published"}).content.decode()
    section = first[first.index('id="section-surprised"') :]
    assert "About what surprised us." in section[: section.index("</section>")]


def test_the_form_of_an_amendment_offers_what_is_shown(author: Client, sent: Postmortem) -> None:
    said = {"by": sent.author, "now": LATER}
    tagging.tag(sent, layer="model", **said)
    review.write(sent, "out-data", "Replayed.")
    ruling_out.say_not_established(sent, layer="data", **said)
    publishing.publish(sent, **said)
    fields = author.get(url(sent, "amend/")).context["form"].fields
    assert "text_out-data" not in fields
    assert "text_out-latency" in fields


def test_who_amends_slower_sees_both_texts(author: Client, sent: Postmortem, jonas: Person) -> None:
    publishing.publish(sent, by=sent.author, now=LATER)
    form = author.get(url(sent, "amend/")).context["form"]
    said = {name: "" if field.initial is None else field.initial for name, field in form.fields.items()}
    said |= {"reason": "Mine.", "text_surprised": "My text."}
    first = {"surprised": Draft("Their text.", said["revision_surprised"])}
    amending.amend(sent, texts=first, reason="Theirs.", by=jonas, now=LATER)
    answer = author.post(url(sent, "amend/"), said)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "Their text." in shown
    assert "My text." in shown
    said["revision_surprised"] = answer.context["form"].data["revision_surprised"]
    assert author.post(url(sent, "amend/"), said).status_code == 302
    assert Amendment.objects.count() == 2


def test_a_draft_is_written_not_amended(author: Client, ready: Postmortem) -> None:
    assert author.get(url(ready, "amend/")).status_code == 409
