"""The checklist names what is missing, publishing refuses while something is, and what is published stays."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from incidents.postmortems import acting, checking, drafting, freezing, publishing, reviewing
from incidents.postmortems.models import Action, Postmortem, Section, SectionRevision
from incidents.postmortems.queries import review as reviews
from incidents.response import findings, impacts, lifecycle
from incidents.response.impacts import Impact
from incidents.response.models import Incident, TimelineRow
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from web.errors import ConstraintBroken, translated

pytestmark = pytest.mark.django_db


def missing(postmortem: Postmortem) -> list[str]:
    fresh = Postmortem.objects.select_related("incident", "template").get(pk=postmortem.pk)
    return [item.label for item in checking.checklist(reviews.of(fresh)) if item.missing]


def test_a_fresh_draft_is_told_everything_that_is_missing() -> None:
    assert missing(review.draft(impact="", began=Impact(), mode=None)) == [
        "What users saw, on the incident",
        "Start of the impact",
        "Write “What users got”",
        "Write “What surprised us”",
        "Write “Conditions that made it possible”",
        "Write “What we decided, and why”",
        "At least one finding",
    ]


def test_a_complete_draft_misses_nothing() -> None:
    assert missing(review.ready()) == []


def reopen(postmortem: Postmortem) -> None:
    lifecycle.reopen(postmortem.incident, reason="Back again.", by=postmortem.author, now=LATER)


def empty_the_impact(postmortem: Postmortem) -> None:
    said = {"impact": " ", "detected_by": "", "by": postmortem.author, "now": LATER}
    impacts.set_impact(postmortem.incident, began=Impact("minute", postmortem.incident.impact_from), **said)


def empty_a_section(postmortem: Postmortem) -> None:
    review.write(postmortem, "surprised", " \n")


def empty_an_optional_section(postmortem: Postmortem) -> None:
    review.write(postmortem, "went_well", "Luck.")
    review.write(postmortem, "went_well", "")


def withdraw_all(postmortem: Postmortem) -> None:
    for one in review.standing(postmortem):
        reviewing.withdraw(postmortem, one, by=postmortem.author, now=LATER)


def unmark_the_primary(postmortem: Postmortem) -> None:
    (one,) = review.standing(postmortem)
    reviewing.revise(postmortem, one, seen=one.pk, primary=False, by=postmortem.author, now=LATER)


def find_something_provisional(postmortem: Postmortem) -> None:
    one = make.finding(postmortem.incident, "org.runbook_gap", by=postmortem.author)
    acting.give_reason(postmortem, finding_line=one.line, reason="Known.", by=postmortem.author, now=LATER)


def find_something_unanswered(postmortem: Postmortem) -> None:
    review.finding(postmortem, "org.runbook_gap")


def forget_owner(postmortem: Postmortem) -> None:
    review.action(postmortem, "Ask the vendor", owner=None)


def forget_due_date(postmortem: Postmortem) -> None:
    review.action(postmortem, "Ask the vendor", due_on=None)


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (reopen, ["The incident is resolved"]),
        (empty_the_impact, ["What users saw, on the incident"]),
        (empty_a_section, ["Write “What surprised us”"]),
        (empty_an_optional_section, []),
        (withdraw_all, ["At least one finding"]),
        (unmark_the_primary, ["One primary finding"]),
        (find_something_provisional, ["Review “runbook gap”"]),
        (find_something_unanswered, ["Action or reason for “runbook gap”"]),
        (forget_owner, ["Owner on “Ask the vendor”"]),
        (forget_due_date, ["Due date on “Ask the vendor”"]),
    ],
)
def test_each_thing_missing_is_named_and_refuses(break_it: Callable[[Postmortem], None], told: list[str]) -> None:
    postmortem = review.ready()
    break_it(postmortem)
    assert missing(postmortem) == told
    if told:
        with pytest.raises(publishing.NotReady) as refused:
            publishing.publish(postmortem, by=postmortem.author, now=LATER)
        assert [item.label for item in refused.value.missing] == told
        assert refused.value.status == 422
        assert Postmortem.objects.get().published_at is None


# ---- the start of the impact ----


def test_the_default_unknown_is_missing_until_somebody_says_that_it_cannot_be_known() -> None:
    postmortem = review.draft(began=Impact())
    assert "Start of the impact" in missing(postmortem)
    drafting.say_start_unknown(postmortem, reason="Logs are kept a week.", by=postmortem.author, now=LATER)
    assert "Start of the impact" not in missing(postmortem)
    row = TimelineRow.objects.get(kind="impact")
    assert (row.why, row.data["precision"], row.by) == ("Logs are kept a week.", "unknown", postmortem.author)


def test_a_start_given_later_and_taken_back_counts_as_said() -> None:
    postmortem = review.draft()
    said = {"impact": "Slow.", "detected_by": "", "by": postmortem.author, "now": LATER}
    impacts.set_impact(postmortem.incident, began=Impact(), **said)
    assert "Start of the impact" not in missing(postmortem)


def test_a_known_start_cannot_be_said_to_be_unknown() -> None:
    postmortem = review.draft()
    with pytest.raises(drafting.Invalid):
        drafting.say_start_unknown(postmortem, reason="No logs.", by=postmortem.author, now=LATER)


# ---- published ----


def test_publishing_stamps_once_and_is_told() -> None:
    postmortem = review.ready()
    jonas = make.person("Jonas Lind")
    publishing.publish(postmortem, by=jonas, now=LATER)
    publishing.publish(postmortem, by=make.person(), now=LATER)
    kept = Postmortem.objects.get()
    assert (kept.published_at, kept.published_by, kept.state) == (LATER, jonas, "published")
    assert TimelineRow.objects.filter(kind="postmortem", text="published").count() == 1


def test_the_database_itself_keeps_published_text() -> None:
    postmortem = review.published()
    section = review.section(postmortem)
    for change in (
        lambda: Section.objects.filter(pk=section.pk).update(text="Rewritten."),
        lambda: SectionRevision.objects.filter(section=section).update(text="Rewritten."),
    ):
        with pytest.raises(ConstraintBroken) as refused, translated():
            change()
        assert refused.value.code in {"published_frozen", "append_only"}
    assert review.section(postmortem).text == section.text


def test_a_published_page_shows_the_findings_as_they_were_known_then() -> None:
    postmortem = review.published()
    (then,) = review.standing(postmortem)
    after = {"by": postmortem.author, "now": LATER + timedelta(days=1)}
    findings.revise(then, role="trigger", **after)
    make.finding(postmortem.incident, "org.runbook_gap", **after)
    fresh = Postmortem.objects.select_related("incident", "template").get()
    assert [(one.pk, one.role) for one in reviews.of(fresh).findings] == [(then.pk, "cause")]
    assert len(review.standing(postmortem)) == 2


@pytest.mark.django_db(transaction=True)
def test_a_save_that_races_with_publishing_is_either_in_or_refused() -> None:
    postmortem = review.ready()
    section = review.section(postmortem)
    begin = threading.Barrier(2)
    outcome: dict[str, str] = {}

    def run(name: str, act: Callable[[], object]) -> None:
        try:
            begin.wait()
            act()
            outcome[name] = "done"
        except freezing.Frozen:
            outcome[name] = "refused"
        finally:
            connection.close()

    acts = {
        "save": lambda: drafting.save_section(
            section, text="", on_revision=section.revision, by=postmortem.author, now=LATER
        ),
        "publish": lambda: _publish(postmortem),
    }
    threads = [threading.Thread(target=run, args=pair) for pair in acts.items()]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    published = Postmortem.objects.get().published_at is not None
    emptied = review.section(postmortem).text == ""
    assert published != emptied  # an empty required section and a stamp never go together
    assert outcome["save"] == ("refused" if published else "done")


def _publish(postmortem: Postmortem) -> None:
    with contextlib.suppress(publishing.NotReady):
        publishing.publish(postmortem, by=postmortem.author, now=LATER)


def test_the_checklist_costs_the_same_for_one_and_for_three(django_assert_num_queries) -> None:
    postmortem = review.ready()
    fresh = Postmortem.objects.select_related("incident", "template").get(pk=postmortem.pk)
    with django_assert_num_queries(9):
        checking.checklist(reviews.of(fresh))
    for mode in ("data.schema_drift", "org.runbook_gap"):
        review.action(postmortem, mode, finding_line=review.finding(postmortem, mode).line)
    assert (Action.objects.count(), Incident.objects.count()) == (3, 1)
    with django_assert_num_queries(9):
        checking.checklist(reviews.of(fresh))
