"""Subscriptions of Amazon SNS: confirmed when SNS asked and somebody allowed the topic, and only then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from incidents.alerts import certifying, confirming, intake, sourcing, tasks
from incidents.alerts.models import Delivery, Source
from incidents.alerts.sources import sns
from incidents.alerts.trust_models import SnsCertificate, TopicSubscription
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts import topics
from tests.incidents.alerts.factories import minutes
from tests.incidents.alerts.topics import CERTIFICATE, SUBSCRIBE, TOPIC, Aws
from web.errors import Invalid
from web.outgoing import Answer, Forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Person:
    return make.person(role="editor")


@pytest.fixture
def source() -> Source:
    return sourcing.add(kind="cloudwatch", name="Alarms", by=None, now=NOON)[0]


@pytest.fixture(autouse=True)
def known() -> None:
    """The certificate is here already."""
    SnsCertificate.objects.create(url=CERTIFICATE, pem=topics.pem(), wanted_at=NOON, fetched_at=NOON)


def send(source: Source, message: Any, at: Any = NOON) -> Delivery:
    """Store a message and digest it."""
    taken = intake.store(source, body=json.dumps(message).encode(), headers={}, now=at)
    am.drain(at)
    return Delivery.objects.get(pk=taken.id)


def state_of(topic: str = TOPIC) -> str:
    return TopicSubscription.objects.get(topic=topic).state


def test_a_topic_on_the_list_is_confirmed(source: Source, by: Person) -> None:
    confirming.set_rules(source, sns_check="check", topics=[TOPIC], by=by, now=NOON)
    assert send(source, topics.message(sns.SUBSCRIPTION)).state == "digested"
    aws = Aws()
    assert (state_of(), aws.asked) == ("due", [])
    assert confirming.drain(now=NOON, fetch=aws.fetch) == 1
    assert (state_of(), aws.asked) == ("confirmed", [SUBSCRIBE])
    assert confirming.drain(now=minutes(1), fetch=aws.fetch) == 0


def test_without_a_list_it_waits_for_one_click(source: Source, by: Person) -> None:
    send(source, topics.message(sns.SUBSCRIPTION))
    assert state_of() == "waiting"
    assert confirming.drain(now=NOON, fetch=Aws().fetch) == 0
    confirming.allow(TopicSubscription.objects.get(), by=by, now=NOON)
    source.refresh_from_db()
    assert (source.topics, state_of()) == ([TOPIC], "due")
    confirming.drain(now=NOON, fetch=Aws().fetch)
    with pytest.raises(confirming.NothingToConfirm):
        confirming.allow(TopicSubscription.objects.get(), by=by, now=NOON)


def test_a_topic_off_the_list_is_refused_until_it_is_put_there(source: Source, by: Person) -> None:
    confirming.set_rules(source, sns_check="check", topics=[f"{TOPIC}-others"], by=by, now=NOON)
    send(source, topics.message(sns.SUBSCRIPTION))
    assert (state_of(), confirming.drain(now=NOON, fetch=Aws().fetch)) == ("refused", 0)
    confirming.set_rules(source, sns_check="check", topics=[TOPIC], by=by, now=NOON)
    assert state_of() == "due"


@pytest.mark.parametrize(
    "changed",
    [
        {"SubscribeURL": "https://attacker.example/?Action=ConfirmSubscription"},
        {"SubscribeURL": SUBSCRIBE.replace("ConfirmSubscription", "DeleteTopic")},
        {"SubscribeURL": SUBSCRIBE.replace(TOPIC, f"{TOPIC}2")},
    ],
)
def test_a_signed_confirmation_still_leads_nowhere_else(source: Source, changed: dict[str, str]) -> None:
    assert "is not one of SNS" in send(source, topics.message(sns.SUBSCRIPTION, **changed)).reason
    assert not TopicSubscription.objects.exists()


def test_a_forged_confirmation_is_never_asked_about(source: Source, by: Person) -> None:
    confirming.set_rules(source, sns_check="check", topics=[TOPIC], by=by, now=NOON)
    assert send(source, topics.message(sns.SUBSCRIPTION, key=2)).state == "rejected"
    assert not TopicSubscription.objects.exists()


def test_a_second_request_replaces_the_first_and_an_older_one_does_not(source: Source) -> None:
    newer = SUBSCRIBE.replace("Token=abc", "Token=def")
    send(source, topics.message(sns.SUBSCRIPTION, SubscribeURL=newer), at=minutes(5))
    send(source, topics.message(sns.SUBSCRIPTION), at=minutes(1))
    one = TopicSubscription.objects.get()
    assert (one.url, one.asked_at) == (newer, minutes(5))


def test_sns_that_is_away_is_told_again_and_then_given_up(source: Source, by: Person) -> None:
    send(source, topics.message(sns.SUBSCRIPTION))
    confirming.allow(TopicSubscription.objects.get(), by=by, now=NOON)
    aws, at = Aws(confirmation=Answer(503, b"")), NOON
    for wait in certifying.WAITS:
        assert confirming.drain(now=at, fetch=aws.fetch) == 1
        assert state_of() == "due"
        at += wait
    confirming.drain(now=at, fetch=aws.fetch)
    one = TopicSubscription.objects.get()
    assert (one.state, one.next_try_at, one.reason) == ("failed", None, "SNS answered 503")
    confirming.allow(one, by=by, now=at)
    confirming.drain(now=at, fetch=Aws().fetch)
    assert state_of() == "confirmed"


@pytest.mark.parametrize("answer", [Answer(404, b""), Answer(302, b""), Forbidden("sns leads to 10.0.0.1")])
def test_a_refusal_of_sns_is_final(source: Source, by: Person, answer: Any) -> None:
    confirming.set_rules(source, sns_check="check", topics=[TOPIC], by=by, now=NOON)
    send(source, topics.message(sns.SUBSCRIPTION))
    assert confirming.drain(now=NOON, fetch=Aws(confirmation=answer).fetch) == 1
    assert state_of() == "failed"


def test_unsubscribing_is_noted(source: Source, by: Person) -> None:
    send(source, topics.message(sns.SUBSCRIPTION))
    send(source, topics.message(sns.UNSUBSCRIPTION), at=minutes(1))
    assert state_of() == "ended"


@pytest.mark.parametrize("topic", ["alarms", "arn:aws:sqs:eu-west-1:111122223333:alarms", "arn:aws:sns:x"])
def test_a_list_of_something_else(source: Source, by: Person, topic: str) -> None:
    with pytest.raises(Invalid) as refused:
        confirming.set_rules(source, sns_check="check", topics=[topic], by=by, now=NOON)
    assert refused.value.field == "topics"


def test_the_task_asks_nobody_when_nothing_is_due() -> None:
    assert tasks.confirm_subscriptions() == 0
