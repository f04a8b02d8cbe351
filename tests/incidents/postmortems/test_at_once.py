"""Two acts that meet on an incident and its postmortem: the incident is held before the postmortem by both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from incidents.postmortems import acting, drafting, proposing, publishing, reviewing
from incidents.postmortems.models import Action, Postmortem
from incidents.postmortems.queries import review as reviews
from incidents.response import bulk, findings, lifecycle, suggesting
from incidents.response.bulk import Found
from incidents.response.models import Finding, Incident, SuggestionVerdict
from ownership import people, reassigning
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.threads import PATIENCE, Other

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], object]
JUST_BEFORE = LATER - timedelta(milliseconds=10)


def meet(monkeypatch: pytest.MonkeyPatch, first: Act, at: tuple[Any, str], second: Act) -> None:
    """`second` begins when `first`, its locks held, comes to the function `at`, which goes on once `second` waits.

    A deadlock comes out of either of them.
    """
    place, name = at
    really = getattr(place, name)
    other = Other(second)

    def reached(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(place, name, really)
        other.start()
        assert other.waits_for_us(), other.raised
        return really(*args, **kwargs)

    monkeypatch.setattr(place, name, reached)
    first()
    other.join(PATIENCE)
    assert not other.is_alive()
    if other.raised is not None:
        raise other.raised


@pytest.mark.parametrize("many", [False, True])
def test_resolving_with_a_finding_and_adding_an_action(
    monkeypatch: pytest.MonkeyPatch, maya: Person, many: bool
) -> None:
    incident = make.incident("Slow answers", by=maya)
    postmortem = drafting.start(incident, by=maya, now=LATER)

    def resolve() -> object:
        if many:
            return bulk.resolve([incident.pk], found={incident.pk: Found("data")}, by=maya, now=LATER)
        return lifecycle.resolve(incident, layer="data", by=maya, now=LATER)

    def add() -> object:
        return acting.add(postmortem, title="Cap the retries", by=maya, now=LATER)

    meet(monkeypatch, resolve, (findings, "tell_of"), add)
    incident.refresh_from_db()
    assert (incident.resolved_at, Finding.objects.count(), Action.objects.count()) == (LATER, 1, 1)


def test_judging_a_suggestion_on_both_pages(monkeypatch: pytest.MonkeyPatch, maya: Person) -> None:
    postmortem = review.draft(by=maya, mode=None)
    suggestion = {"rule": "p99", "book": "layer", "version": 1, "why": "p99 of the index"}
    Incident.objects.update(suggested_layer="latency", suggestion=suggestion)
    incident = Incident.objects.get()

    def find() -> object:
        return suggesting.find(incident, "latency", by=maya, now=LATER)

    def judge() -> object:
        return proposing.judge(postmortem, "latency", by=maya, now=LATER)

    meet(monkeypatch, find, (findings, "tell_of"), judge)
    assert (SuggestionVerdict.objects.count(), Finding.objects.count()) == (1, 1)


def test_giving_a_private_action_on_while_it_is_edited(monkeypatch: pytest.MonkeyPatch, maya: Person) -> None:
    gone, to = make.person("Priya"), make.person("Jonas")
    postmortem = review.draft(by=maya)
    action = review.action(postmortem, by=maya, owner=gone)
    Incident.objects.update(private=True)
    people.deactivate(gone, by=make.person(role="admin"), now=LATER)

    def give() -> object:
        return reassigning.give([], others=[f"action:{action.pk}"], to=to, by=maya, now=LATER)

    def edit() -> object:
        return acting.edit(action, title="Cap them at two", by=maya, now=LATER)

    meet(monkeypatch, give, (acting, "_let_in"), edit)
    action.refresh_from_db()
    assert (action.owner, action.title) == (to, "Cap them at two")


def test_two_who_record_the_primary_finding(monkeypatch: pytest.MonkeyPatch, maya: Person) -> None:
    postmortem = review.draft(by=maya, mode=None)
    mode = review.mode(review.RETRIES)

    def by_program() -> object:
        return findings.record(postmortem.incident, mode=mode, primary=True, by=maya, now=LATER)

    def by_hand() -> object:
        return reviewing.add(postmortem, mode=mode, primary=True, evidence="trace", by=maya, now=LATER)

    meet(monkeypatch, by_program, (findings, "tell_of"), by_hand)
    standing = Finding.objects.filter(superseded_at=None)
    assert sorted(standing.values_list("primary", flat=True)) == [False, True]


# ---- what is published is what the checklist saw ----


def shown() -> list[tuple[str, str]]:
    fresh = Postmortem.objects.select_related("incident", "template").get()
    assert fresh.published_at is not None
    return [(one.evidence, one.state) for one in reviews.of(fresh).findings]


def test_a_finding_corrected_while_publishing_waited_is_published_corrected(maya: Person) -> None:
    postmortem = review.ready(by=maya)
    (then,) = review.standing(postmortem)
    reviewing.revise(postmortem, then, seen=then.pk, evidence="corrected", by=maya, now=LATER)
    publishing.publish(postmortem, by=maya, now=JUST_BEFORE)
    assert shown() == [("corrected", "reviewed")]
    postmortem.refresh_from_db()
    assert (postmortem.published_at, Incident.objects.get().closed_at) == (LATER, LATER)


def test_a_finding_that_waited_for_publishing_is_no_part_of_what_is_published(
    monkeypatch: pytest.MonkeyPatch, maya: Person
) -> None:
    postmortem = review.ready(by=maya)

    def record() -> object:
        return findings.record(postmortem.incident, layer="data", by=maya, now=JUST_BEFORE)

    def publish() -> object:
        return publishing.publish(postmortem, by=maya, now=LATER)

    meet(monkeypatch, publish, (publishing, "checklist"), record)
    assert (shown(), len(review.standing(postmortem))) == ([("trace 13:14", "reviewed")], 2)


@pytest.mark.parametrize("act", [findings.withdraw, lambda one, **said: findings.revise(one, evidence="new", **said)])
def test_a_finding_changed_by_an_earlier_clock_is_published_as_it_was(maya: Person, act: Callable[..., object]) -> None:
    postmortem = review.published(by=maya)
    (then,) = review.standing(postmortem)
    act(then, by=maya, now=JUST_BEFORE)
    assert shown() == [("trace 13:14", "reviewed")]
