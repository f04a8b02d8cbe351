"""Holding a review: what is frozen, for whom, and that it stays; what is decided, promised and closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from incidents.patterns import review_access, review_showing, reviewing
from incidents.patterns.queries import reviews
from incidents.patterns.questions import QUESTIONS
from incidents.patterns.review_models import PatternReview
from incidents.postmortems import access as actions_access
from incidents.postmortems import acting, reminding, settling
from incidents.postmortems.models import Action
from incidents.postmortems.queries import workboard
from incidents.postmortems.queries.workboard import Wanted
from incidents.response.models import Incident
from ownership.models import Notice, Person
from tests import factories as make
from tests.incidents.patterns.factories import NOW, happened, window
from tests.incidents.postmortems import factories as postmortems
from web.errors import ConstraintBroken, DomainError, Invalid

pytestmark = pytest.mark.django_db

DUE = date(2026, 12, 18)
LATER = NOW + timedelta(days=40)


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def priya() -> Person:
    return make.person("Priya Nair")


def held(by: Person, **asked: str) -> PatternReview:
    return reviewing.hold(window(**asked), title="Patterns, November 2026", by=by, now=NOW)


def decided(review: PatternReview, by: Person, title: str = "Cap the retries", owner: Person | None = None) -> Action:
    return reviewing.decide(review, title=title, due_on=DUE, owner=owner or by, by=by, now=NOW)


def seven(*, private: int = 0) -> None:
    for place in range(7):
        one = happened(NOW - timedelta(days=10 + place), "data")
        Incident.objects.filter(pk=one.pk).update(private=place < private)


def broken(sql: str, *args: object) -> str:
    """The constraint that refuses a statement."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, args)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    return str(cause.diag.constraint_name)


def test_every_question_is_frozen_and_stays_when_more_is_found(maya: Person) -> None:
    seven()
    review = held(maya)
    before = review_showing.answers(review)
    assert list(before) == [one.slug for one in QUESTIONS]
    assert (before["layers"].n, review.base["incidents"]) == (7, 7)
    assert [one["headline"] for one in review.headlines] == [answer.headline for answer in before.values()]
    happened(NOW - timedelta(days=3), "model")
    assert review_showing.answers(review) == before


def test_no_private_incident_is_counted_whoever_holds_it() -> None:
    seven(private=2)
    review = held(make.person("Ada Root", role="admin"))
    assert (review.base["incidents"], review_showing.answers(review)["layers"].n) == (5, 5)


def test_marks_lead_to_live_lists_as_known_at_the_instant_of_the_freeze(maya: Person) -> None:
    seven()
    cards = {card.question.slug: card for card in review_showing.cards(held(maya))}
    urls = [cell.url for row in cards["layers"].table.rows for cell in row if cell.url]
    assert urls
    for url in urls:
        assert "as_of=2026-11-20T12%3A00%3A00Z" in url
        assert "from=2025-12-01&to=2026-11-30" in url


def test_a_review_of_an_earlier_instant_is_known_as_of_then(maya: Person) -> None:
    review = held(maya, as_of="2026-06-30", months="3")
    assert (f"{review.known_at:%Y-%m-%d}", f"{reviews.window(review).last_day}") == ("2026-07-01", "2026-07-31")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE incidents_patternreview SET base = '{}'",
        "UPDATE incidents_patternreview SET headlines = '[]'",
        "UPDATE incidents_patternreview SET promised = '[1]'",
        "UPDATE incidents_patternreview SET title = 'Better'",
        "DELETE FROM incidents_patternsnapshot",
        "UPDATE incidents_patternsnapshot SET answers = '[]'",
        "UPDATE incidents_patternreviewperson SET person_id = person_id + 1",
        "DELETE FROM incidents_patternreviewperson",
    ],
)
def test_what_is_frozen_cannot_be_changed_by_hand(maya: Person, priya: Person, change: str) -> None:
    reviewing.hold(window(), title="Patterns", people=[priya, maya], by=maya, now=NOW)
    assert broken(change) in {"pattern_review_frozen", "pattern_snapshot_frozen", "pattern_review_person_frozen"}


