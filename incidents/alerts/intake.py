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

from incidents.alerts.models import DeliveryState, Source
from incidents.alerts.sources import registry
from incidents.alerts.sources.reading import State, clean
from ownership.models import Person
from ownership.signing import digest_of
from web.errors import DomainError

HEADER_LENGTH = 1000
HEADERS = 50  # of one beginning
TEST_LASTS = timedelta(seconds=1)

PEEK = 64 * 1024  # a longer body is parsed only once its key is known

# By hand, because the ORM's share of a hook's request would be larger than the database's; and in one statement,
# because each round trip costs more than either half.
_LOOK_UP = "SELECT id FROM incidents_source WHERE key_digest = %s AND kind = %s AND disabled_at IS NULL"
_STORE = """
INSERT INTO incidents_delivery (
    id, source_id, received_at, processed_at, content_type, headers, body, state, reason, attempts, is_test
)
SELECT %(id)s, source.id, %(received)s, %(processed)s, %(content_type)s, %(headers)s::jsonb, %(body)s, %(state)s,
    %(reason)s, 0, %(is_test)s
FROM incidents_source AS source WHERE """
_BY_KEY = _STORE + "source.key_digest = %(digest)s AND source.kind = %(kind)s AND source.disabled_at IS NULL"
_BY_ID = _STORE + "source.id = %(source)s"


class SourceDisabled(DomainError):
    """This source is disabled; enable it first."""

    code = "source_disabled"


@dataclass(frozen=True)
class Taken:
    """A stored delivery; `refused` says why it cannot be used at all, empty when it waits for the digest."""

    id: UUID
    refused: str


def take(
    kind: str, key: str, *, body: bytes, content_type: str, headers: Mapping[str, str], now: datetime
) -> Taken | None:
    """Keep a request byte for byte for the enabled source of this kind with this key; None when there is none.

    One INSERT that finds the source itself. What is broken beyond reading is kept as rejected. The key is looked up by
    its SHA-256, so the time taken tells nothing about how much of a guess was right.
    """
    if kind not in registry.KINDS:
        return None
    digest = digest_of(key)
    if len(body) > PEEK and not _is_known(digest, kind):
        return None
    taken, row = _row(kind, body=body, content_type=content_type, headers=headers, now=now)
    with connection.cursor() as cursor:
        cursor.execute(_BY_KEY, {**row, "digest": digest, "kind": kind})
        return taken if cursor.rowcount else None


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
        cursor.execute(_BY_ID, {**row, "source": source.pk})
    return taken


def _is_known(digest: str, kind: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [digest, kind])
        return cursor.fetchone() is not None


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
    }


@transaction.atomic
def send_test(source: Source, *, by: Person, now: datetime) -> list[Taken]:
    """Send a test alert and its resolve the way the sender would; it opens an incident that resolves by itself."""
    if source.disabled_at:
        raise SourceDisabled
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
