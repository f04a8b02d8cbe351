"""Messages of Amazon SNS, signed with a key of our own, and what answers in AWS's place."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from incidents.alerts.sources import sns
from tests import certificates
from tests.factories import NOON
from web.outgoing import Answer

HOST = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0123456789abcdef.pem"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:alarms"
SUBSCRIBE = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"
DIGESTS: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}


def pem(**how: Any) -> str:
    """SNS's certificate, made by ourselves."""
    how = {"begins": NOON - timedelta(days=1), **how}
    return certificates.pem(certificates.certificate("sns.amazonaws.com", certificates.rsa_key(), **how))


def message(kind: str = sns.NOTIFICATION, *, version: str = "1", key: int = 1, **changed: Any) -> dict[str, Any]:
    """A message as SNS posts it, signed; `key` other than 1 is somebody else's."""
    alarm = {
        "AlarmName": "Slow answers",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:Slow answers",
        "NewStateValue": "ALARM",
        "StateChangeTime": NOON.isoformat(),
        "Trigger": {},
    }
    said = {
        "Type": kind,
        "MessageId": "11111111-2222-4333-8444-555555555555",
        "TopicArn": TOPIC,
        "Message": json.dumps(alarm) if kind == sns.NOTIFICATION else "You have chosen to subscribe",
        "Timestamp": "2026-11-20T12:00:00.200Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        "Subject": "ALARM: “Slow answers”",
    }
    if kind != sns.NOTIFICATION:
        del said["Subject"]
        said |= {"Token": "abc", "SubscribeURL": SUBSCRIBE}
    said |= changed
    private = certificates.rsa_key(key)
    signature = private.sign(sns.signed_text(said), padding.PKCS1v15(), DIGESTS[version])
    return {**said, "Signature": base64.b64encode(signature).decode()}


class Aws:
    """Answers in AWS's place, by address; keeps what was asked."""

    def __init__(self, **answers: Answer | Exception) -> None:
        self.asked: list[str] = []
        self.certificate: Answer | Exception = answers.get("certificate", Answer(200, pem().encode()))
        self.confirmation: Answer | Exception = answers.get("confirmation", Answer(200, b"<Confirmed/>"))

    @property
    def fetch(self) -> Callable[[str], Answer]:
        """In the place of outgoing.fetch."""
        return self._fetch

    def _fetch(self, url: str) -> Answer:
        self.asked.append(url)
        answer = self.confirmation if "Action=" in url else self.certificate
        if isinstance(answer, Exception):
            raise answer
        return answer