def test_a_closed_review_takes_no_word_and_no_decision_any_more(maya: Person) -> None:
    review = held(maya)
    reviewing.note(review, notes="We talked of retries.")
    action = decided(review, maya)
    reviewing.close(review, by=maya, now=NOW)
    again = reviewing.close(review, by=make.person(), now=LATER)
    assert (again.closed_at, again.closed_by_id) == (NOW, maya.pk)
    for act in (
        lambda: decided(review, maya, "One more"),
        lambda: reviewing.take_out(action, by=maya, now=NOW),
        lambda: reviewing.note(review, notes="Rather not."),
    ):
        with pytest.raises(reviewing.ReviewClosed):
            act()
    assert broken("UPDATE incidents_patternreview SET notes = 'x'") == "pattern_review_frozen"
    assert broken("UPDATE incidents_patternreview SET closed_at = NULL, closed_by_id = NULL") == "pattern_review_frozen"
    assert broken("UPDATE incidents_action SET title = 'Other'") == "decision_frozen_once_closed"
    assert broken("DELETE FROM incidents_action") == "decision_frozen_once_closed"
    with pytest.raises(ConstraintBroken), reviewing.translated():
        Action.objects.create(pattern_review=review, title="Late", owner=maya, due_on=DUE, created_by=maya)
    assert settling.mark_done(action, by=maya, now=LATER).state == "done"


def test_an_action_is_decided_in_exactly_one_place(maya: Person) -> None:
    action = decided(held(maya), maya)
    draft = postmortems.draft(by=maya)
    assert broken("UPDATE incidents_action SET pattern_review_id = NULL WHERE id = %s", action.pk) == (
        "action_decided_in_one_place"
    )
    assert broken("UPDATE incidents_action SET postmortem_id = %s WHERE id = %s", draft.pk, action.pk) == (
        "action_decided_in_one_place"
    )


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("title", {"title": " "}),
        ("owner", {"owner": None}),
        ("due_on", {"due_on": None}),
        ("due_on", {"due_on": date(2026, 11, 1)}),
    ],
)
def test_a_decision_says_what_who_and_until_when(maya: Person, field: str, said: dict[str, Any]) -> None:
    whole: dict[str, Any] = {"title": "Cap the retries", "owner": maya, "due_on": DUE, **said}
    with pytest.raises(Invalid) as refused:
        reviewing.decide(held(maya), **whole, by=maya, now=NOW)
    assert refused.value.field == field


def test_who_does_it_hears_of_it_and_that_it_is_theirs_no_more(maya: Person, priya: Person) -> None:
    action = decided(held(maya), maya, owner=priya)
    reviewing.take_out(action, by=maya, now=NOW)
    told = list(Notice.objects.filter(person=priya).order_by("pk").values_list("text", flat=True))
    assert told == [
        "Maya Okafor decided in “Patterns, November 2026” that you do “Cap the retries”, due 18 Dec 2026",
        "Maya Okafor took “Cap the retries” out of “Patterns, November 2026”: it is not yours to do any more",
    ]
    assert not Action.objects.exists()


def test_what_something_happened_to_stays(maya: Person) -> None:
    action = decided(held(maya), maya)
    settling.mark_done(action, by=maya, now=NOW)
    with pytest.raises(acting.HasHistory):
        reviewing.take_out(action, by=maya, now=NOW)


def test_somebody_else_says_whether_it_holds(maya: Person, priya: Person) -> None:
    action = decided(held(maya), maya, owner=priya)
    settling.mark_done(action, by=priya, now=NOW)
    said = {"evidence": "link", "ref": "https://ci.example.org/9", "note": "The retries are capped at two."}
    with pytest.raises(settling.OwnWork):
        settling.verify(action, **said, by=priya, now=NOW)
    assert settling.verify(action, **said, by=maya, now=NOW).state == "verified"
    assert settling.reopen(action, reason="It came back.", by=maya, now=NOW).state == "open"
    assert settling.decline(action, reason="The service is retired.", by=maya, now=NOW).state == "wont_do"


def test_it_stands_on_the_board_and_is_given_on_when_its_owner_leaves(maya: Person, priya: Person) -> None:
    action = decided(held(maya), maya, owner=priya)
    viewer = make.person("Vera Ilić", role="viewer")
    for reader in (viewer, priya, make.person("Ada Root", role="admin")):
        board = workboard.page(reader, Wanted(owner="anyone", group="service"), today=NOW.date(), now=NOW)
        assert [(heading, [row.action.pk for row in rows]) for heading, rows in board.groups] == [
            ("No service yet", [action.pk])
        ]
    Person.objects.filter(pk=priya.pk).update(is_active=False)
    assert acting.give([action.pk], to=maya, by=maya, now=LATER) == []
    assert Action.objects.get(pk=action.pk).owner == maya


