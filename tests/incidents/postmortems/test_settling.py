"""How an action goes on: who may take which step, what it leaves behind, and what the database itself refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from incidents.postmortems import acting, settling
from incidents.postmortems.models import Action, ActionEvent
from incidents.postmortems.queries.unsettled import unsettled
from incidents.response.models import TimelineRow
from ownership.models import Notice, Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from web.errors import ConstraintBroken, DomainError, Invalid

pytestmark = pytest.mark.django_db
SHOWN: dict[str, Any] = {"evidence": "test_run", "ref": "https://ci.example.org/runs/7", "note": "1.2 calls a question"}


@pytest.fixture
def tomas() -> Person:
    return make.person("Tomás Brandt")


@pytest.fixture
def action(maya: Person, tomas: Person) -> Action:
    """Tomás owns it; its postmortem, by Maya, is published."""
    postmortem = review.published(by=maya)
    Action.objects.filter(postmortem=postmortem).update(owner=tomas)
    return Action.objects.select_related("postmortem").get()


def kept() -> Action:
    return Action.objects.get()


def steps() -> list[tuple[str, str]]:
    return [(one.kind, one.why) for one in ActionEvent.objects.order_by("pk")]


def test_done_is_verified_by_somebody_else(action: Action, maya: Person, tomas: Person) -> None:
    assert unsettled(action.postmortem) == [action]
    settling.mark_done(action, by=tomas, now=LATER)
    assert (kept().state, unsettled(action.postmortem)) == ("done", [action])
    settling.verify(action, **SHOWN, by=maya, now=LATER + timedelta(days=1))
    verified = kept()
    assert (verified.state, verified.verified_by, verified.done_by) == ("verified", maya, tomas)
    event = verified.verification
    assert event is not None
    assert (event.evidence, event.ref, event.why) == tuple(SHOWN.values())
    assert unsettled(action.postmortem) == []
    assert steps() == [("done", ""), ("verified", SHOWN["note"])]
    texts = TimelineRow.objects.filter(text__startswith="action “Cap the retries” ").values_list("text", flat=True)
    assert {"action “Cap the retries” done", "action “Cap the retries” verified"} <= set(texts)


@pytest.mark.parametrize("doer", ["owner", "helper"])
def test_neither_its_doer_nor_its_owner_verifies_it(action: Action, maya: Person, tomas: Person, doer: str) -> None:
    """Whoever presses “Done” for the owner does not make the owner somebody else."""
    did = tomas if doer == "owner" else maya
    settling.mark_done(action, by=did, now=LATER)
    for own in {did, tomas}:
        with pytest.raises(settling.OwnWork):
            settling.verify(action, **SHOWN, by=own, now=LATER)
        with pytest.raises(settling.OwnWork):
            settling.send_back(action, reason="not yet", by=own, now=LATER)
    settling.verify(action, **SHOWN, by=make.person(), now=LATER)
    assert kept().state == "verified"


@pytest.mark.parametrize(("field", "value"), [("evidence", "hope"), ("ref", " "), ("note", "")])
def test_a_verification_needs_evidence_a_place_and_a_note(action: Action, field: str, value: str) -> None:
    settling.mark_done(action, by=make.person(), now=LATER)
    with pytest.raises(Invalid) as refused:
        settling.verify(action, **{**SHOWN, field: value}, by=make.person(), now=LATER)
    assert refused.value.field == field
    assert kept().state == "done"


def test_what_does_not_hold_goes_back_with_the_reason(action: Action, maya: Person, tomas: Person) -> None:
    helper = make.person("Hana")
    settling.mark_done(action, by=helper, now=LATER)
    settling.send_back(action, reason="Only one of two retry loops.", by=maya, now=LATER)
    assert (kept().state, kept().done_by) == ("open", None)
    assert steps()[-1] == ("sent_back", "Only one of two retry loops.")
    said = "Maya Okafor sent the action “Cap the retries” back: Only one of two retry loops."
    told = Notice.objects.filter(text=said).values_list("person", flat=True)
    assert set(told) == {helper.pk, tomas.pk}


def test_it_can_be_declined_and_opened_again(action: Action, maya: Person, tomas: Person) -> None:
    settling.snooze(action, until=date(2026, 12, 20), reason="Freeze.", by=tomas, now=LATER)
    settling.decline(action, reason="The provider is gone.", by=maya, now=LATER)
    assert (kept().state, kept().snoozed_until, unsettled(action.postmortem)) == ("wont_do", None, [])
    settling.reopen(action, reason="It is back.", by=maya, now=LATER)
    assert (kept().state, kept().declined_by) == ("open", None)
    assert [kind for kind, _ in steps()] == ["snoozed", "declined", "reopened"]
    assert Notice.objects.filter(person=tomas, text__contains="will not be done").exists()


def test_what_was_verified_is_opened_again_with_a_reason_only(action: Action, maya: Person, tomas: Person) -> None:
    settling.mark_done(action, by=tomas, now=LATER)
    settling.verify(action, **SHOWN, by=maya, now=LATER)
    with pytest.raises(settling.NotWaiting):
        settling.mark_undone(action, by=tomas, now=LATER)
    with pytest.raises(Invalid):
        settling.reopen(action, reason=" ", by=tomas, now=LATER)
    settling.reopen(action, reason="It happened again.", by=tomas, now=LATER)
    assert (kept().state, kept().verification, kept().done_at) == ("open", None, None)


def test_a_snooze_keeps_the_due_date_and_ends(action: Action, tomas: Person) -> None:
    due = action.due_on
    today = LATER.date()
    settling.snooze(action, until=today + timedelta(days=9), reason="Freeze until then.", by=tomas, now=LATER)
    assert (kept().due_on, kept().snoozed(today), kept().snoozed(today + timedelta(days=9))) == (due, True, False)
    settling.wake(action, by=tomas, now=LATER)
    settling.wake(action, by=tomas, now=LATER)
    assert kept().snoozed_until is None
    assert [kind for kind, _ in steps()] == ["snoozed", "woken"]


@pytest.mark.parametrize("days", [0, -3, 366])
def test_a_snooze_is_for_some_time_within_a_year(action: Action, tomas: Person, days: int) -> None:
    with pytest.raises(Invalid) as refused:
        settling.snooze(action, until=LATER.date() + timedelta(days=days), reason="x", by=tomas, now=LATER)
    assert refused.value.field == "until"


def steps_out_of_turn() -> list[tuple[str, Callable[[Action, Person], Any]]]:
    return [
        ("open", lambda one, by: settling.verify(one, **SHOWN, by=by, now=LATER)),
        ("open", lambda one, by: settling.send_back(one, reason="x", by=by, now=LATER)),
        ("open", lambda one, by: settling.reopen(one, reason="x", by=by, now=LATER)),
        ("done", lambda one, by: settling.decline(one, reason="x", by=by, now=LATER)),
        ("done", lambda one, by: settling.snooze(one, until=date(2026, 12, 20), reason="x", by=by, now=LATER)),
        ("done", lambda one, by: settling.reopen(one, reason="x", by=by, now=LATER)),
        ("wont_do", lambda one, by: settling.mark_done(one, by=by, now=LATER)),
        ("wont_do", lambda one, by: settling.verify(one, **SHOWN, by=by, now=LATER)),
        ("wont_do", lambda one, by: settling.decline(one, reason="x", by=by, now=LATER)),
    ]


@pytest.mark.parametrize("turn", range(len(steps_out_of_turn())))
def test_a_step_out_of_turn_is_refused_and_changes_nothing(action: Action, tomas: Person, turn: int) -> None:
    state, step = steps_out_of_turn()[turn]
    if state == "done":
        settling.mark_done(action, by=tomas, now=LATER)
    if state == "wont_do":
        settling.decline(action, reason="Never.", by=tomas, now=LATER)
    before = (Action.objects.values().get(), steps())
    with pytest.raises(DomainError) as refused:
        step(action, make.person())
    assert (refused.value.status, refused.value.code[:7]) == (409, "action_")
    assert (Action.objects.values().get(), steps()) == before


def test_a_ticket_says_who_looked_and_when(action: Action, maya: Person) -> None:
    url = "https://tracker.example.org/T-7"
    settling.note_ticket(action, url=url, state="in_progress", by=maya, now=LATER)
    seen = kept()
    assert (seen.ticket_url, seen.ticket_state, seen.ticket_checked_by) == (url, "in_progress", maya)
    assert steps() == [("ticket", "in progress")]
    settling.note_ticket(action, url=" ", state="", by=maya, now=LATER)
    assert (kept().ticket_url, kept().ticket_state, kept().ticket_checked_at) == ("", "", None)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://a b", "tracker/T-7"])
def test_a_ticket_is_an_address_of_the_web(action: Action, maya: Person, url: str) -> None:
    with pytest.raises(ConstraintBroken) as refused:
        settling.note_ticket(action, url=url, state="open", by=maya, now=LATER)
    assert (refused.value.status, refused.value.code) == (422, "ticket_address")
    assert steps() == []


def test_what_happened_to_an_action_keeps_it_in_its_draft() -> None:
    action = review.action(review.draft())
    settling.mark_done(action, by=make.person(), now=LATER)
    settling.mark_undone(action, by=make.person(), now=LATER)
    with pytest.raises(acting.HasHistory):
        acting.remove(action, by=make.person(), now=LATER)
    assert Action.objects.exists()


# ---- what the database holds by itself ----


def test_what_happened_can_only_grow(action: Action, tomas: Person) -> None:
    settling.mark_done(action, by=tomas, now=LATER)
    for change in (lambda rows: rows.update(why="better"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change(ActionEvent.objects.all())


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("verified_at = now(), verified_by_id = done_by_id, verification_id = {event}", "action_verified_by_another"),
        ("verified_at = now(), verified_by_id = owner_id, verification_id = {event}", "action_verified_by_another"),
        ("verified_at = now(), verified_by_id = {other}", "action_verified_whole"),
        ("declined_at = now(), declined_by_id = {other}", "action_declined_whole"),
        ("snoozed_until = '2027-01-01'", "action_snoozed_while_open"),
        ("ticket_url = 'https://x'", "action_ticket_whole"),
    ],
)
def test_the_database_refuses_half_a_truth(action: Action, maya: Person, said: str, name: str) -> None:
    """Of an action that Maya marked as done and Tomás owns."""
    settling.mark_done(action, by=maya, now=LATER)
    event, other = ActionEvent.objects.get().pk, make.person().pk
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE incidents_action SET {said.format(event=event, other=other)}")


def test_a_priority_is_one_of_three() -> None:
    action = review.action(review.draft())
    with pytest.raises(IntegrityError, match="action_priority_known"), transaction.atomic():
        Action.objects.filter(pk=action.pk).update(priority="p0")


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "verified", "why": "seen"},
        {"kind": "verified", "why": "", "evidence": "link", "ref": "x"},
        {"kind": "done", "evidence": "link"},
        {"kind": "snoozed", "why": "later"},
        {"kind": "declined"},
        {"kind": "forgotten"},
    ],
)
def test_a_row_of_what_happened_is_whole(action: Action, tomas: Person, said: dict[str, str]) -> None:
    with pytest.raises(IntegrityError, match="action_event"), transaction.atomic():
        ActionEvent.objects.create(action=action, at=LATER, by=tomas, **said)
