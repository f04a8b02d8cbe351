"""What people say an owner of a file means here: once for a text, for every claim that is written so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models.functions import Lower

from ownership import assigning
from ownership.models import Claim, OwnerAlias, Person, Team
from web.errors import DomainError, Invalid, translated


class AlreadyMeans(DomainError):
    """Somebody said already whom this text means; forget that first."""

    code = "already_means"


def mean(texts: Collection[str], *, party: Person | Team, by: Person, now: datetime) -> int:
    """From now on these owners mean `party`, in claims that are here and in those to come; returns how many are here.

    Only claims that mean nobody yet are given the party: what a file says clearly stays. All of the texts or none.
    """
    assigning.require_present(party)
    with translated():
        return sum(_mean(text.strip(), party, by=by, now=now) for text in texts)


def forget(alias: OwnerAlias, *, by: Person, now: datetime) -> None:
    """The text means nobody again until the next import looks; what was accepted meanwhile stays."""
    with translated():
        same = Claim.objects.filter(owner__iexact=alias.text, person=alias.person, team=alias.team)
        same.update(person=None, team=None, unresolved="unknown_party")
        alias.delete()


def _mean(text: str, party: Person | Team, *, by: Person, now: datetime) -> int:
    same = Claim.objects.filter(owner__iexact=text)
    if not text or not same.exists():
        raise Invalid("No file names an owner like that; choose one from the list.", field="owner")
    if OwnerAlias.objects.annotate(lower=Lower("text")).filter(lower=text.lower()).exists():
        raise AlreadyMeans(field="owner")
    columns = assigning.party_columns(party)
    OwnerAlias.objects.create(text=text, said_by=by, said_at=now, **columns)
    return same.filter(person=None, team=None).update(unresolved="", **columns)
