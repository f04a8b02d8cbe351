"""Signatures: every sender that is known, what they sign, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.alerts.sources import signatures
from incidents.alerts.sources.signatures import PRESETS, BadSignature, Scheme
from tests.factories import NOON

SECRET, OTHER = b"a-secret-of-the-sender", b"another-secret"
BODY = '{"title": "Grün", "n": 1}'.encode()
STAMP = str(int(NOON.timestamp()))


def headers_for(scheme: Scheme, secret: bytes = SECRET, body: bytes = BODY, stamp: str = STAMP) -> dict[str, str]:
    """A request's headers as the sender would write them."""
    headers = {scheme.header.lower(): signatures.sign(scheme, secret, body, timestamp=stamp, message="m-1")}
    if scheme.timestamp_header:
        headers[scheme.timestamp_header.lower()] = stamp
    if scheme.id_header:
        headers[scheme.id_header.lower()] = "m-1"
    return headers


def check(scheme: Scheme, headers: dict[str, str], body: bytes = BODY, *secrets: tuple[int, bytes]) -> int:
    return signatures.check(scheme, secrets or ((1, SECRET),), headers, body, now=NOON)


def mac(signed: bytes, algorithm: Any = hashlib.sha256) -> Any:
    return hmac.new(SECRET, signed, algorithm)


# What each sender writes, put together by hand from its documentation.
WRITTEN: dict[str, dict[str, str]] = {
    "sentry": {"sentry-hook-signature": mac(BODY).hexdigest()},
    "dbt": {"authorization": mac(BODY).hexdigest()},
    "grafana": {"x-grafana-alerting-signature": mac(BODY).hexdigest()},
    "github": {"x-hub-signature-256": f"sha256={mac(BODY).hexdigest()}"},
    "pagerduty-v3": {"x-pagerduty-signature": f"v1={'0' * 64},v1={mac(BODY).hexdigest()}"},
    "langfuse": {"x-langfuse-signature": f"t={STAMP},s={mac(STAMP.encode() + b'.' + BODY).hexdigest()}"},
    "rootly": {"x-rootly-signature": f"t={STAMP},v1={mac(STAMP.encode() + BODY).hexdigest()}"},
    "stripe": {"stripe-signature": f"t={STAMP},v1={mac(STAMP.encode() + b'.' + BODY).hexdigest()},v0=old"},
    "slack": {
        "x-slack-signature": f"v0={mac(b'v0:' + STAMP.encode() + b':' + BODY).hexdigest()}",
        "x-slack-request-timestamp": STAMP,
    },
    "mlflow": {
        "x-mlflow-signature": "v1," + base64.b64encode(mac(b"m-1." + STAMP.encode() + b"." + BODY).digest()).decode(),
        "x-mlflow-timestamp": STAMP,
        "x-mlflow-delivery-id": "m-1",
    },
}


