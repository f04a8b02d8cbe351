"""Saying how long each rung of the ladder is given; what is running keeps the time that it was given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from incidents.response.models import EscalationWait
from ownership.models import Person, Service
from web.errors import Invalid, translated

LONGEST = 1440  # minutes: a day


def set_tiers(minutes: Mapping[str, int | None], *, by: Person, now: datetime) -> None:
    """For each tier; None tells nobody further. One statement."""
    for said in minutes.values():
        _require_sensible(said)
    rows = [EscalationWait(tier=tier, minutes=said, by=by, at=now) for tier, said in minutes.items()]
    with translated():
        EscalationWait.objects.filter(tier__in=list(minutes)).delete()
        EscalationWait.objects.bulk_create(rows)


def set_service(service: Service, *, minutes: int | None, by: Person, now: datetime) -> None:
    """For one service, in place of its tier's; None tells nobody further."""
    _require_sensible(minutes)
    with translated():
        EscalationWait.objects.update_or_create(service=service, defaults={"minutes": minutes, "by": by, "at": now})


def drop_service(service: Service) -> None:
    """Its tier's word holds again."""
    EscalationWait.objects.filter(service=service).delete()


def _require_sensible(minutes: int | None) -> None:
    if minutes is not None and not 1 <= minutes <= LONGEST:
        raise Invalid("A rung is given 1 minute to a day; leave it empty to tell nobody further.", field="minutes")
