"""Taking deliveries in: one INSERT before anything is answered."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from incidents.alerts import guarding, rotating, throttling
from incidents.alerts.models import DeliveryState, Source
from incidents.alerts.sources import registry
from incidents.alerts.sources.reading import State, clean
from incidents.alerts.trust_models import Purpose
from ownership.models import Person
from ownership.signing import digest_of
from web.errors import DomainError

HEADER_LENGTH = 1000
HEADERS = 50  # of one beginning
TEST_LASTS = timedelta(seconds=1)

PEEK = 64 * 1024  # a longer body is parsed only once its key is known

# By hand, because the ORM's share of a hook's request would be larger than the database's; and in one statement,
# because each round trip costs more than either half. The secrets that a sender signs with are read only where one
# does: planning that part of the look-up takes as long as storing the delivery.
_LIVE_KEY = """
FROM incidents_sourcesecret AS key JOIN incidents_source AS source ON source.id = key.source_id
WHERE key.purpose = 'key' AND key.digest = %(digest)s AND key.ended_at IS NULL
    AND (key.ends_at IS NULL OR key.ends_at > %(received)s)
    AND source.kind = %(kind)s AND source.disabled_at IS NULL
"""
_KNOWN = """
SELECT key.id, source.id, source.rate_limit, source.signature,
    CASE WHEN source.signature IS NOT NULL THEN (
        SELECT jsonb_agg(jsonb_build_array(signing.id, signing.sealed) ORDER BY signing.id DESC)
        FROM incidents_sourcesecret AS signing
        WHERE signing.source_id = source.id AND signing.purpose = 'signing' AND signing.ended_at IS NULL
            AND (signing.ends_at IS NULL OR signing.ends_at > %(received)s)
    ) END
"""
_LOOK_UP = _KNOWN + _LIVE_KEY
_INSERT = """
INSERT INTO incidents_delivery (
    id, source_id, received_at, processed_at, content_type, headers, body, state, reason, attempts, is_test, by_key,
    by_signature
)
SELECT %(id)s, {source}, %(received)s, %(processed)s, %(content_type)s, %(headers)s::jsonb, %(body)s, %(state)s,
    %(reason)s, 0, %(is_test)s, {key}, %(by_signature)s
