"""How senders sign what they post: one description that covers most of them, and the check of it.

Pure: secrets, headers and the time are handed in. What is signed is the body as it came, often with a time or an id
around it; the signature stands in a header as hex or base64, alone, after a prefix, or as one of several parts.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

ALGORITHMS = {"sha256": hashlib.sha256, "sha512": hashlib.sha512, "sha1": hashlib.sha1}
ENCODINGS = ("hex", "base64")
PLACES = ("{body}", "{timestamp}", "{id}")
MOST = 20  # signatures in one header; senders that rotate send two
DAY = 86_400
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}", re.ASCII)
_PLACE = re.compile(r"\{[^{}]*\}")
_MILLISECONDS = 10**11  # a number of seconds this large is in the year 5138


class BadSignature(ValueError):
    """The request is not signed as its source asks; the message says what is wrong, without giving anything away."""


@dataclass(frozen=True)
class Scheme:
    """How one sender signs.

    `header` holds the signature: `prefix` and what `encoding` makes of the HMAC. Several stand between commas, or
    between blanks where the prefix itself ends in a comma; one that fits is enough. `template` is what is signed:
    {body}, and {timestamp} or {id} where the sender signs those too. The id comes from `id_header`; the timestamp, in
    seconds or milliseconds, from `timestamp_header`, or where that is empty from the part `t=` of the signature's own
    header; one further than `tolerance` seconds from now is refused.
    """

    header: str
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    template: str = "{body}"
    timestamp_header: str = ""
    id_header: str = ""
    tolerance: int = 300

    @property
    def is_timed(self) -> bool:
        """Whether a timestamp is signed, so that an old request cannot be sent again."""
        return "{timestamp}" in self.template

    def as_json(self) -> dict[str, Any]:
        """To be stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Scheme:
        """What `as_json` stored."""
        return cls(**stored)


_TIMED = "{timestamp}.{body}"
PRESETS: dict[str, tuple[str, Scheme]] = {
    "sentry": ("Sentry", Scheme("Sentry-Hook-Signature")),
    "dbt": ("dbt webhooks", Scheme("Authorization")),
    "grafana": ("Grafana", Scheme("X-Grafana-Alerting-Signature")),
    "github": ("GitHub, and what signs like it", Scheme("X-Hub-Signature-256", prefix="sha256=")),
    "pagerduty-v3": ("PagerDuty webhooks v3", Scheme("X-PagerDuty-Signature", prefix="v1=")),
    "langfuse": ("Langfuse", Scheme("X-Langfuse-Signature", prefix="s=", template=_TIMED)),
    "rootly": ("Rootly", Scheme("X-Rootly-Signature", prefix="v1=", template="{timestamp}{body}")),
    "stripe": ("Stripe, and what signs like it", Scheme("Stripe-Signature", prefix="v1=", template=_TIMED)),
    "slack": (
        "Slack, and what signs like it",
        Scheme(
            "X-Slack-Signature",
            prefix="v0=",
            template="v0:{timestamp}:{body}",
            timestamp_header="X-Slack-Request-Timestamp",
        ),
    ),
    "mlflow": (
        "MLflow",
        Scheme(
            "X-MLflow-Signature",
            encoding="base64",
            prefix="v1,",
            template="{id}.{timestamp}.{body}",
            timestamp_header="X-MLflow-Timestamp",
            id_header="X-MLflow-Delivery-Id",
        ),
    ),
}
OF_KIND = {"sentry": "sentry", "dbt": "dbt", "grafana": "grafana"}  # kinds whose sender signs in a way of its own


def faults(scheme: Scheme) -> dict[str, str]:
    """What is wrong with a description, by its field; empty when it can be used."""
    found = {}
    for name in ("header", "timestamp_header", "id_header"):
        value = getattr(scheme, name)
        if (value or name == "header") and not _HEADER.fullmatch(value):
            found[name] = "This is no name of a header."
    places = _PLACE.findall(scheme.template)
    if scheme.algorithm not in ALGORITHMS:
        found["algorithm"] = f"Choose one of {', '.join(ALGORITHMS)}."
    if scheme.encoding not in ENCODINGS:
        found["encoding"] = f"Choose one of {', '.join(ENCODINGS)}."
    if places.count("{body}") != 1 or set(places) - set(PLACES) or len(set(places)) != len(places):
        found["template"] = "Write {body} once, and around it at most {timestamp} and {id}."
    if "{id}" in places and not scheme.id_header:
        found["id_header"] = "Say which header holds the id that is signed."
    if not 1 <= scheme.tolerance <= DAY:
        found["tolerance"] = f"Give seconds from 1 to {DAY}."
    return found


