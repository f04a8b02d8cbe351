"""A postmortem goes to its reviewers and back: states, who may, who is told, and on which text an answer was given."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from incidents.postmortems import acting, circulating, drafting, freezing, measuring, publishing, ruling_out, tagging
from incidents.postmortems.models import Postmortem, Reviewer
from incidents.postmortems.queries import marks
from incidents.postmortems.queries import review as reviews
from incidents.response import confiding, participating
from incidents.response.models import TimelineRow
from incidents.response.queries import visible
from ownership.models import Notice, Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from web.errors import ConstraintBroken, Doubted, Invalid, translated

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def fresh(postmortem: Postmortem) -> Postmortem:
    return Postmortem.objects.select_related("incident", "template", "facilitator").get(pk=postmortem.pk)


def send(postmortem: Postmortem, *people: Person, **said: Any) -> Postmortem:
    said = {"by": postmortem.author, "now": LATER, "due_on": (LATER + DAY).date()} | said
    return circulating.send(postmortem, reviewers=people, **said)


def told(person: Person) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("text", flat=True))


def test_sending_asks_tells_and_is_on_the_timeline(ready: Postmortem, jonas: Person) -> None:
    sent = send(ready, jonas)
    assert (fresh(sent).state, sent.sent_by, sent.review_due_on) == ("in_review", ready.author, (LATER + DAY).date())
    assert told(jonas)[-1].startswith("Maya Okafor asks you to review the postmortem of INC-")
    rows = list(TimelineRow.objects.filter(kind="postmortem").order_by("pk").values_list("text", flat=True))
    assert rows[-1] == f"sent to review by Jonas Lind until {LATER + DAY:%-d %b %Y}"


@pytest.mark.parametrize(("who", "field"), [("author", "reviewers"), ("nobody", "reviewers"), ("gone", "reviewers")])
def test_who_cannot_review_it(ready: Postmortem, who: str, field: str) -> None:
    people = {"author": [ready.author], "nobody": [], "gone": [make.person("Gone", is_active=False)]}[who]
    with pytest.raises(Invalid) as refused:
        send(ready, *people)
    assert refused.value.field == field
    assert fresh(ready).state == "draft"
    assert not Reviewer.objects.exists()


def test_a_day_that_is_over_is_refused(ready: Postmortem, jonas: Person) -> None:
    with pytest.raises(Invalid):
        send(ready, jonas, due_on=(LATER - DAY).date())


def test_the_database_lets_no_author_review(ready: Postmortem) -> None:
    with pytest.raises(ConstraintBroken) as refused, translated():
        Reviewer.objects.create(postmortem=ready, person=ready.author, asked_by=ready.author)
    assert refused.value.code == "own_review"


def test_an_answer_before_later_changes_says_what_changed(ready: Postmortem, jonas: Person) -> None:
    send(ready, jonas)
    circulating.answer(ready, said="approved", by=jonas, now=LATER)
    (row,) = Reviewer.objects.all()
    assert (row.answer, row.waiting, marks.changed(row.seen, reviews.of(fresh(ready)))) == ("approved", False, [])
    assert told(ready.author)[-1].startswith("Jonas Lind approved the postmortem")
    review.write(ready, "surprised", "Two loops.")
    review.action(ready, "One more")
    assert marks.changed(row.seen, reviews.of(fresh(ready))) == ["What surprised us", "the actions"]


def test_an_answer_counts_for_what_the_reviewer_saw(ready: Postmortem, jonas: Person) -> None:
    send(ready, jonas)
    seen = marks.of(reviews.of(fresh(ready)))
    review.write(ready, "surprised", "Written while Jonas read.")
    row = circulating.answer(ready, said="approved", by=jonas, now=LATER, seen=seen)
    assert marks.changed(row.seen, reviews.of(fresh(ready))) == ["What surprised us"]


def test_an_approval_counts_for_layers_latencies_and_reasons_too(ready: Postmortem, jonas: Person) -> None:
    other = review.finding(ready, "org.runbook_gap")
    decided = {"by": ready.author, "now": LATER}
    acting.give_reason(ready, finding_line=other.line, reason="Known.", **decided)
    send(ready, jonas)
    row = circulating.answer(ready, said="approved", by=jonas, now=LATER)

    def changed() -> list[str]:
        return marks.changed(row.seen, reviews.of(fresh(ready)))

    assert changed() == []
    tagging.tag(ready, layer="model", **decided)
    assert changed() == ["the tagged layers"]
    ruling_out.say_not_established(ready, layer="data", **decided)
    measuring.record(ready, stages=[measuring.Stage(name="Queue", p95_ms=100)], **decided)
    acting.give_reason(ready, finding_line=other.line, reason="Quite another.", **decided)
    named = ["the tagged layers", "what is not established", "the latencies", "the reasons for no action"]
    assert changed() == named
    ruling_out.take_back(ready, layer="data", now=LATER)
    tagging.untag(ready, layer="model", **decided)
    assert changed() == named[2:]


def test_wanting_changes_needs_words(ready: Postmortem, jonas: Person) -> None:
    send(ready, jonas)
    with pytest.raises(Invalid):
        circulating.answer(ready, said="changes", comment="  ", by=jonas, now=LATER)
    assert Reviewer.objects.get().waiting


def test_only_who_was_asked_answers_and_only_in_review(ready: Postmortem, jonas: Person) -> None:
    with pytest.raises(circulating.NotInReview):
        circulating.answer(ready, said="approved", by=jonas, now=LATER)
    send(ready, jonas)
    with pytest.raises(circulating.NotAsked):
        circulating.answer(ready, said="approved", by=make.person(), now=LATER)


def test_back_to_a_draft_and_sent_anew_asks_who_has_not_approved_what_stands(ready: Postmortem, jonas: Person) -> None:
    priya, tomas = make.person("Priya Nair"), make.person("Tomás Brandt")
    send(ready, jonas, priya, tomas)
    circulating.answer(ready, said="approved", by=jonas, now=LATER)
    circulating.answer(ready, said="changes", comment="Which trace?", by=priya, now=LATER)
    circulating.take_back(ready, reason="More was found.", by=ready.author, now=LATER)
    assert fresh(ready).state == "draft"
    assert told(tomas)[-1].startswith("Maya Okafor took back the postmortem")
    send(ready, jonas, priya)
    waits = {one.person: one.waiting for one in Reviewer.objects.select_related("person")}
    assert waits == {jonas: False, priya: True}  # Tomás had not answered and is no longer asked


def test_changing_who_is_asked_keeps_answers(ready: Postmortem, jonas: Person) -> None:
    priya = make.person("Priya Nair")
    send(ready, jonas)
    circulating.answer(ready, said="approved", by=jonas, now=LATER)
    send(ready, priya)
    rows = {one.person: (one.answer, one.waiting) for one in Reviewer.objects.select_related("person")}
    assert rows == {jonas: ("approved", False), priya: ("", True)}


def test_asking_again(ready: Postmortem, jonas: Person) -> None:
    send(ready, jonas)
    circulating.answer(ready, said="changes", comment="Which trace?", by=jonas, now=LATER)
    for _ in range(2):
        circulating.ask_again(ready, jonas, by=ready.author, now=LATER + DAY)
    row = Reviewer.objects.get()
    assert (row.waiting, row.answer, row.asked_at) == (True, "changes", LATER + DAY)
    assert sum("look again" in text for text in told(jonas)) == 1


def test_who_is_asked_about_a_private_one_is_let_in(ready: Postmortem, jonas: Person) -> None:
    confiding.make_private(ready.incident, reason="Names.", by=ready.author, now=LATER)
    assert visible.hides(fresh(ready).incident, [jonas])
    send(fresh(ready), jonas)
    assert not visible.hides(fresh(ready).incident, [jonas])
    assert len(told(jonas)) == 1


def test_who_is_left_out_again_sees_a_private_one_no_more(ready: Postmortem, jonas: Person) -> None:
    answered, works, before = (make.person() for _ in range(3))
    confiding.make_private(ready.incident, reason="Names.", by=ready.author, now=LATER)
    participating.bring_in(ready.incident, before, by=ready.author, now=LATER - DAY)
    send(ready, jonas, answered, works, before)
    circulating.answer(ready, said="approved", by=answered, now=LATER)
    review.action(ready, "Mine", owner=works)
    send(ready, make.person("Priya Nair"), now=LATER + DAY)
    assert visible.hides(fresh(ready).incident, [jonas, answered, works, before]) == {jonas.pk}
    assert told(jonas) == []


@pytest.mark.parametrize("how", ["sent again", "asked again"])
def test_a_reviewer_of_what_became_private_is_let_in(ready: Postmortem, jonas: Person, how: str) -> None:
    send(ready, jonas)
    if how == "asked again":
        circulating.answer(ready, said="changes", comment="Which trace?", by=jonas, now=LATER)
    confiding.make_private(ready.incident, reason="Names.", by=ready.author, now=LATER)
    assert visible.hides(fresh(ready).incident, [jonas])
    if how == "asked again":
        circulating.ask_again(fresh(ready), jonas, by=ready.author, now=LATER + DAY)
    else:
        send(fresh(ready), jonas, now=LATER + DAY)
    assert not visible.hides(fresh(ready).incident, [jonas])
    assert Reviewer.objects.get().waiting
    assert "look" in told(jonas)[-1] or "review" in told(jonas)[-1]


def test_the_facilitator_of_a_private_one_is_let_in(ready: Postmortem, jonas: Person) -> None:
    facilitator = make.person("Priya Nair")
    confiding.make_private(ready.incident, reason="Names.", by=ready.author, now=LATER)
    send(fresh(ready), jonas, facilitator=facilitator)
    assert not visible.hides(fresh(ready).incident, [facilitator])


# ---- publishing ----


def test_publishing_while_somebody_wants_changes_asks_first(ready: Postmortem, jonas: Person) -> None:
    send(ready, jonas)
    circulating.answer(ready, said="changes", comment="Which trace?", by=jonas, now=LATER)
    with pytest.raises(Doubted) as doubt:
        publishing.publish(ready, by=ready.author, now=LATER)
    assert doubt.value.code == "changes_wanted"
    publishing.publish(ready, by=ready.author, now=LATER, despite=["changes_wanted"])
    row = TimelineRow.objects.get(kind="postmortem", text="published")
    assert row.why == "although Jonas Lind wanted changes"


def test_publishing_says_plainly_who_reviewed_it(ready: Postmortem, jonas: Person) -> None:
    publishing.publish(ready, by=ready.author, now=LATER)
    assert TimelineRow.objects.get(kind="postmortem", text="published").why == "nobody reviewed it"
    with pytest.raises(freezing.Frozen):
        send(ready, jonas)


def test_what_reviewers_said_stays_once_it_is_published(ready: Postmortem, jonas: Person) -> None:
    send(ready, jonas)
    publishing.publish(ready, by=ready.author, now=LATER)
    for statement in (
        "UPDATE incidents_reviewer SET waiting = true",
        "DELETE FROM incidents_reviewer",
        "UPDATE incidents_postmortem SET title = 'Other'",
        "UPDATE incidents_postmortem SET published_at = NULL, published_by_id = NULL",
        "DELETE FROM incidents_postmortem",
    ):
        with pytest.raises(ConstraintBroken) as refused, translated(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert refused.value.code == "published_frozen", statement


# ---- the facilitator ----


def test_a_facilitator_among_the_responders_is_advice(ready: Postmortem, jonas: Person) -> None:
    for who, there in ((ready.author, True), (make.person("Priya Nair"), False)):
        send(ready, jonas, facilitator=who)
        assert reviews.of(fresh(ready)).facilitator_was_there == there


def test_a_draft_has_no_day_for_its_review(ready: Postmortem) -> None:
    with pytest.raises(ConstraintBroken), translated():
        Postmortem.objects.filter(pk=ready.pk).update(review_due_on=LATER.date())
    drafting.rename(ready, title="Still written", by=ready.author, now=LATER)
