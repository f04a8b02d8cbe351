"""SNS: what is signed, and which addresses in a message may be trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from incidents.alerts.sources import sns
from tests.incidents.alerts.sources.telling import OURS

TOPIC = "arn:aws:sns:eu-west-1:111122223333:alarms"


def message(name: str, **changed: Any) -> dict[str, Any]:
    return {**json.loads((OURS / "cloudwatch" / f"{name}.json").read_bytes()), **changed}


def test_a_notification_signs_its_fields_in_order() -> None:
    said = message("plain_text")
    assert sns.signed_text(said).decode() == (
        "Message\nHello from a person\nMessageId\n11111111-2222-4333-8444-555555555555\nSubject\nALARM\n"
        f"Timestamp\n2026-11-20T12:00:00.200Z\nTopicArn\n{TOPIC}\nType\nNotification\n"
    )


def test_without_a_subject_none_is_signed() -> None:
    said = message("plain_text")
    del said["Subject"]
    assert b"Subject" not in sns.signed_text(said)


def test_a_confirmation_signs_its_address_and_token() -> None:
    names = sns.signed_text(message("subscription")).decode().split("\n")[::2]
    assert names[:-1] == ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]


@pytest.mark.parametrize(
    "changed", [{"Type": "Other"}, {"Type": ["x"]}, {"MessageId": None}, {"Message": 3}, {"Message": "\ud800"}]
)
def test_what_cannot_have_been_signed_says_so(changed: dict[str, Any]) -> None:
    with pytest.raises(sns.NotSigned):
        sns.signed_text(message("plain_text", **changed))


def test_both_versions_of_signatures() -> None:
    assert [sns.algorithm({"SignatureVersion": version}) for version in "12"] == ["sha1", "sha256"]
    for version in ("3", 1, None, []):
        with pytest.raises(sns.NotSigned):
            sns.algorithm({"SignatureVersion": version})


PEM = "/SimpleNotificationService-0123abcd.pem"
OTHERS = [
    "http://sns.eu-west-1.amazonaws.com",
    "https://sns.eu-west-1.amazonaws.com.attacker.example",
    "https://attacker.example/sns.eu-west-1.amazonaws.com",
    "https://sns.eu-west-1.amazonaws.com@attacker.example",
    "https://user@sns.eu-west-1.amazonaws.com",
    "https://sns.eu-west-1.amazonaws.com:8443",
    "https://sns.eu-west-1.amazonaws.com:443",
    "https://bucket.s3.amazonaws.com",
    "https://sns.attacker.amazonaws.com",
    "https://sns.eu-west-1.amazonaws.com\\@attacker.example",
    "https://sns.eu-west-1.amazonaws.com\n",
    "https://snsXeu-west-1.amazonaws.com",
    "https://169.254.169.254",
    "https://[::1",
    "ftp://sns.eu-west-1.amazonaws.com",
    "//sns.eu-west-1.amazonaws.com",
]


@pytest.mark.parametrize(
    "host", ["sns.eu-west-1.amazonaws.com", "sns.us-gov-west-1.amazonaws.com", "sns.cn-north-1.amazonaws.com.cn"]
)
def test_genuine_hosts(host: str) -> None:
    assert sns.certificate_url({"SigningCertURL": f"https://{host}{PEM}"})
    assert sns.certificate_url({"SigningCertUrl": f"https://{host}{PEM}"})
    address = f"https://{host}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=1"
    assert sns.subscribe_url({"TopicArn": TOPIC, "SubscribeURL": address}) == address


@pytest.mark.parametrize("origin", OTHERS)
def test_other_hosts_are_not_trusted(origin: str) -> None:
    assert sns.certificate_url({"SigningCertURL": origin + PEM}) is None
    confirm = f"{origin}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=1"
    assert sns.subscribe_url({"TopicArn": TOPIC, "SubscribeURL": confirm}) is None


@pytest.mark.parametrize(
    "path", ["/other.pem", "/SimpleNotificationService-..%2f.pem", "/a" + PEM, PEM + "?x=1", PEM + "#x"]
)
def test_only_certificates_of_sns(path: str) -> None:
    assert sns.certificate_url({"SigningCertURL": f"https://sns.eu-west-1.amazonaws.com{path}"}) is None


@pytest.mark.parametrize("value", [None, 3, "", [], "x" * 3000, "https://sns.eu-west-1.amazonaws.cöm/"])
def test_what_is_no_address(value: Any) -> None:
    assert sns.certificate_url({"SigningCertURL": value}) is None
    assert sns.subscribe_url({"SubscribeURL": value}) is None


def test_only_the_confirmation_of_this_topic() -> None:
    other = message("subscription", TopicArn="arn:aws:sns:eu-west-1:111122223333:other")
    assert sns.subscribe_url(other) is None
    deleted = message(
        "subscription", SubscribeURL=f"https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic&TopicArn={TOPIC}"
    )
    assert sns.subscribe_url(deleted) is None


@pytest.mark.parametrize(
    ("arn", "good"),
    [
        (TOPIC, True),
        ("arn:aws-us-gov:sns:us-gov-west-1:111122223333:a.b_c-d.fifo", True),
        ("arn:aws:sns:eu-west-1:111122223333:" + "a" * 257, False),
        ("arn:aws:sns:eu-west-1:111122223333:a b", False),
        ("arn:aws:sqs:eu-west-1:111122223333:alarms", False),
        (TOPIC + "\n", False),
        (["x"], False),
        (None, False),
    ],
)
def test_what_is_a_topic(arn: Any, good: bool) -> None:
    assert sns.is_topic(arn) is good
    if not good:
        with pytest.raises(sns.NotSigned):
            sns.topic({"TopicArn": arn})


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"Type": "Notification", "TopicArn": "x"}', True),
        (b'{"Type": "Notification"}', False),
        (b'{"Type": ["Notification"], "TopicArn": "x"}', False),
        (b'{"Type": "Other", "TopicArn": "x"}', False),
        (b'[{"Type": "Notification", "TopicArn": "x"}]', False),
        (b"words", False),
        (b"[" * 100_000, False),
    ],
)
def test_what_carries_the_envelope(body: bytes, found: bool) -> None:
    assert (sns.envelope(body) is not None) is found
