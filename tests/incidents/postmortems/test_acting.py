"""Actions and reasons for none."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from incidents.postmortems import acting, freezing, settling
from incidents.postmortems.models import Action, NoActionReason
from incidents.response.models import TimelineRow
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db


def test_an_action_answers_a_finding_and_is_told() -> None:
    postmortem = review.draft()
    (finding,) = review.standing(postmortem)
    team = make.team("Answers team")
    made = acting.add(
        postmortem, title=" One retrying layer ", kind="back_pressure", owner_team=team, due_on=date(2026, 12, 1),
        done_when="attempts per call stay under 3", finding_line=finding.line, by=postmortem.author, now=LATER,
    )  # fmt: skip
    kept = Action.objects.get()
    assert (kept, kept.title, kept.party, kept.finding_line) == (made, "One retrying layer", team, finding.line)
    assert TimelineRow.objects.filter(kind="postmortem", text="action “One retrying layer”").exists()


def test_an_action_needs_words_and_a_finding_that_stands() -> None:
    postmortem = review.draft()
    with pytest.raises(Invalid):
        acting.add(postmortem, title="  ", by=postmortem.author, now=LATER)
    with pytest.raises(Invalid) as refused:
        acting.add(postmortem, title="Cap it", finding_line=uuid.uuid4(), by=postmortem.author, now=LATER)
    assert refused.value.field == "finding"
    assert not Action.objects.exists()


def test_one_owner_not_two() -> None:
    postmortem = review.draft()
    with pytest.raises(ConstraintBroken) as refused:
        review.action(postmortem, owner_team=make.team())
    assert (refused.value.status, refused.value.code, refused.value.field) == (422, "one_owner", "owner")


def test_editing_changes_what_is_named_and_leaves_the_rest() -> None:
    action = review.action(review.draft())
    acting.edit(action, title="Cap all retries ", due_on=None, by=make.person(), now=LATER)
    kept = Action.objects.get()
    assert (kept.title, kept.due_on, kept.owner) == ("Cap all retries", None, action.owner)
    with pytest.raises(TypeError):
        acting.edit(action, done_at=LATER, by=make.person(), now=LATER)


def test_what_is_no_longer_open_stays_as_it_was_decided() -> None:
    owner, other = make.person(), make.person()
    action = review.action(review.draft(), owner=owner)
    settling.mark_done(action, by=make.person(), now=LATER)
    for changes in ({"title": "Rewrite everything"}, {"done_when": "never"}, {"owner": other}):
        with pytest.raises(settling.NotOpen):
            acting.edit(action, **changes, by=owner, now=LATER)
    acting.edit(action, title=action.title, by=owner, now=LATER)  # says nothing new
    shown = {"evidence": "test_run", "ref": "https://ci.example.org/7", "note": "green"}
    settling.verify(action, **shown, by=other, now=LATER)
    with pytest.raises(settling.NotOpen):
        acting.edit(action, title="Rewrite everything", by=owner, now=LATER)
    settling.reopen(action, reason="It came back.", by=owner, now=LATER)
    assert acting.edit(action, title="Cap them all", by=owner, now=LATER).title == "Cap them all"


def test_done_is_marked_once_and_can_be_taken_back() -> None:
    action = review.action(review.draft())
    maya = make.person("Maya Okafor")
    settling.mark_done(action, by=maya, now=LATER)
    settling.mark_done(action, by=make.person(), now=LATER + timedelta(days=1))
    assert (Action.objects.get().done_by, Action.objects.get().done_at) == (maya, LATER)
    settling.mark_undone(action, by=maya, now=LATER)
    assert Action.objects.get().done_at is None
    texts = TimelineRow.objects.filter(kind="postmortem", text__contains="done").values_list("text", flat=True)
    assert list(texts) == ["action “Cap the retries” done", "action “Cap the retries” not done after all"]


def test_a_reason_for_none_is_replaced_by_a_better_one_and_by_an_action() -> None:
    postmortem = review.draft()
    (finding,) = review.standing(postmortem)
    give = {"finding_line": finding.line, "by": postmortem.author, "now": LATER}
    acting.give_reason(postmortem, reason="Too rare.", **give)
    acting.give_reason(postmortem, reason="Too rare, and the vendor fixed it.", **give)
    assert NoActionReason.objects.get().reason == "Too rare, and the vendor fixed it."
    review.action(postmortem, finding_line=finding.line)
    assert not NoActionReason.objects.exists()
    with pytest.raises(acting.HasAction):
        acting.give_reason(postmortem, reason="Never mind.", **give)


def test_moving_an_action_to_a_finding_takes_its_reason_away() -> None:
    postmortem = review.draft()
    (finding,) = review.standing(postmortem)
    action = review.action(postmortem)
    acting.give_reason(postmortem, finding_line=finding.line, reason="Too rare.", by=postmortem.author, now=LATER)
    acting.edit(action, finding_line=finding.line, by=postmortem.author, now=LATER)
    assert not NoActionReason.objects.exists()


def test_a_reason_needs_words() -> None:
    postmortem = review.draft()
    (finding,) = review.standing(postmortem)
    with pytest.raises(Invalid):
        acting.give_reason(postmortem, finding_line=finding.line, reason=" ", by=postmortem.author, now=LATER)


def test_removing_is_for_drafts() -> None:
    postmortem = review.draft()
    acting.remove(review.action(postmortem), by=postmortem.author, now=LATER)
    assert not Action.objects.exists()


def test_after_publishing_an_action_can_only_be_done() -> None:
    postmortem = review.published()
    action = Action.objects.select_related("postmortem").get()
    (finding,) = review.standing(postmortem)
    by = {"by": postmortem.author, "now": LATER}
    for act in (
        lambda: review.action(postmortem, "One more"),
        lambda: acting.edit(action, title="Less", **by),
        lambda: acting.remove(action, **by),
        lambda: acting.give_reason(postmortem, finding_line=finding.line, reason="No.", **by),
    ):
        with pytest.raises(freezing.Frozen):
            act()
    settling.mark_done(action, **by)
    assert Action.objects.get().done_at == LATER
