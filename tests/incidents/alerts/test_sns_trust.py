"""Amazon SNS: what it signed is believed, nothing else; only topics that somebody allowed are confirmed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.alerts import certifying, confirming, digest, intake, judging, replaying, sourcing, tasks
from incidents.alerts.models import Delivery, Source
from incidents.alerts.sources import sns
from incidents.alerts.trust_models import SnsCertificate, TopicSubscription
from ownership.models import Person
from tests import certificates
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts import topics
from tests.incidents.alerts.factories import minutes
from tests.incidents.alerts.topics import CERTIFICATE, TOPIC, Aws
from web.outgoing import Answer, Forbidden, Unreachable

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Person:
    return make.person(role="editor")


@pytest.fixture
def source() -> Source:
    return sourcing.add(kind="cloudwatch", name="Alarms", by=None, now=NOON)[0]


@pytest.fixture
def known() -> SnsCertificate:
    """The certificate is here already."""
    return SnsCertificate.objects.create(url=CERTIFICATE, pem=topics.pem(), wanted_at=NOON, fetched_at=NOON)


def send(source: Source, message: Any, at: Any = NOON) -> Delivery:
    """Store a message and digest it."""
    taken = intake.store(source, body=json.dumps(message).encode(), headers={}, now=at)
    am.drain(at)
    return Delivery.objects.get(pk=taken.id)


# ---- signatures ----


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_sns_signed_becomes_an_alert(source: Source, known: SnsCertificate, version: str) -> None:
    assert send(source, topics.message(version=version)).state == "digested"
    assert source.alerts.get().title == "Slow answers"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Message": "{}"}, "its signature is not that of this message"),
        ({"TopicArn": f"{TOPIC}2"}, "its signature is not that of this message"),
        ({"Signature": ""}, "its signature is not that of this message"),
        ({"Signature": "é"}, "its signature is not that of this message"),
        ({"Signature": None}, "its signature is not that of this message"),
        ({"SignatureVersion": "2"}, "its signature is not that of this message"),
        ({"SignatureVersion": "3"}, "SignatureVersion is neither"),
        ({"MessageId": None}, "it has no MessageId"),
        ({"TopicArn": "arn:aws:iam::1:x"}, "no topic of SNS"),
        ({"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.attacker.example/x.pem"}, "names no certificate"),
        ({"SigningCertURL": None}, "names no certificate"),
    ],
)
def test_what_it_did_not_sign_is_rejected(
    source: Source, known: SnsCertificate, changed: dict[str, Any], said: str
) -> None:
    delivery = send(source, {**topics.message(), **changed})
    assert (delivery.state, said in delivery.reason) == ("rejected", True)
    assert not source.alerts.exists()
    assert not TopicSubscription.objects.exists()


def test_somebody_elses_key_is_not_sns(source: Source, known: SnsCertificate) -> None:
    assert "not that of this message" in send(source, topics.message(key=2)).reason


def test_a_certificate_counts_while_it_is_valid(source: Source, known: SnsCertificate) -> None:
    late = NOON + timedelta(days=40)
    assert "not valid when it came" in send(source, topics.message(), at=late).reason


@pytest.mark.parametrize("bits", [1024])
def test_a_weak_key_is_no_proof(bits: int) -> None:
    weak = certificates.certificate(
        "sns.amazonaws.com", certificates.rsa_key(bits=bits), begins=NOON - timedelta(days=1)
    )
    with pytest.raises(sns.NotSigned, match="no RSA key of 2048 bits"):
        sns.require_genuine(topics.message(), certificates.pem(weak), at=NOON)


def test_raw_delivery_is_taken_by_the_key_alone(source: Source, known: SnsCertificate, by: Person) -> None:
    alarm = json.loads(topics.message()["Message"])
    assert send(source, alarm).state == "digested"
    confirming.set_rules(source, sns_check="require", topics=[], by=by, now=NOON)
    rejected = send(source, alarm)
    assert (rejected.state, "takes only what SNS signed" in rejected.reason) == ("rejected", True)
    assert send(source, topics.message()).state == "digested"


def test_signatures_may_be_left_unchecked(source: Source, by: Person) -> None:
    confirming.set_rules(source, sns_check="off", topics=[], by=by, now=NOON)
    assert send(source, {**topics.message(), "Signature": "x"}).state == "digested"
    assert send(source, topics.message(sns.SUBSCRIPTION)).state == "digested"
    assert not TopicSubscription.objects.exists()
    assert not SnsCertificate.objects.exists()


def test_the_test_button_is_not_signed_by_sns(source: Source, by: Person) -> None:
    confirming.set_rules(source, sns_check="require", topics=[], by=by, now=NOON)
    intake.send_test(source, by=by, now=NOON)
    am.drain()
    assert source.alerts.get().is_test


def test_only_topics_on_the_list_may_post(source: Source, known: SnsCertificate, by: Person) -> None:
    confirming.set_rules(source, sns_check="check", topics=[f"{TOPIC}-others"], by=by, now=NOON)
    assert "is not on the source's list" in send(source, topics.message()).reason
    confirming.set_rules(source, sns_check="check", topics=[TOPIC], by=by, now=NOON)
    assert send(source, topics.message()).state == "digested"


@pytest.mark.parametrize("count", [1, 5])
def test_a_batch_costs_the_same_for_any_number(source: Source, known: SnsCertificate, count: int) -> None:
    for number in range(count):
        message = topics.message(MessageId=f"id-{number}")
        intake.store(source, body=json.dumps(message).encode(), headers={}, now=NOON)
    with CaptureQueriesContext(connection) as captured:
        assert digest.batch(now=NOON) == count
    assert len([query for query in captured if "snscertificate" in query["sql"]]) == 1


def test_other_kinds_pay_nothing(known: SnsCertificate) -> None:
    am.deliver(am.source(), am.alert())
    with CaptureQueriesContext(connection) as captured:
        digest.batch(now=NOON)
    assert not [query for query in captured if "snscertificate" in query["sql"] or "topicsub" in query["sql"]]


# ---- certificates ----


def test_a_message_is_held_until_its_certificate_was_fetched(source: Source) -> None:
    delivery, aws = send(source, topics.message()), Aws()
    assert (delivery.state, delivery.processed_at) == ("held", None)
    assert certifying.drain(now=minutes(1), fetch=aws.fetch) == 1
    am.drain(minutes(1))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, aws.asked) == ("digested", "", [CERTIFICATE])
    assert send(source, topics.message(MessageId="2")).state == "digested"
    assert certifying.drain(now=minutes(2), fetch=aws.fetch) == 0
    assert aws.asked == [CERTIFICATE]


def test_others_go_on_while_one_is_held(source: Source) -> None:
    other = am.source()
    held = send(source, topics.message())
    assert am.send(other, am.alert()).state == "digested"
    held.refresh_from_db()
    assert (held.state, digest.waiting_since()) == ("held", None)


def test_aws_that_is_away_is_asked_again_and_then_given_up(source: Source) -> None:
    delivery = send(source, topics.message())
    aws, at = Aws(certificate=Unreachable("sns.eu-west-1.amazonaws.com: no answer within 10 s")), NOON
    for wait in certifying.WAITS:
        certifying.drain(now=at, fetch=aws.fetch)
        am.drain(at)
        delivery.refresh_from_db()
        assert delivery.state == "held"
        certifying.drain(now=at + wait - timedelta(seconds=1), fetch=aws.fetch)
        at += wait
    assert len(aws.asked) == len(certifying.WAITS)
    certifying.drain(now=at, fetch=aws.fetch)
    am.drain(at)
    delivery.refresh_from_db()
    assert (delivery.state, "no answer within 10 s" in delivery.reason) == ("rejected", True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(404, b""), "SNS answered 404"),
        (Answer(302, b""), "SNS answered 302"),
        (Answer(200, b"<html>"), "is none"),
        (Answer(200, "é".encode()), "is none"),
        (Forbidden("sns leads to 10.0.0.1"), "10.0.0.1"),
    ],
)
def test_what_no_other_try_betters_is_rejected_at_once(source: Source, answer: Any, said: str) -> None:
    delivery = send(source, topics.message())
    certifying.drain(now=NOON, fetch=Aws(certificate=answer).fetch)
    am.drain()
    delivery.refresh_from_db()
    assert (delivery.state, said in delivery.reason) == ("rejected", True)


def test_a_certificate_that_was_given_up_is_tried_again_for_a_later_message(source: Source, by: Person) -> None:
    delivery = send(source, topics.message())
    certifying.drain(now=NOON, fetch=Aws(certificate=Answer(404, b"")).fetch)
    am.drain()
    assert send(source, topics.message(MessageId="2"), at=minutes(5)).state == "rejected"
    delivery.refresh_from_db()
    replaying.again(delivery, by=by, now=minutes(11))
    am.drain(minutes(11))
    certifying.drain(now=minutes(11), fetch=Aws().fetch)
    am.drain(minutes(11))
    delivery.refresh_from_db()
    assert delivery.state == "digested"


def test_one_that_was_held_too_late_is_found_all_the_same(source: Source, known: SnsCertificate) -> None:
    """Held by a digest that had not seen the certificate which came meanwhile."""
    delivery = send(source, topics.message())
    Delivery.objects.filter(pk=delivery.pk).update(state="held", processed_at=None)
    assert certifying.drain(now=NOON, fetch=Aws().fetch) == 0
    delivery.refresh_from_db()
    assert delivery.state == "waiting"


def test_only_so_many_certificates_are_wanted_at_once(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_WANTED", 1)
    other = CERTIFICATE.replace("0123", "4567")
    send(source, topics.message())
    assert send(source, topics.message(SigningCertURL=other)).state == "held"
    assert SnsCertificate.objects.count() == 1
    aws = Aws()
    for minute in (1, 2):
        certifying.drain(now=minutes(minute), fetch=aws.fetch)
        am.drain(minutes(minute))
    assert aws.asked == [CERTIFICATE, other]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"digested"}


def test_what_was_given_up_is_forgotten_after_a_day(source: Source) -> None:
    send(source, topics.message())
    certifying.drain(now=NOON, fetch=Aws(certificate=Answer(404, b"")).fetch)
    am.drain()
    send(source, topics.message(SigningCertURL=CERTIFICATE.replace("0123", "4567")), at=minutes(1500))
    certifying.drain(now=minutes(1500), fetch=Aws().fetch)
    assert SnsCertificate.objects.exclude(url=CERTIFICATE).get().pem
    assert SnsCertificate.objects.count() == 1


def test_the_task_asks_nobody_when_nothing_is_due() -> None:
    assert tasks.fetch_certificates() == 0
