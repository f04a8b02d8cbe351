"""Amazon SNS over HTTP: what its messages sign, and which addresses in them may be trusted.

Pure: it fetches nothing. Whoever confirms a subscription or fetches a certificate asks here first whether the address
is AWS's own, since both stand in a body that anyone may post. Checking the signature itself needs RSA, which no
dependency brings yet; `signed_text` and `algorithm` are what such a check takes beside the certificate.
Source of the format: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

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
_HOST = re.compile(r"sns\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?:\.cn)?", re.ASCII)
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9A-Fa-f]{1,64}\.pem", re.ASCII)
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d+:[A-Za-z0-9_.-]{1,256}", re.ASCII)
ADDRESS_LENGTH = 2000


class NotSigned(ValueError):
    """The message cannot have been signed by SNS; the message says why."""


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


def may_confirm(message: Mapping[str, Any], topics: Collection[str]) -> bool:
    """A genuine address, and a topic that an admin has allowed."""
    topic = message.get("TopicArn")
    allowed = isinstance(topic, str) and topic in topics and _TOPIC.fullmatch(topic) is not None
    return allowed and subscribe_url(message) is not None


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
