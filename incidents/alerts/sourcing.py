"""Sources: added, renamed, limited, disabled and enabled again."""

from __future__ import annotations

from datetime import datetime

from incidents.alerts import rotating
from incidents.alerts.models import Source
from incidents.alerts.sources import registry
from ownership.models import Person
from web.errors import Invalid, translated

MOST = 100_000  # deliveries a second; more is the same as no limit


def add(*, kind: str, name: str, by: Person | None, now: datetime, rate_limit: int | None = None) -> tuple[Source, str]:
    """A new source and its key, which is not kept and can be shown only now."""
    if kind not in registry.KINDS:
        known = ", ".join(sorted(registry.KINDS))
        raise Invalid(f"There is no kind “{kind}”; choose one of {known}.", field="kind")
    with translated():
        source = Source.objects.create(
            kind=kind, name=_named(name), rate_limit=_limit(rate_limit), created_by=by, created_at=now
        )
        return source, rotating.new_key(source, by=by, now=now)


def rename(source: Source, *, name: str, by: Person, now: datetime) -> Source:
    """Call it something else; its key and its deliveries stay."""
    source.name = _named(name)
    with translated():
        source.save(update_fields=["name"])
    return source


def limit(source: Source, *, rate_limit: int | None, by: Person, now: datetime) -> Source:
    """So many deliveries a second at most, in each web process; 0 is no limit, None the usual one."""
    source.rate_limit = _limit(rate_limit)
    source.save(update_fields=["rate_limit"])
    return source


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


def _limit(rate_limit: int | None) -> int | None:
    if rate_limit is not None and not 0 <= rate_limit <= MOST:
        raise Invalid(f"Give deliveries a second, from 1 to {MOST:,}, or 0 for no limit.", field="rate_limit")
    return rate_limit


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("Give the source a name, such as the cluster it watches.", field="name")
    return name
