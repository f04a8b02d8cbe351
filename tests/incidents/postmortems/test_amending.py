"""What is published changes by amendments only: with a reason, as revisions, and the first text stays to be read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from incidents.postmortems import acting, amending, concluding, publishing, ruling_out, settling, tagging
from incidents.postmortems.amending import Draft
from incidents.postmortems.models import Action, Amendment, Postmortem, Section, SectionRevision
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries import since
from incidents.response import findings
from incidents.response.models import TimelineRow
from ownership.models import Notice, Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from web.errors import ConstraintBroken, Invalid, translated

pytestmark = pytest.mark.django_db

AFTER = LATER + timedelta(days=1)


@pytest.fixture
def published() -> Postmortem:
    return review.published(by=make.person("Maya Okafor"))


def amend(postmortem: Postmortem, text: str, *, by: Person, key: str = "surprised", on: int | None = None) -> Amendment:
    at = review.section(postmortem, key).revision if on is None else on
    return amending.amend(postmortem, texts={key: Draft(text, at)}, reason="A log turned up.", by=by, now=AFTER)


def whole(postmortem: Postmortem) -> reviews.Review:
    return reviews.of(Postmortem.objects.select_related("incident", "template").get(pk=postmortem.pk))


def test_an_amendment_is_a_revision_and_the_first_text_stays(published: Postmortem, jonas: Person) -> None:
    before = review.section(published).text
    amend(published, "It was the cache.\n", by=jonas)
    amend(published, "It was the cache, twice.", by=jonas)
    section = review.section(published)
    assert (section.text, section.saved_by) == ("It was the cache, twice.", jonas)
    one, two = since.amendments(published)
    assert [(change.before, change.after) for change in (*one.changes, *two.changes)] == [
        (before, "It was the cache."),
        ("It was the cache.", "It was the cache, twice."),
    ]
    sections = whole(published).sections
    since.mark(sections, [one, two])
    assert [one.key for one in sections if one.amended == two.amendment] == ["surprised"]
    since.as_published(sections, [one, two])
    assert {one.key: one.text for one in sections}["surprised"] == before


def test_it_is_told(published: Postmortem, jonas: Person) -> None:
    amend(published, "It was the cache.", by=jonas)
    row = TimelineRow.objects.filter(kind="postmortem").latest("pk")
    assert (row.text, row.why, row.by) == ("amended: “What surprised us”", "A log turned up.", jonas)
    assert Notice.objects.filter(person=published.author, text__startswith="Jonas Lind amended").count() == 1


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"reason": " "}, Invalid),
        ({"texts": {}}, Invalid),
        ({"texts": {"nothing_like_it": Draft("x", 0)}}, Invalid),
        ({"texts": {"surprised": Draft("", 1)}}, Invalid),
        ({"texts": {"surprised": Draft("Mine.", 0)}}, amending.AmendedMeanwhile),
    ],
    ids=["no reason", "nothing", "no such section", "a required one emptied", "an old revision"],
)
def test_what_is_no_amendment(published: Postmortem, said: dict[str, Any], error: type[Exception]) -> None:
    given = {"texts": {"surprised": Draft("Other.", 1)}, "reason": "Why.", "by": published.author, "now": AFTER} | said
    with pytest.raises(error):
        amending.amend(published, **given)
    assert not Amendment.objects.exists()


def test_what_is_not_shown_is_not_amended(jonas: Person) -> None:
    draft = review.ready(by=jonas)
    said = {"by": jonas, "now": LATER}
    tagging.tag(draft, layer="model", **said)
    review.write(draft, "out-latency", "p95 was 40 ms.")
    review.write(draft, "out-data", "Replayed with yesterday's index.")
    ruling_out.say_not_established(draft, layer="data", **said)
    tagging.tag(draft, layer="org", **said)
    review.write(draft, "q-org-knew", "Nobody.")
    tagging.untag(draft, layer="org", **said)
    published = publishing.publish(draft, **said)
    offered = {one.key for one in whole(published).texts}
    assert {"surprised", "out-latency", "out-guardrail"} <= offered
    assert not offered & {"out-data", "q-org-knew"}
    for key, why in (("out-data", "published as not established"), ("q-org-knew", "is not shown")):
        with pytest.raises(Invalid, match=why):
            amend(published, "Later.", by=jonas, key=key)
    amend(published, "The rules let it through.", by=jonas, key="out-guardrail")
    lines = {line.layer: line.state for line in whole(published).layers.lines}
    assert (lines["guardrail"], lines["data"]) == ("ruled_out", "not_established")


def test_the_same_text_is_no_amendment(published: Postmortem, jonas: Person) -> None:
    with pytest.raises(Invalid):
        amend(published, review.section(published).text + "\n", by=jonas)


def test_a_draft_is_not_amended(jonas: Person) -> None:
    draft = review.draft()
    with pytest.raises(amending.NotPublished):
        amend(draft, "x", by=jonas)
    for make_one in (
        lambda: Amendment.objects.create(postmortem=draft, reason="x", by=jonas),
        lambda: SectionRevision.objects.create(
            section=review.section(draft), revision=9, by=jonas, amendment=amend(review.published(), "y", by=jonas)
        ),
    ):
        with pytest.raises(ConstraintBroken), translated():
            make_one()


# ---- the database ----


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incidents_section SET text = 'Rewritten.'",
        "UPDATE incidents_section SET text = 'Rewritten.', revision = revision + 1",
        "UPDATE incidents_section SET heading = 'Other'",
        "DELETE FROM incidents_section",
        """INSERT INTO incidents_section (postmortem_id, kind, layer, key, heading, prompt, required, position, text,
        revision) SELECT id, 'narrative', '', 'late', 'Late', '', false, 99, 'x', 0 FROM incidents_postmortem""",
        """INSERT INTO incidents_sectionrevision (section_id, revision, text, at, by_id)
        SELECT section.id, section.revision + 1, 'Rewritten.', now(), author_id FROM incidents_section AS section
        JOIN incidents_postmortem AS postmortem ON postmortem.id = postmortem_id""",
    ],
)
def test_raw_sql_cannot_change_frozen_text(published: Postmortem, statement: str) -> None:
    with pytest.raises(ConstraintBroken) as refused, translated(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert refused.value.code == "published_frozen"


def test_an_amendment_lets_no_other_text_through(published: Postmortem, jonas: Person) -> None:
    amend(published, "It was the cache.", by=jonas)
    section = review.section(published)
    for change in (
        {"text": "Rewritten."},
        {"text": "Rewritten.", "revision": section.revision + 1},
        {"text": "It was the cache.", "revision": section.revision + 1},
        {"text": "It was the cache.", "revision": section.revision, "position": 99},
    ):
        with pytest.raises(ConstraintBroken), translated():
            Section.objects.filter(pk=section.pk).update(**change)
    other = review.published()
    foreign = Amendment.objects.create(postmortem=other, reason="x", by=jonas)
    with pytest.raises(ConstraintBroken), translated():
        SectionRevision.objects.create(
            section=section, revision=section.revision + 1, text="x", by=jonas, amendment=foreign
        )
    for gone in (lambda: Amendment.objects.update(reason="y"), foreign.delete):
        with pytest.raises(ConstraintBroken) as refused, translated():
            gone()
        assert refused.value.code == "append_only"


# ---- closing, and what was found later ----


def verify(action: Action) -> None:
    said = {"evidence": "link", "ref": "https://ci.example.org/1", "note": "It held."}
    settling.verify(action, **said, by=make.person(), now=AFTER)


def test_the_last_settled_action_closes_it_and_an_open_one_opens_it_again(published: Postmortem, jonas: Person) -> None:
    action = Action.objects.select_related("postmortem").get()
    settling.mark_done(action, by=jonas, now=AFTER)
    assert Postmortem.objects.get().state == "published"  # nobody has verified it
    verify(action)
    assert Postmortem.objects.get().state == "closed"
    settling.reopen(action, reason="It came back.", by=jonas, now=AFTER)
    assert Postmortem.objects.get().state == "published"
    settling.decline(action, reason="Nobody uses it.", by=jonas, now=AFTER)
    assert Postmortem.objects.get().state == "closed"
    rows = TimelineRow.objects.filter(kind="postmortem", text__in=["closed", "open again"]).order_by("pk")
    assert [row.text for row in rows] == ["closed", "open again", "closed"]
    assert {row.why for row in rows if row.text == "closed"} == {"every action is settled"}


def test_a_draft_is_not_closed_by_its_actions(jonas: Person) -> None:
    draft = review.ready()
    action = Action.objects.select_related("postmortem").get(postmortem=draft)
    settling.decline(action, reason="No.", by=jonas, now=AFTER)
    with concluding.watched(action, by=jonas, now=AFTER):
        pass
    assert Postmortem.objects.get().closed_at is None


def test_one_without_actions_is_closed_as_it_is_published(jonas: Person) -> None:
    draft = review.ready()
    action = Action.objects.get()
    acting.remove(action, by=jonas, now=LATER)
    acting.give_reason(draft, finding_line=action.finding_line, reason="Known.", by=jonas, now=LATER)
    assert publishing.publish(draft, by=jonas, now=LATER).state == "closed"
    assert TimelineRow.objects.get(kind="postmortem", text="closed").why == "it has no actions"


def test_a_later_finding_that_differs_is_told(published: Postmortem) -> None:
    (then,) = review.standing(published)
    assert since.findings(whole(published)) == []
    said = {"by": published.author, "now": AFTER}
    findings.revise(then, role="trigger", **said)
    make.finding(published.incident, "org.runbook_gap", **said)
    assert [(one.how, one.finding.role) for one in since.findings(whole(published))] == [
        ("changed", "trigger"),
        ("added", "cause"),
    ]
    for one in review.standing(published):
        findings.withdraw(one, **said)
    assert [one.how for one in since.findings(whole(published))] == ["withdrawn"]