"""
_FOUND = "WITH found AS (SELECT key.id AS key_id, source.id AS source_id, source.rate_limit, source.signature"
_FROM_FOUND = """FROM found WHERE found.signature IS NULL
)
SELECT key_id, source_id, rate_limit, signature, NULL FROM found"""
_STORE = (
    _FOUND + _LIVE_KEY + "), stored AS (" + _INSERT.format(source="found.source_id", key="found.key_id") + _FROM_FOUND
)
_STORE_KNOWN = _INSERT.format(source="%(source)s", key="%(by_key)s")


class NoLiveKey(DomainError):
    """None of its keys is live, so its hook answers 404 to its sender too; make a new key first."""

    code = "no_live_key"


class SourceDisabled(DomainError):
    """This source is disabled; enable it first."""

    code = "source_disabled"


@dataclass(frozen=True)
class Known:
    """What the database said of a key: which it is, whose, its limit, and what its requests must be signed with."""

    key_id: int
    source_id: int
    rate_limit: int | None
    guard: guarding.Guard | None


@dataclass(frozen=True)
class Taken:
    """A stored delivery; `refused` says why it cannot be used at all, empty when it waits for the digest."""

    id: UUID
    refused: str


def take(
    kind: str, key: str, *, body: bytes, content_type: str, headers: Mapping[str, str], now: datetime
) -> Taken | None:
    """Keep a request byte for byte for the enabled source of this kind with this key; None when there is none.

    One statement that finds the source and inserts; where the sender signs, a look-up, the check, and an INSERT (once
    in a process, with the first such request, the statement that finds that out comes before). What is broken beyond
    reading is kept as rejected. The key is looked up by its SHA-256, so the time taken tells nothing about how much of
    a guess was right. Raises throttling.TooOften, guarding.Unsigned and sealing.Unsealable.
    """
    if kind not in registry.KINDS:
        return None
    digest = digest_of(key)
    throttling.enter(digest)
    asked = {"digest": digest, "kind": kind, "received": now}
    if len(body) <= PEEK and not guarding.expects(digest):
        taken, row = _row(kind, body=body, content_type=content_type, headers=headers, now=now)
        found = _learned(digest, _ask(_STORE, {**row, **asked}))
        if found is None or found.guard is None:
            return taken if found else None
    found = _learned(digest, _ask(_LOOK_UP, asked))
    if found is None:
        return None
    by_signature = guarding.check(found.guard, headers, body, now=now) if found.guard else None
    taken, row = _row(kind, body=body, content_type=content_type, headers=headers, now=now)
    known = {"source": found.source_id, "by_key": found.key_id, "by_signature": by_signature}
    with connection.cursor() as cursor:
        cursor.execute(_STORE_KNOWN, {**row, **known})
    return taken


def _learned(digest: str, found: Known | None) -> Known | None:
    """The same, kept in mind for the next request with this key."""
    if found is None:
        throttling.forget(digest)
    else:
        throttling.learn(digest, found.source_id, found.rate_limit)
    guarding.expect(digest, signed=found is not None and found.guard is not None)
    return found


def store(
    source: Source,
    *,
    body: bytes,
    content_type: str = "application/json",
    headers: Mapping[str, str],
    now: datetime,
    is_test: bool = False,
) -> Taken:
    """Keep what came for a source that is known already, in the same way."""
    taken, row = _row(source.kind, body=body, content_type=content_type, headers=headers, now=now, is_test=is_test)
    with connection.cursor() as cursor:
        cursor.execute(_STORE_KNOWN, {**row, "source": source.pk, "by_key": None})
    return taken


def knows(kind: str, key: str, *, now: datetime) -> Known | None:
    """The enabled source of this kind with this key, None when there is none; nothing is stored."""
    return _ask(_LOOK_UP, {"digest": digest_of(key), "kind": kind, "received": now})


def _ask(statement: str, parameters: Mapping[str, Any]) -> Known | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    key_id, source_id, rate_limit, signature, secrets = row
    guard = None if signature is None else guarding.Guard.read(source_id, signature, secrets)
    return Known(key_id, source_id, rate_limit, guard)


def _row(
    kind: str, *, body: bytes, content_type: str, headers: Mapping[str, str], now: datetime, is_test: bool = False
) -> tuple[Taken, dict[str, Any]]:
    refused = _broken(kind, body)
    taken = Taken(uuid4(), refused)
    return taken, {
        "id": taken.id,
        "received": now,
        "processed": now if refused else None,
        "content_type": clean(content_type)[:200],
        "headers": json.dumps(_chosen(kind, headers)),
        "body": body,
        "state": (DeliveryState.REJECTED if refused else DeliveryState.WAITING).value,
        "reason": refused,
        "is_test": is_test,
        "by_signature": None,
    }


@transaction.atomic
def send_test(source: Source, *, by: Person, now: datetime) -> list[Taken]:
    """Send a test alert and its resolve the way the sender would; it opens an incident that resolves by itself."""
    if source.disabled_at:
        raise SourceDisabled
    if not rotating.live(source, Purpose.KEY, now=now).exists():
        raise NoLiveKey
    adapter = registry.adapter(source.kind)
    key = f"seamline-test-{secrets.token_hex(6)}"
    title = f"Test alert from {source.name}"
    ends = now + TEST_LASTS
    bodies = [
        adapter.sample(key=key, title=title, state=State.FIRING, started_at=now, at=now),
        adapter.sample(key=key, title=title, state=State.RESOLVED, started_at=now, at=ends),
    ]
    return [store(source, body=body, headers={"user-agent": "Seamline test"}, now=now, is_test=True) for body in bodies]


def _broken(kind: str, body: bytes) -> str:
    """Why this body can never be read, empty when it may be."""
    if not registry.KINDS[kind].sends_json:
        return ""
    if not body.strip():
        return "the body is empty; send JSON"
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        return clean(f"the body is not JSON: {error}")
    return ""


def _chosen(kind: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The few headers that adapters read and people ask for; never a credential."""
    wanted = ("user-agent", *registry.KINDS[kind].headers)
    beginnings = tuple(name[:-1] for name in wanted if name.endswith("*"))
    names = [name for name in wanted if name in headers]
    names += sorted(name for name in headers if beginnings and name.startswith(beginnings))[:HEADERS]
    return {clean(name): clean(headers[name])[:HEADER_LENGTH] for name in names if headers[name]}
