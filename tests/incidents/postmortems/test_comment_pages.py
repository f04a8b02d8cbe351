"""What a page, a checklist and a search show of comments."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from incidents.postmortems import checking, commenting, publishing
from incidents.postmortems.models import Comment, Postmortem
from incidents.postmortems.queries import comments
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.comments import Wanted
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER, PLACE, answer, say
from tests.incidents.postmortems.visits import PLAIN, htmx, signed_in, url

pytestmark = pytest.mark.django_db


def test_a_page_shows_what_is_open_and_counts_the_rest(draft: Postmortem, maya: Person, jonas: Person) -> None:
    say(draft, "First thing", by=jonas)
    answer(say(draft, "Second <b>thing</b>", by=jonas), "Yes", by=maya)
    commenting.resolve(say(draft, "Settled thing", by=jonas), by=maya, now=LATER)
    say(draft, "About findings", by=jonas, anchor="findings")
    client = signed_in(maya)
    shown = client.get(url(draft)).content.decode()
    assert "2 open comments<" in shown
    assert "1 open comment<" in shown
    assert "Second &lt;b&gt;thing" in shown
    assert "Settled thing" not in shown
    assert "Show 1 resolved" in shown
    whole = client.get(url(draft) + "?comments=all").content.decode()
    assert "Settled thing" in whole
    assert "Show only what is open" in whole


def test_a_page_opens_the_thread_that_its_address_names(draft: Postmortem, maya: Person, jonas: Person) -> None:
    made = say(draft, "Settled thing", by=jonas)
    reply = answer(made, "Indeed", by=maya)
    commenting.resolve(made, by=maya, now=LATER)
    for one in (made, reply):
        shown = signed_in(maya).get(url(draft) + f"?comment={one.pk}").content.decode()
        assert f'id="comments-{PLACE}" open' in shown
        assert "Settled thing" in shown
    for nonsense in ("x", "", "-1", "9" * 40, "٣"):
        assert signed_in(maya).get(url(draft), {"comment": nonsense}).status_code == 200


def test_a_quote_that_is_no_longer_there_says_so(draft: Postmortem, maya: Person) -> None:
    review.write(draft, "surprised", "Two loops\nretried.")
    say(draft, by=maya, quote="loops retried")
    assert "no longer says this" not in signed_in(maya).get(url(draft)).content.decode()
    review.write(draft, "surprised", "One loop.")
    assert "no longer says this" in signed_in(maya).get(url(draft)).content.decode()


def test_threads_in_which_all_was_taken_back_are_gone(draft: Postmortem, maya: Person, jonas: Person) -> None:
    alone, answered = say(draft, by=jonas), say(draft, by=jonas)
    answer(answered, "Kept", by=maya)
    for one in (alone, answered):
        commenting.take_back(one, by=jonas, now=LATER)
    (thread,) = comments.of(draft)[PLACE].threads
    assert (thread.comment, len(thread.answers)) == (answered, 1)
    assert comments.of(draft)[PLACE].open == 0 == len(comments.open_threads(draft))
    assert "taken back" in signed_in(maya).get(url(draft)).content.decode()


@pytest.mark.parametrize("headers", [PLAIN, htmx(f"comments-{PLACE}")])
def test_what_was_said_is_shown_where_it_was_said(draft: Postmortem, jonas: Person, headers: dict[str, str]) -> None:
    client = signed_in(jonas)
    said = client.post(url(draft, f"comments/on/{PLACE}/"), {"text": "@nobody.here which?"}, headers=headers)
    made = Comment.objects.get()
    if headers:
        shown = said.content.decode()
        assert "<html" not in shown
        assert f'<details class="comments" id="comments-{PLACE}" open' in shown
        assert 'id="checklist" aria-labelledby="checklist-title" hx-swap-oob="true"' in shown
        assert "data-focus-target" in shown
    else:
        assert said["Location"] == f"{url(draft)}?comment={made.pk}#comment-{made.pk}"
        shown = client.get(said["Location"]).content.decode()
    assert "Nobody here is called @nobody.here" in shown
    assert "1 open comment" in shown


@pytest.mark.parametrize("headers", [PLAIN, htmx(f"comments-{PLACE}")])
def test_words_that_cannot_be_taken_are_kept(draft: Postmortem, jonas: Person, headers: dict[str, str]) -> None:
    client, long = signed_in(jonas), "kept " * 1_100
    refused = client.post(url(draft, f"comments/on/{PLACE}/"), {"text": long, "quote": "loops"}, headers=headers)
    assert refused.status_code == 422
    assert long.strip() in refused.content.decode()
    assert f'id="comments-{PLACE}" open' in refused.content.decode()
    first = say(draft, by=jonas)
    refused = client.post(url(draft, f"comments/{first.pk}/answer/"), {"text": long}, headers=headers)
    assert refused.status_code == 422
    assert refused.content.decode().count(long.strip()) == 1


def test_saying_anew_what_was_changed_elsewhere_keeps_the_text(draft: Postmortem, jonas: Person) -> None:
    made = say(draft, by=jonas)
    commenting.revise(made, text="Changed elsewhere", seen=1, by=jonas, now=LATER)
    answer = signed_in(jonas).post(url(draft, f"comments/{made.pk}/edit/"), {"text": "My words", "seen": 1})
    assert answer.status_code == 409
    assert "My words" in answer.content.decode()
    assert "changed this comment meanwhile" in answer.content.decode()


def test_the_checklist_advises_and_does_not_block(maya: Person, jonas: Person) -> None:
    ready = review.ready(by=maya)
    say(ready, by=jonas)
    answer(say(ready, by=jonas, anchor="actions"), by=maya)
    fresh = Postmortem.objects.select_related("incident", "template").get(pk=ready.pk)
    (item,) = [one for one in checking.checklist(reviews.of(fresh)) if "comment" in one.label]
    assert (item.label, item.ok, item.missing, item.url) == ("2 open comments", False, False, f"#comments-{PLACE}")
    assert publishing.publish(fresh, by=maya, now=LATER).published_at == LATER


def test_a_published_page_keeps_its_comments_and_offers_none_on_what_it_does_not_show(maya: Person) -> None:
    published = review.published(by=maya)
    say(published, "Still open", by=maya)
    shown = signed_in(maya).get(url(published)).content.decode()
    assert "Still open" in shown
    assert 'id="comments-section-went_well"' not in shown  # an optional section without words
    assert 'id="comments-section-decided"' in shown
    assert "Still open" not in signed_in(maya).get(url(published) + "?preview").content.decode()


@pytest.mark.parametrize("threads", [1, 4])
def test_comments_cost_the_same_for_one_and_for_four(
    django_assert_num_queries: Any, draft: Postmortem, jonas: Person, threads: int
) -> None:
    team = make.team("Search")
    for index in range(threads):
        place = ("section-surprised", "section-decided", "findings", "actions")[index]
        first = say(draft, f"@{jonas.email} and @{team.slug}: {index}?", by=make.person(), anchor=place)
        answer(first, by=make.person())
        commenting.resolve(say(draft, "Settled", by=make.person()), by=jonas, now=LATER)
    with django_assert_num_queries(4):
        assert len(comments.of(draft, Wanted(resolved=True))) == threads


def test_search_finds_comments_until_they_are_taken_back(draft: Postmortem, maya: Person) -> None:
    made = say(draft, "Quokkas ate the cache", by=maya)
    found = signed_in(maya).get("/api/v1/search/?q=quokkas").content.decode()
    assert f"?comment={made.pk}#comment-{made.pk}" in found
    assert "a comment by Maya Okafor" in found
    commenting.take_back(made, by=maya, now=LATER)
    assert "comment=" not in signed_in(maya).get("/api/v1/search/?q=quokkas").content.decode()


def test_signed_out_nobody_comments(draft: Postmortem) -> None:
    answer = Client().post(url(draft, f"comments/on/{PLACE}/"), {"text": "x"})
    assert answer["Location"].startswith("/accounts/login/")
    assert not Comment.objects.exists()
