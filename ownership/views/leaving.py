"""What a person or a team leaves behind: shown before they go, and where it is given to somebody else afterwards."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from ownership import access, reassigning
from ownership.access import SignedInRequest
from ownership.assigning import Party
from ownership.models import Person
from ownership.models.assignments import party_key
from ownership.queries import vacancies
from web import registry


def leaving(request: SignedInRequest, party: Party) -> dict[str, Any]:
    """All that somebody holds, here and in other rooms, for the page that asks whether they go."""
    return {
        "party": party,
        "may_edit": access.may_edit(request.user),
        "list": vacancies.listed(at=timezone.now(), party=party),
        "gathered": registry.gather(reassigning.PLACE, request.user, party=party, limit=20),
    }


def after_leaving(request: SignedInRequest, party: Party) -> str:
    """The list of what they left behind; their own page when that is nothing."""
    held = vacancies.held(at=timezone.now(), party=party).exists()
    if held or registry.gather(reassigning.PLACE, request.user, party=party, limit=1):
        return f"{reverse('ownership:reassign')}?who={party_key(party)}"
    if isinstance(party, Person):
        return reverse("ownership:person", args=[party.pk])
    return reverse("ownership:team", args=[party.slug])
