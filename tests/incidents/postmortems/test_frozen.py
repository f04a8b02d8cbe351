"""What a published page shows besides its text: the database itself keeps it, and lets go on what goes on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction

from incidents.postmortems import acting, measuring, publishing, ruling_out, settling, tagging
from incidents.postmortems.measuring import Stage
from incidents.postmortems.models import (
    Action,
    Held,
    LayerTag,
    NoActionReason,
    Postmortem,
    RulingOut,
    StageLatency,
)
from incidents.postmortems.queries import review as reviews
from incidents.response import findings
from incidents.response.models import Finding
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from web.errors import ConstraintBroken, translated

pytestmark = pytest.mark.django_db
AFTER = LATER + timedelta(days=1)


@pytest.fixture
def draft(maya: Person) -> Postmortem:
    """With one row of everything."""
    draft = review.ready(by=maya)
    tagging.tag(draft, layer="latency", by=maya, now=LATER)
    ruling_out.say_not_established(draft, layer="data", by=maya, now=LATER)
    measuring.record(draft, stages=[Stage(name="Queue", p95_ms=100)], by=maya, now=LATER)
    found = review.finding(draft, "org.runbook_gap")
    acting.give_reason(draft, finding_line=found.line, reason="Known.", by=maya, now=LATER)
    earlier = review.action(review.draft(by=maya))
    Held.objects.create(postmortem=draft, action=earlier, answer="unknown", by=maya, known_from=LATER)
    return draft


@pytest.fixture
def published(draft: Postmortem, maya: Person) -> Postmortem:
    return publishing.publish(draft, by=maya, now=LATER)


def refused(change: Callable[[], object]) -> str:
    with pytest.raises(ConstraintBroken) as error, translated():
        change()
    return error.value.code


CHANGES: dict[str, Callable[[Postmortem, Person], object]] = {
    "an action comes": lambda of, by: Action.objects.create(postmortem=of, title="One more", created_by=by),
    "an action is moved in": lambda of, by: Action.objects.exclude(postmortem=of).update(postmortem=of),
    "an action goes": lambda of, by: Action.objects.filter(postmortem=of).delete(),
    "an action says another thing": lambda of, by: Action.objects.filter(postmortem=of).update(title="Other"),
    "an action is due later": lambda of, by: Action.objects.filter(postmortem=of).update(due_on=date(2027, 1, 1)),
    "an action proves less": lambda of, by: Action.objects.filter(postmortem=of).update(done_when="Never."),
    "a reason comes": lambda of, by: NoActionReason.objects.create(
        postmortem=of, finding_line=uuid.uuid4(), reason="So.", by=by
    ),
    "a reason says another thing": lambda of, by: NoActionReason.objects.update(reason="Other."),
    "a reason goes": lambda of, by: NoActionReason.objects.all().delete(),
    "a stage comes": lambda of, by: StageLatency.objects.create(
        postmortem=of, line=uuid.uuid4(), position=9, name="Late", p95_ms=1, by=by
    ),
    "a stage is superseded": lambda of, by: StageLatency.objects.update(superseded_at=AFTER),
    "a stance comes": lambda of, by: RulingOut.objects.create(postmortem=of, layer="guardrail", by=by),
    "a stance is superseded": lambda of, by: RulingOut.objects.update(superseded_at=AFTER),
    "a tag comes": lambda of, by: LayerTag.objects.create(postmortem=of, layer="guardrail", by=by),
    "a tag ends": lambda of, by: LayerTag.objects.update(untagged_at=AFTER, untagged_by=by),
    "an answer is superseded": lambda of, by: Held.objects.update(superseded_at=AFTER),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_published_stays(published: Postmortem, maya: Person, change: Callable[..., object]) -> None:
    assert refused(lambda: change(published, maya)) == "published_frozen"


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_draft_changes(draft: Postmortem, maya: Person, change: Callable[..., object]) -> None:
    with transaction.atomic():
        change(draft, maya)


def test_a_published_action_goes_on(published: Postmortem, maya: Person) -> None:
    tomas = make.person("Tomás Brandt")
    action = Action.objects.select_related("postmortem__incident").get(postmortem=published)
    url = "https://tracker.example.org/1"
    settling.snooze(action, until=(AFTER + timedelta(days=9)).date(), reason="Waits.", by=maya, now=AFTER)
    settling.note_ticket(action, url=url, state="open", by=maya, now=AFTER)
    settling.mark_done(action, by=tomas, now=AFTER)
    settling.verify(action, evidence="link", ref=url, note="Holds.", by=make.person(), now=AFTER)
    settling.reopen(action, reason="Came back.", by=maya, now=AFTER)
    Person.objects.filter(pk=maya.pk).update(is_active=False)
    assert acting.give([action.pk], to=tomas, by=tomas, now=AFTER) == []
    action.refresh_from_db()
    assert (action.owner, action.state, action.ticket_url) == (tomas, "open", url)


def test_a_finding_is_known_after_publishing(published: Postmortem, maya: Person) -> None:
    """The acts see to it, and the database refuses what is dated back past them."""
    shown = [one.pk for one in reviews.of(published).findings]
    (first, *_) = review.standing(published)
    early = LATER - timedelta(hours=1)
    dated_back: list[Callable[[], object]] = [
        lambda: Finding.objects.create(incident=published.incident, layer="data", by=maya, known_from=early),
        lambda: Finding.objects.create(incident=published.incident, layer="data", by=maya, known_from=LATER),
        lambda: Finding.objects.filter(pk=first.pk).update(superseded_at=LATER),
    ]
    assert [refused(change) for change in dated_back] == ["published_meanwhile"] * 3
    findings.record(published.incident, layer="data", by=maya, now=early)
    findings.revise(first, role="trigger", by=maya, now=AFTER)
    assert [one.pk for one in reviews.of(published).findings] == shown