def test_each_preset_is_written_out_here() -> None:
    assert set(WRITTEN) == set(PRESETS)
    assert set(signatures.OF_KIND.values()) <= set(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_sender_writes_is_accepted_and_nothing_else(name: str) -> None:
    scheme = PRESETS[name][1]
    assert not signatures.faults(scheme)
    assert check(scheme, WRITTEN[name]) == 1
    assert Scheme.from_json(scheme.as_json()) == scheme
    with pytest.raises(BadSignature, match="not that of this body"):
        check(scheme, WRITTEN[name], BODY + b" ")
    with pytest.raises(BadSignature, match="not that of this body"):
        check(scheme, WRITTEN[name], BODY, (1, OTHER))
    with pytest.raises(BadSignature, match="missing"):
        check(scheme, {})


@pytest.mark.parametrize("algorithm", signatures.ALGORITHMS)
@pytest.mark.parametrize("encoding", signatures.ENCODINGS)
def test_every_algorithm_in_every_encoding(algorithm: str, encoding: str) -> None:
    scheme = Scheme("X-Sig", algorithm=algorithm, encoding=encoding)
    assert check(scheme, headers_for(scheme)) == 1


def test_an_empty_body_is_signed_too() -> None:
    scheme = PRESETS["sentry"][1]
    assert check(scheme, headers_for(scheme, body=b""), b"") == 1


def test_either_of_two_secrets_is_good_and_told_apart() -> None:
    scheme = PRESETS["github"][1]
    for number, secret in ((7, SECRET), (8, OTHER)):
        assert check(scheme, headers_for(scheme, secret), BODY, (7, SECRET), (8, OTHER)) == number
    with pytest.raises(BadSignature):
        signatures.check(scheme, (), headers_for(scheme), BODY, now=NOON)


def test_hex_may_be_in_capitals() -> None:
    scheme = PRESETS["sentry"][1]
    assert check(scheme, {"sentry-hook-signature": mac(BODY).hexdigest().upper()}) == 1


@pytest.mark.parametrize("value", ["v1=", "sha256=zz", "sha256=" + "0" * 63, "0" * 64, "sha256=" + "é" * 64, ","])
def test_what_has_not_the_shape_of_a_signature(value: str) -> None:
    with pytest.raises(BadSignature, match="holds no sha256 in hex"):
        check(PRESETS["github"][1], {"x-hub-signature-256": value})


def test_only_so_many_signatures_are_looked_at() -> None:
    right = WRITTEN["pagerduty-v3"]["x-pagerduty-signature"].rpartition(",")[2]
    wrong = f"v1={'0' * 64}"
    header = ",".join([wrong] * signatures.MOST + [right])
    with pytest.raises(BadSignature):
        check(PRESETS["pagerduty-v3"][1], {"x-pagerduty-signature": header})


@pytest.mark.parametrize("offset", [-301, 301])
def test_an_old_request_cannot_be_sent_again(offset: int) -> None:
    scheme = PRESETS["stripe"][1]
    stamp = str(int(NOON.timestamp()) + offset)
    with pytest.raises(BadSignature, match="301 s from now; 300 s are allowed"):
        check(scheme, headers_for(scheme, stamp=stamp))


def test_the_timestamp_may_be_in_milliseconds() -> None:
    scheme = PRESETS["langfuse"][1]
    assert check(scheme, headers_for(scheme, stamp=f"{STAMP}250")) == 1


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "٣", "1" * 17])
def test_a_timestamp_that_is_none(stamp: str) -> None:
    scheme = PRESETS["slack"][1]
    with pytest.raises(BadSignature, match="time that is signed is missing"):
        check(scheme, {**headers_for(scheme), "x-slack-request-timestamp": stamp})


def test_the_timestamp_is_part_of_what_is_signed() -> None:
    scheme = PRESETS["slack"][1]
    headers = headers_for(scheme)
    with pytest.raises(BadSignature, match="not that of this body"):
        check(scheme, {**headers, "x-slack-request-timestamp": str(int(STAMP) + 1)})


def test_an_id_cannot_pose_as_a_timestamp() -> None:
    """Each place is filled once: what stands in a header is never read as a place."""
    scheme = PRESETS["mlflow"][1]
    headers = {**headers_for(scheme), "x-mlflow-delivery-id": "{timestamp}"}
    with pytest.raises(BadSignature, match="not that of this body"):
        check(scheme, headers)


@given(st.text(max_size=200), st.binary(max_size=200))
def test_whatever_stands_in_the_header_is_refused_in_words(value: str, body: bytes) -> None:
    for _, scheme in PRESETS.values():
        with pytest.raises(BadSignature):
            check(scheme, {scheme.header.lower(): value}, body)


@pytest.mark.parametrize(
    ("fault", "scheme"),
    [
        ("header", Scheme("")),
        ("header", Scheme("X Sig")),
        ("timestamp_header", Scheme("X-Sig", timestamp_header="a b")),
        ("algorithm", Scheme("X-Sig", algorithm="md5")),
        ("encoding", Scheme("X-Sig", encoding="base32")),
        ("template", Scheme("X-Sig", template="{timestamp}")),
        ("template", Scheme("X-Sig", template="{body}{body}")),
        ("template", Scheme("X-Sig", template="{body}{secret}")),
        ("id_header", Scheme("X-Sig", template="{id}.{body}")),
        ("tolerance", Scheme("X-Sig", tolerance=0)),
    ],
)
def test_a_description_that_cannot_be_used_says_which_field(fault: str, scheme: Scheme) -> None:
    assert set(signatures.faults(scheme)) == {fault}
