"""Whoever loses sight of a private incident keeps no notice of it, and webhooks hear no more of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from incidents.response import broadcasting, bulk, confiding, handing_off, lifecycle, merging, participating
from incidents.response.models import Incident
from incidents.response.queries import visible
from ownership import delivering, notifying, subscribing
from ownership.models import Notice, Person, Webhook, WebhookDelivery
from ownership.vocabulary import NoticeKind
from tests import factories as make
from tests.factories import NOON
from tests.ownership.test_concurrency import at_once
from web.errors import ConstraintBroken

pytestmark = pytest.mark.django_db
WORD = "Zanzibar"


@pytest.fixture
def by() -> Person:
    return make.person("Maya Okafor", role="admin")


def told(incident: Incident, person: Person) -> None:
    path = f"/incidents/{incident.pk}/"
    notifying.tell([person], kind=NoticeKind.GIVEN, text=f"{WORD} is yours", path=path, now=NOON)
    assert knows(person)


def knows(person: Person) -> bool:
    return Notice.objects.filter(person=person, text__contains=WORD).exists()


def listener(by: Person, *, private: bool = False) -> Webhook:
    events = [one.name for one in broadcasting.EVENTS.values()]
    return subscribing.add(name="x", url="https://example.org/", events=events, private=private, by=by, now=NOON)[0]


def messages(hook: Webhook) -> list[tuple[str, bool]]:
    """The state of each, and whether its words are there."""
    return [(row.state, WORD in row.body) for row in WebhookDelivery.objects.filter(webhook=hook).order_by("pk")]


def test_naming_another_service_takes_the_notices_of_the_ones_before(by: Person) -> None:
    before, after = make.person(), make.person()
    incident = make.incident(WORD, service=make.service(owner=before), by=by, private=True)
    told(incident, before)
    lifecycle.set_service(incident, service=make.service(owner=after), by=by, now=NOON)
    assert not knows(before)
    told(incident, after)
    told(incident, by)


def test_undoing_a_merge_takes_the_notices_of_whom_it_brought(by: Person) -> None:
    brought, stays = make.person(), make.person()
    gone, target = (make.incident(f"{WORD} {name}", by=by, private=True) for name in "ab")
    participating.bring_in(gone, brought, by=by, now=NOON)
    participating.bring_in(target, stays, by=by, now=NOON)
    merging.merge(gone, into=target, by=by, now=NOON)
    told(target, brought)
    merging.undo(gone, by=by, now=NOON)
    assert not visible.among(brought, [target.pk])
    assert not Notice.objects.filter(person=brought, path=f"/incidents/{target.pk}/").exists()
    assert Notice.objects.filter(person=brought, path=f"/incidents/{gone.pk}/").exists()
    assert Notice.objects.filter(person=stays, path=f"/incidents/{target.pk}/").exists()


@pytest.mark.parametrize("many", [False, True])
def test_passing_the_ball_on_takes_the_notices_of_who_had_it_and_left(by: Person, many: bool) -> None:
    holder, heir = make.person(), by if many else make.person()
    incident = make.incident(WORD, by=by, private=True)
    handing_off.give(incident, to=holder, reason="yours", by=by, now=NOON)
    participating.leave(incident, by=holder, now=NOON)
    assert knows(holder)
    if many:
        bulk.acknowledge([incident.pk], by=heir, now=NOON)
    else:
        handing_off.give(incident, to=heir, reason="yours", by=by, now=NOON)
    assert Incident.objects.get(pk=incident.pk).ball == heir
    assert not visible.among(holder, [incident.pk])
    assert not knows(holder)


def test_what_waits_for_webhooks_of_an_incident_that_becomes_private_is_called_back(by: Person) -> None:
    open_one, confidant = listener(by), listener(by, private=True)
    incident, other = make.incident(WORD, by=by), make.incident(f"{WORD} too", by=by)
    broadcasting.drain(now=NOON)
    sent = WebhookDelivery.objects.get(webhook=open_one, about=other.ref)
    WebhookDelivery.objects.filter(pk=sent.pk).update(delivered_at=NOON, next_try_at=None)
    for one in (incident, other):
        confiding.make_private(one, reason="a name in it", by=by, now=NOON)
    assert messages(open_one) == [("withheld", False), ("delivered", False)]
    assert messages(confidant) == [("waiting", True), ("waiting", True)]
    with pytest.raises(delivering.Withheld):
        delivering.send_again(sent, by=by, now=NOON)  # though it was read before
    confiding.make_public(incident, reason="it was a mistake", by=by, now=NOON)
    assert messages(open_one)[0] == ("withheld", False)
    broadcasting.drain(now=NOON)
    assert set(messages(open_one)[2:]) <= {("waiting", True)}


def test_what_was_merged_into_it_is_called_back_with_it(by: Person) -> None:
    hook = listener(by)
    gone, target = make.incident(WORD, by=by), make.incident(WORD, by=by)
    broadcasting.drain(now=NOON)
    merging.merge(gone, into=target, by=by, now=NOON)
    confiding.make_private(target, reason="x", by=by, now=NOON)
    assert messages(hook) == [("withheld", False)] * 2


def test_a_try_that_fails_meanwhile_is_not_tried_again(by: Person) -> None:
    hook = listener(by)
    incident = make.incident(WORD, by=by)
    broadcasting.drain(now=NOON)
    row = WebhookDelivery.objects.get(webhook=hook)
    confiding.make_private(incident, reason="x", by=by, now=NOON)
    delivering._failed(row, delivering._Outcome(status=500, said="no"), now=NOON)  # it was on its way
    assert messages(hook) == [("withheld", False)]


def test_a_webhook_that_is_told_of_private_ones_no_more_keeps_none(by: Person) -> None:
    hook = listener(by, private=True)
    make.incident(f"{WORD} hidden", by=by, private=True)
    public, later = make.incident(f"{WORD} public", by=by), make.incident(f"{WORD} later", by=by)
    broadcasting.drain(now=NOON)
    confiding.make_private(later, reason="x", by=by, now=NOON)
    subscribing.change(hook, name="x", url="https://example.com/", events=hook.events, private=False)
    states = {row.about: row.state for row in WebhookDelivery.objects.filter(webhook=hook)}
    assert states.pop(public.ref) == "waiting"
    assert set(states.values()) == {"withheld"}


@pytest.mark.django_db(transaction=True)
def test_whatever_is_written_while_it_becomes_private_is_called_back_too(by: Person) -> None:
    hook = listener(by)

    def again(sent: WebhookDelivery) -> Callable[[], object]:
        return lambda: delivering.send_again(sent, by=by, now=NOON + timedelta(minutes=1))

    for _ in range(4):
        first, second = make.incident(WORD, by=by), make.incident(WORD, by=by)
        broadcasting.drain(now=NOON)
        sent = WebhookDelivery.objects.get(webhook=hook, about=first.ref)
        lifecycle.note(second, text=WORD, by=by, now=NOON)

        def confide(both: tuple[Incident, ...] = (first, second)) -> None:
            for one in both:
                confiding.make_private(one, reason="x", by=by, now=NOON)

        raised = at_once(confide, again(sent), lambda: broadcasting.drain(now=NOON))
        assert {type(error) for error in raised} <= {type(None), delivering.Withheld, ConstraintBroken}
        assert set(messages(hook)) == {("withheld", False)}