def check(
    scheme: Scheme, secrets: Sequence[tuple[int, bytes]], headers: Mapping[str, str], body: bytes, *, now: datetime
) -> int:
    """The number of the secret that signed this request; BadSignature when none did.

    `secrets` are pairs of a number and the secret's bytes, `headers` have lower-case names. All are tried, and bytes
    are compared in constant time, so that the time taken tells nothing.
    """
    parts = _parts(scheme, headers)
    stated = _stated(scheme, headers, parts, now)
    given = [raw for part in parts if part.startswith(scheme.prefix) if (raw := _decoded(scheme, part)) is not None]
    if not given:
        shape = f"{scheme.prefix}…" if scheme.prefix else "the signature alone"
        raise BadSignature(f"the header {scheme.header} holds no {scheme.algorithm} in {scheme.encoding} ({shape})")
    signed = _signed(scheme, stated, body)
    found: int | None = None
    for number, secret in secrets:
        expected = hmac.digest(secret, signed, scheme.algorithm)
        for raw in given:
            if hmac.compare_digest(raw, expected) and found is None:
                found = number
    if found is None:
        raise BadSignature(f"the signature in {scheme.header} is not that of this body with a secret that is live")
    return found


def sign(scheme: Scheme, secret: bytes, body: bytes, *, timestamp: str = "", message: str = "") -> str:
    """The signature's header as the sender would write it, for tests and for people who write senders."""
    raw = hmac.digest(secret, _signed(scheme, {"{timestamp}": timestamp, "{id}": message}, body), scheme.algorithm)
    written = scheme.prefix + (raw.hex() if scheme.encoding == "hex" else base64.b64encode(raw).decode())
    return f"t={timestamp},{written}" if scheme.is_timed and not scheme.timestamp_header else written


def _parts(scheme: Scheme, headers: Mapping[str, str]) -> list[str]:
    value = headers.get(scheme.header.lower(), "").strip()
    if not value:
        raise BadSignature(f"the header {scheme.header}, which holds the signature, is missing")
    several = value.split() if scheme.prefix.endswith(",") else value.split(",")
    return [part.strip() for part in several[:MOST]]


def _stated(scheme: Scheme, headers: Mapping[str, str], parts: Sequence[str], now: datetime) -> dict[str, str]:
    """What is signed beside the body, by its place in the template; BadSignature for a time that is missing or off."""
    stated = {"{id}": headers.get(scheme.id_header.lower(), "").strip()} if scheme.id_header else {}
    if not scheme.is_timed:
        return stated
    if scheme.timestamp_header:
        given = headers.get(scheme.timestamp_header.lower(), "").strip()
    else:
        given = next((part[2:] for part in parts if part.startswith("t=")), "")
    if not (given.isascii() and given.isdigit() and len(given) <= 16):
        raise BadSignature(f"the time that is signed is missing from {scheme.timestamp_header or scheme.header}")
    seconds = int(given) / 1000 if int(given) >= _MILLISECONDS else int(given)
    off = abs(now.timestamp() - seconds)
    if off > scheme.tolerance:
        raise BadSignature(f"the time that is signed is {round(off)} s from now; {scheme.tolerance} s are allowed")
    return {**stated, "{timestamp}": given}


def _decoded(scheme: Scheme, part: str) -> bytes | None:
    """The raw bytes of one signature; None for what has not the shape of one."""
    text = part[len(scheme.prefix) :]
    try:
        raw = bytes.fromhex(text) if scheme.encoding == "hex" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return raw if len(raw) == ALGORITHMS[scheme.algorithm]().digest_size else None


def _signed(scheme: Scheme, stated: Mapping[str, str], body: bytes) -> bytes:
    before, _, after = (
        _PLACE.sub(lambda place: stated.get(place[0], place[0]), part).encode()
        for part in scheme.template.partition("{body}")
    )
    return before + body + after
