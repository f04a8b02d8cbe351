"""Amazon SNS over HTTP: what its messages sign, and which addresses in them may be trusted.

Pure: it fetches nothing. Whoever confirms a subscription or fetches a certificate asks here first whether the address
is AWS's own, since both stand in a body that anyone may post. A certificate is trusted because it was fetched by
https from SNS's own host; whether a message was signed with its key is checked here.
Source of the format: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages".
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

NOTIFICATION = "Notification"
SUBSCRIPTION = "SubscriptionConfirmation"
UNSUBSCRIPTION = "UnsubscribeConfirmation"
# The fields that are signed, in byte order of their names; a notification's Subject only where it has one.
SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    UNSUBSCRIPTION: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
ALGORITHMS = {"1": "sha1", "2": "sha256"}
# By name: version 1 is SHA-1 and the default of topics, so refusing it would refuse nearly all of them.
_DIGESTS: dict[str, hashes.HashAlgorithm] = {name: getattr(hashes, name.upper())() for name in ALGORITHMS.values()}
KEY_BITS = 2048
_HOST = re.compile(r"sns\.[a-z]{2}(?:-[a-z]{1,20}){1,4}-\d\.amazonaws\.com(?:\.cn)?", re.ASCII)
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9A-Fa-f]{1,64}\.pem", re.ASCII)
_TOPIC = re.compile(r"arn:aws[a-z-]{0,20}:sns:[a-z0-9-]{1,40}:\d{1,20}:[A-Za-z0-9_.-]{1,256}", re.ASCII)
ADDRESS_LENGTH, TOPIC_LENGTH = 2000, 300


class NotSigned(ValueError):
    """The message cannot have been signed by SNS; the message says why."""


def envelope(body: bytes) -> dict[str, Any] | None:
    """The message that SNS put its envelope around; None for a body without one, such as a raw delivery.

    What was handed on by Lambda or SQS has other envelopes around it, and came from there.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    is_sns = isinstance(document, dict) and isinstance(document.get("Type"), str) and document["Type"] in SIGNED
    return document if is_sns and "TopicArn" in document else None


def require_genuine(message: Mapping[str, Any], pem: str, *, at: datetime) -> None:
    """Raise NotSigned unless the key of this certificate, valid at `at`, signed the message."""
    text, digest = signed_text(message), _DIGESTS[algorithm(message)]
    certificate = _certificate(pem)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise NotSigned("its certificate was not valid when it came")
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < KEY_BITS:
        raise NotSigned(f"its certificate holds no RSA key of {KEY_BITS} bits")
    try:
        signature = base64.b64decode(str(message.get("Signature", "")), validate=True)
        key.verify(signature, text, padding.PKCS1v15(), digest)
    except (InvalidSignature, ValueError, binascii.Error):
        raise NotSigned("its signature is not that of this message") from None


@lru_cache(maxsize=16)
def _certificate(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise NotSigned("what lies at the address of its certificate is none") from None


def require_certificate(pem: str) -> None:
    """Raise NotSigned unless this is a certificate in PEM."""
    _certificate(pem)


def topic(message: Mapping[str, Any]) -> str:
    """The ARN of the topic; NotSigned for what is none."""
    arn = message.get("TopicArn")
    if not is_topic(arn):
        raise NotSigned("its TopicArn is no topic of SNS")
    return str(arn)


def is_topic(arn: object) -> bool:
    """Whether this is the ARN of a topic."""
    return isinstance(arn, str) and len(arn) <= TOPIC_LENGTH and _TOPIC.fullmatch(arn) is not None


def signed_text(message: Mapping[str, Any]) -> bytes:
    """The bytes that the signature is over: each field's name and value, a line each; NotSigned where one is missing.

    `message` is the body after JSON has been read, so that escapes are undone, as SNS signs it.
    """
    kind = message.get("Type")
    names = SIGNED.get(kind) if isinstance(kind, str) else None
    if names is None:
        raise NotSigned(f"its Type is none of {', '.join(SIGNED)}")
    lines = []
    for name in names:
        value = message.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            raise NotSigned(f"it has no {name}")
        lines.append(f"{name}\n{value}\n")
    try:
        return "".join(lines).encode()
    except UnicodeEncodeError:
        raise NotSigned("it holds half a surrogate pair, which no signature is over") from None


def algorithm(message: Mapping[str, Any]) -> str:
    """The digest of its signature, sha1 or sha256; NotSigned for a version that is neither 1 nor 2."""
    version = message.get("SignatureVersion")
    found = ALGORITHMS.get(version) if isinstance(version, str) else None
    if found is None:
        raise NotSigned("its SignatureVersion is neither 1 nor 2")
    return found


def certificate_url(message: Mapping[str, Any]) -> str | None:
    """Where its certificate lies; None unless that is a certificate on AWS's own host of SNS, by https."""
    url = message.get("SigningCertURL", message.get("SigningCertUrl"))
    parts = _genuine(url)
    return str(url) if parts and not parts.query and _CERTIFICATE.fullmatch(parts.path) else None


def subscribe_url(message: Mapping[str, Any]) -> str | None:
    """The address that confirms its subscription; None unless it is AWS's own and confirms this very topic."""
    url = message.get("SubscribeURL")
    parts = _genuine(url)
    if not parts or parts.path not in {"", "/"}:
        return None
    asked = parse_qs(parts.query)
    confirms = asked.get("Action") == ["ConfirmSubscription"] and asked.get("TopicArn") == [message.get("TopicArn")]
    return str(url) if confirms else None


def _genuine(url: object) -> SplitResult | None:
    """An https address on a regional host of SNS, without a user, a port or a fragment."""
    if not isinstance(url, str) or len(url) > ADDRESS_LENGTH or not url.isascii() or re.search(r"[\s\\]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_plain = parts.scheme == "https" and not parts.fragment
    return parts if is_plain and _HOST.fullmatch(parts.netloc) else None
