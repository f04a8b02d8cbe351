"""The links by which somebody acknowledges from a message: for one person and one incident, for a while.

The link is a signature, not a row: nothing is kept for it, and what it may do is asked when it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.urls import reverse

from ownership.notifying import Act
from web.errors import DomainError

LASTS = timedelta(days=3)
LABEL = "Acknowledge"
_SALT = "incidents.response.acknowledge"


class LinkGone(DomainError):
    """This link is no longer good: it works for three days. Sign in to see the incident."""

    status = 410
    code = "link_gone"


class LinkBroken(DomainError):
    """This link is not one of ours, or a part of it was lost on the way. Copy all of it, or sign in."""

    status = 404
    code = "link_broken"


@dataclass(frozen=True)
class Promise:
    """What a good link says."""

    incident_id: int
    person_id: int


def act(*, incident_id: int, person_id: int, now: datetime) -> Act:
    """What a message to this person offers."""
    token = signing.Signer(salt=_SALT).sign_object([incident_id, person_id, int(now.timestamp())])
    return Act(LABEL, reverse("incidents:acknowledge_by_link", args=[token]))


def read(token: str, *, now: datetime) -> Promise:
    """What the link says; LinkBroken, or LinkGone when it is too old."""
    try:
        incident_id, person_id, made = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkBroken from error
    if now > datetime.fromtimestamp(made, UTC) + LASTS:
        raise LinkGone
    return Promise(incident_id, person_id)
