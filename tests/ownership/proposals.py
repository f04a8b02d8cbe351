"""Makers of proposed hand-overs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ownership import handing_over
from ownership.models import Component, Dependency, Handover, Person, Service, Team
from tests import factories as make
from tests.factories import NOON


def proposal(
    to: Person | Team | None = None,
    *,
    subject: Service | Component | Dependency | None = None,
    by: Person | None = None,
    now: datetime = NOON,
    **fields: Any,
) -> Handover:
    """An open proposal, of a service that somebody answers for unless a subject is given."""
    owner = by or make.person()
    subject = subject or make.service(owner=owner)
    return handing_over.propose(subject=subject, to=to or make.person(), by=owner, now=now, **fields)