def test_its_owner_is_reminded_and_whoever_wrote_it_is_asked_to_verify(maya: Person, priya: Person) -> None:
    action = decided(held(maya), maya, owner=priya)
    monday = NOW + timedelta(days=31)  # 21 Dec 2026
    assert reminding.remind_actions(now=monday) == 1
    last = Notice.objects.filter(person=priya).latest("pk")
    assert last.text == "Overdue since 2026-12-18: “Cap the retries”, an action of Patterns, November 2026"
    assert last.path == action.path
    settling.mark_done(action, by=priya, now=monday)
    assert reminding.remind_verifiers(now=monday + timedelta(days=8)) == 1
    assert "not verified: “Cap the retries”" in Notice.objects.filter(person=maya).latest("pk").text


def test_a_postmortem_does_not_change_what_a_review_decided(maya: Person) -> None:
    action = decided(held(maya), maya)
    for act in (
        lambda: acting.edit(action, title="Other", by=maya, now=NOW),
        lambda: acting.remove(action, by=maya, now=NOW),
    ):
        with pytest.raises(acting.DecidedInReview):
            act()


def test_the_next_review_opens_with_what_was_promised(maya: Person, priya: Person) -> None:
    seven()
    first = held(maya)
    done, declined, late, gone = (decided(first, maya, title, owner=priya) for title in ("One", "Two", "Three", "Four"))
    settling.mark_done(done, by=priya, now=NOW)
    settling.decline(declined, reason="The vendor does it.", by=priya, now=NOW)
    second = reviewing.hold(window(now=LATER), title="Patterns, December 2026", by=maya, now=LATER)
    assert second.previous == first
    assert [(one["title"], one["standing"], one["why"]) for one in second.promised] == [
        ("One", "done", ""),
        ("Two", "wont_do", "The vendor does it."),
        ("Three", "overdue", ""),
        ("Four", "overdue", ""),
    ]
    settling.mark_done(late, by=priya, now=LATER)
    reviewing.take_out(gone, by=maya, now=LATER)
    promises = reviews.promises(second, maya, today=LATER.date())
    assert [(one.moved, one.now.standing if one.now else None) for one in promises] == [
        (False, "done"),
        (False, "wont_do"),
        (True, "done"),
        (False, None),
    ]
    compared = reviews.compared(second)
    assert [one.title for one in compared] == [one.title for one in QUESTIONS]
    assert compared[0].then == first.headlines[0]["headline"]


def test_the_one_before_has_the_same_filters_or_is_the_latest(maya: Person) -> None:
    of_all = held(maya)
    make.service("Support answers")
    of_one = reviewing.hold(window(service="support-answers"), title="Support", by=maya, now=NOW + timedelta(hours=1))
    assert of_one.previous == of_all
    assert reviews.before({}) == of_all
    assert reviews.before({"service": "support-answers"}) == of_one
    assert reviews.before({"severity": "sev1"}) == of_one


@pytest.mark.parametrize(
    ("who", "works", "closes"),
    [("holder", True, True), ("teammate", True, False), ("editor", True, True), ("viewer", False, False)],
)
def test_who_may_do_what(maya: Person, who: str, works: bool, closes: bool) -> None:
    teammate = make.person("Tom Teammate")
    make.team("Answers team", maya, teammate)
    person = {
        "holder": maya,
        "teammate": teammate,
        "editor": make.person("Edda Editor", role="editor"),
        "viewer": make.person("Vera Viewer", role="viewer"),
    }[who]
    review = held(maya)
    action = decided(review, maya)
    assert review_access.readable_review(person, review.pk) == review
    assert _let(lambda: review_access.require_holder(person)) is works
    assert _let(lambda: review_access.workable_review(person, review.pk)) is works
    assert _let(lambda: review_access.removable_decision(person, review.pk, action.pk)) is works
    assert _let(lambda: actions_access.workable_action(person, action.pk)) is works
    assert _let(lambda: review_access.closable_review(person, review.pk)) is closes
    with pytest.raises(Http404):
        review_access.readable_review(person, review.pk + 1)


def test_a_stranger_who_left_may_nothing_but_was_let_read(maya: Person) -> None:
    stranger = make.person("Sam Stranger", is_active=False)
    review = held(maya)
    assert not review_access.may_hold(stranger)
    assert _let(lambda: review_access.workable_review(stranger, review.pk)) is False
    assert _let(lambda: review_access.closable_review(stranger, review.pk)) is False


def _let(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (PermissionDenied, DomainError):
        return False
    return True
