"""Actions of the incidents in scope, as they stand and as they stood at an instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.patterns.answers.follow_through import Lasted
from incidents.patterns.answers.promises import Kept
from incidents.patterns.queries import actions, facts
from incidents.patterns.questions import follow_through, promises
from incidents.patterns.questions.asking import about
from incidents.patterns.window import Window
from incidents.postmortems import settling
from incidents.postmortems.models import Action
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.incidents.patterns.factories import happened, window
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db
CLOCK = timezone.now()  # the database says itself since when an incident is known: now
DAY = timedelta(days=1)
LAST = CLOCK - 60 * DAY
END = CLOCK + 100 * DAY
SHOWN: dict[str, Any] = {"evidence": "test_run", "ref": "https://ci.example.org/runs/7", "note": "1.2 calls a question"}


@pytest.fixture
def viewer() -> Person:
    return make.person("Vera Ilić", role="viewer")


def written(days: int = 0, *, private: bool = False, **fields: Any) -> Action:
    """An action of a published review, written down so many days after CLOCK."""
    incident = happened(LAST, by=make.person())
    postmortem = review.draft(incident=incident, by=make.person())
    action = review.action(postmortem, **fields)
    review.rewrite(Action.objects.filter(pk=action.pk), created_at=CLOCK + days * DAY)
    if private:
        Incident.objects.filter(pk=incident.pk).update(private=True)
    return Action.objects.select_related("postmortem").get(pk=action.pk)


def stands(asked: Window, viewer: Person) -> list[Lasted]:
    rows = actions.lasted(facts.scope(asked, viewer), clock=asked.as_of)
    return sorted(rows, key=lambda row: (row.how, row.days or 0))


def day(count: float) -> datetime:
    return CLOCK + count * DAY


def test_days_until_done_or_so_far(viewer: Person) -> None:
    by = make.person()
    settling.mark_done(written(), by=by, now=day(0.2))
    settling.mark_done(written(), by=by, now=day(10.5))
    settling.verify(settling.mark_done(written(10), by=by, now=day(20.5)), **SHOWN, by=make.person(), now=day(30))
    settling.decline(written(), reason="the vendor did it", by=by, now=day(40))
    written(90)
    written(90, private=True)
    written(120)  # not yet
    assert stands(window(END), viewer) == [
        Lasted("declined", 100, 1),
        Lasted("done", 1, 1),
        Lasted("done", 11, 1),
        Lasted("open", 10, 1),
        Lasted("verified", 11, 1),
    ]
    assert stands(window(END, severity="sev1"), viewer) == []


def test_as_it_stood(viewer: Person) -> None:
    by, other = make.person(), make.person()
    action = written()
    settling.mark_done(action, by=by, now=day(5))
    settling.send_back(action, reason="it does not hold", by=other, now=day(10))
    settling.mark_done(action, by=by, now=day(15))
    settling.verify(action, **SHOWN, by=other, now=day(20))
    settling.reopen(action, reason="it came back", by=other, now=day(25))
    settling.decline(action, reason="we drop the feature", by=by, now=day(30))
    told = []
    for at in (3, 7, 12, 17, 22, 27, 35):
        (row,) = stands(window(END, as_of=day(at).isoformat()), viewer)
        told.append((row.how, row.days))
    assert told == [
        ("open", 3), ("done", 5), ("open", 12), ("done", 15), ("verified", 15), ("open", 27), ("declined", 35),
    ]  # fmt: skip


def test_now_and_as_of_now_are_the_same(viewer: Person) -> None:
    by = make.person()
    settling.mark_done(written(), by=by, now=day(10))
    settling.decline(written(), reason="the vendor did it", by=by, now=day(12))
    settling.mark_undone(settling.mark_done(written(), by=by, now=day(9)), by=by, now=day(11))
    imported = written()
    review.rewrite(Action.objects.filter(pk=imported.pk), done_at=day(4), done_by=by)
    now = window(day(20))
    then = window(END, as_of=day(20).isoformat())
    assert stands(now, viewer) == stands(then, viewer)
    assert len(stands(now, viewer)) == 4
    for asked in (now, then):
        (row,) = actions.kept(facts.scope(asked, viewer), clock=asked.as_of)
        assert (row.actions, row.done, row.verified) == (4, 2, 0)


def test_what_was_due_and_what_was_promised(viewer: Person) -> None:
    by = make.person()
    late = {"due_on": day(20).date(), "priority": "high"}
    settling.mark_done(written(**late), by=by, now=day(20))
    settling.mark_done(written(**late), by=by, now=day(21))
    settling.decline(written(**late), reason="in time", by=by, now=day(20))
    settling.decline(written(**late), reason="too late", by=by, now=day(29.5))
    written(due_on=day(40).date())
    written(due_on=END.date())  # due today is not overdue
    found = {row.priority: row for row in actions.kept(facts.scope(window(END), viewer), clock=END)}
    assert found["high"] == Kept(
        "high", actions=4, due=3, on_time=1, overdue=0, promised=3, within=2, beyond=0, done=2, verified=0
    )
    assert found["normal"] == Kept(
        "normal", actions=2, due=1, on_time=0, overdue=1, promised=2, within=0, beyond=2, done=0, verified=0
    )


def test_marks_lead_to_the_board_with_the_service(viewer: Person, client: Client) -> None:
    service = make.service("Support answers")
    for _ in range(3):
        action = written(due_on=day(3).date())
        Incident.objects.filter(pk=action.postmortem.incident_id).update(service=service)
    asked = about(window(day(50), service="support-answers"), viewer)
    (first, *_) = follow_through.ask(asked).lines
    assert first.behind == {"address": "/actions/?owner=anyone&state=open&service=support-answers"}
    client.force_login(viewer)
    for line in [*follow_through.ask(asked).lines, *promises.ask(asked).lines]:
        for address in line.behind.values():
            assert client.get(address).status_code == 200
