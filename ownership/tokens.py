"""API tokens: made once, shown once, kept as a hash."""

from __future__ import annotations

import secrets
from datetime import datetime

from ownership.models import ApiToken, Person
from ownership.signing import digest_of

PREFIX = "seam_"


def make(person: Person, *, label: str, scope: str, now: datetime) -> tuple[ApiToken, str]:
    """A token of this person and its secret, which is not kept."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person, label=label, digest=digest_of(secret), hint=secret[:8], scope=scope, created_at=now
    )
    return token, secret


def revoke(token: ApiToken, *, now: datetime) -> None:
    """End a token at once; revoking twice changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def find(secret: str, *, now: datetime) -> ApiToken | None:
    """The living token behind a secret, of a person who is active; notes the day it was used."""
    token = (
        ApiToken.objects.select_related("person")
        .filter(digest=digest_of(secret), revoked_at=None, person__is_active=True)
        .first()
    )
    if token is not None and token.last_used_on != now.date():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=now.date())
    return token
