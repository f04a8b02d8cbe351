"""Sources: added, renamed, given a new key, disabled and enabled again."""

from __future__ import annotations

import secrets
from datetime import datetime

from incidents.alerts.models import Source
from incidents.alerts.sources import registry
from ownership.models import Person
from ownership.signing import digest_of
from web.errors import Invalid, translated

KEY_BYTES = 24
HINT = 6


def add(*, kind: str, name: str, by: Person | None, now: datetime) -> tuple[Source, str]:
    """A new source and its key, which is not kept and can be shown only now."""
    if kind not in registry.KINDS:
        known = ", ".join(sorted(registry.KINDS))
        raise Invalid(f"There is no kind “{kind}”; choose one of {known}.", field="kind")
    key = _new_key()
    with translated():
        source = Source.objects.create(
            kind=kind,
            name=_named(name),
            key_digest=digest_of(key),
            key_hint=key[:HINT],
            created_by=by,
            created_at=now,
        )
    return source, key


def rename(source: Source, *, name: str, by: Person, now: datetime) -> Source:
    """Call it something else; its key and its deliveries stay."""
    source.name = _named(name)
    with translated():
        source.save(update_fields=["name"])
    return source


def new_key(source: Source, *, by: Person, now: datetime) -> str:
    """A new key, shown only now; the old one stops working at once."""
    key = _new_key()
    source.key_digest, source.key_hint = digest_of(key), key[:HINT]
    source.save(update_fields=["key_digest", "key_hint"])
    return key


def disable(source: Source, *, by: Person, now: datetime) -> Source:
    """Its key stops working until it is enabled again; twice is once."""
    if source.disabled_at is None:
        source.disabled_at = now
        source.save(update_fields=["disabled_at"])
    return source


def enable(source: Source, *, by: Person, now: datetime) -> Source:
    """Its key works again; twice is once."""
    source.disabled_at = None
    if source.expected_hours is not None:
        source.expected_since = now  # what it could not send while it was disabled was no silence
    source.save(update_fields=["disabled_at", "expected_since"])
    return source


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("Give the source a name, such as the cluster it watches.", field="name")
    return name
