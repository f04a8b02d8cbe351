"""The list of postmortems and the incidents that still need one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from incidents.postmortems import circulating, drafting, publishing
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import shelf
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(maya: Person) -> Postmortem:
    return review.draft(by=maya, service=make.service("Support answers", owner=make.person("Priya Nair")))


@pytest.mark.parametrize(("items", "queries"), [(1, 15), (3, 15)])
def test_the_list_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: Any, responder: Client, items: int, queries: int
) -> None:
    for index in range(items):
        review.draft(title=f"Drafted {index}", service=make.service())
        review.resolved(f"Waiting {index}", service=make.service())
    responder.get("/postmortems/")
    with django_assert_num_queries(queries):
        shown = responder.get("/postmortems/")
    assert len(shown.context["shelf"].rows) == items
    assert len(shown.context["needing"]) == items


def test_what_still_needs_one_stands_on_top_worst_first(responder: Client) -> None:
    for title, severity in (("Mild", "sev3"), ("Grave", "sev1"), ("Who knows", "pending"), ("Bad", "sev2")):
        review.resolved(title, severity=severity)
    make.incident("Still open", severity="sev1")
    drafting.waive(review.resolved("Waived", severity="sev1"), reason="x", by=make.person(), now=LATER)
    review.draft(title="Begun", severity="sev1")
    shown = responder.get("/postmortems/").content.decode()
    needing = shown[shown.index("Resolved, no postmortem yet") : shown.index('aria-label="Show"')]
    order = [title for title in ("Grave", "Bad", "Who knows", "Mild") if title in needing]
    assert sorted(order, key=needing.index) == ["Grave", "Bad", "Who knows", "Mild"]
    assert not any(title in needing for title in ("Still open", "Waived", "Begun"))


def test_the_list_is_filtered_and_paged_by_cursor(responder: Client, maya: Person) -> None:
    mine = review.draft(title="Mine", by=maya)
    done = review.ready()
    drafting.rename(done, title="Done", by=maya, now=LATER)
    publishing.publish(done, by=maya, now=LATER)
    for narrowed, titles in {
        "state=drafts": {"Mine"},
        "state=published": {"Done"},
        "state=closed": set(),
        "show=mine": {"Mine"},
        "show=reviews": set(),
        "state=nonsense&show=nonsense&layer=nonsense": {"Mine", "Done"},
        "layer=integration": {"Mine", "Done"},
        "layer=data": set(),
        "service=nonsense": set(),
        "state=published&show=mine": set(),
    }.items():
        shown = responder.get(f"/postmortems/?{narrowed}").content.decode()
        assert {title for title in ("Mine", "Done") if f">{title}</a>" in shown} == titles
    others = Postmortem.objects.filter(pk=mine.pk)
    assert others.update(started_at=LATER + timedelta(days=1)) == 1
    for number in range(51):
        postmortem = review.draft(title=f"Number {number}", mode=None)
        Postmortem.objects.filter(pk=postmortem.pk).update(started_at=NOON - timedelta(days=number))
    first = responder.get("/postmortems/").context["shelf"]
    assert [row.postmortem.title for row in first.rows][:3] == ["Mine", "Done", "Number 0"]
    second = responder.get("/postmortems/", {"after": first.following}).context["shelf"]
    assert [row.postmortem.title for row in second.rows] == ["Number 48", "Number 49", "Number 50"]
    assert second.following is None


def test_an_empty_list_says_where_they_begin(responder: Client) -> None:
    assert "They begin at a resolved incident" in responder.get("/postmortems/").content.decode()


def test_the_rail_counts_own_drafts(responder: Client, draft: Postmortem) -> None:
    review.draft(title="Somebody else's")
    nav = {place.label: place.count for place in responder.get("/postmortems/").context["nav"]}
    assert nav["Postmortems"] == 1


# ---- what an entry says ----


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Answers were slow. Nobody knew.", "Answers were slow."),
        ("## Short\n\nof it: [search](https://e.org/a.b) fell *back*! Then", "Short of it: search fell back!"),
        ("- 3.5 s instead of 0.4 s", "3.5 s instead of 0.4 s"),
        ("", ""),
        ("word " * 100, "word " * 47 + "word …"),
    ],
)
def test_the_first_sentence_in_plain_words(text: str, told: str) -> None:
    assert shelf.first_sentence(text) == told


def test_an_entry_says_what_it_is_about(responder: Client, draft: Postmortem) -> None:
    review.write(draft, "summary", "Search fell back. " + "Then much was tried. " * 200)
    (row,) = responder.get("/postmortems/").context["shelf"].rows
    assert (row.sentence, row.minutes, list(row.layers)) == ("Search fell back.", 4, ["integration"])
    assert row.primary is not None


def test_waiting_for_my_review(responder: Client, maya: Person) -> None:
    one = review.draft(title="To read", by=make.person())
    circulating.send(one, reviewers=[maya], by=one.author, now=LATER)
    shown = responder.get("/postmortems/")
    assert "1 postmortem waits for your review" in shown.content.decode()
    assert {place.label: place.count for place in shown.context["nav"]}["Postmortems"] == 1
    (row,) = responder.get("/postmortems/?show=reviews").context["shelf"].rows
    assert row.postmortem == one
    circulating.answer(one, said="approved", by=maya, now=LATER)
    assert responder.get("/postmortems/?show=reviews").context["shelf"].rows == []
    circulating.ask_again(one, maya, by=one.author, now=LATER)
    circulating.take_back(one, reason="More was found.", by=one.author, now=LATER)
    assert responder.get("/postmortems/?show=reviews").context["shelf"].rows == []
