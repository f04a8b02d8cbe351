"""How far an installation has come with naming its outcomes and people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists
from django.utils import timezone

from ownership.models import Person, Service
from ownership.queries import owners
from ownership.vocabulary import Role
from web.registry import Step


def steps(viewer: Person) -> Collection[Step]:
    """The room's steps of the first-run checklist, as this viewer may do them; one query."""
    named, answered, company = _reached(timezone.now())
    edits, manages = viewer.may(Role.EDITOR), viewer.may(Role.ADMIN)
    return [
        Step(
            order=30,
            label="Name a service",
            hint="The outcome your users see, in one sentence, and the parts it is made of.",
            done=named,
            url_name="ownership:new_service" if edits else None,
        ),
        Step(
            order=40,
            label="Say who answers",
            hint="One person or team is accountable for the outcome.",
            done=answered,
            url_name="ownership:services" if edits else None,
        ),
        Step(
            order=50,
            label="Invite people",
            hint="Somebody to answer beside you; a link is all they need.",
            done=company,
            url_name="ownership:people" if manages else None,
        ),
    ]


def _reached(at: datetime) -> tuple[bool, bool, bool]:
    """Whether a service is named, one is answered for, and a second person exists."""
    living = Service.objects.filter(retired_at=None)
    people = Person.objects.filter(is_active=True)
    reached = people.annotate(named=Exists(living), answered=Exists(living.filter(owners.answered(at=at)))).values_list(
        "named", "answered"
    )[:2]
    rows = list(reached)
    named, answered = rows[0] if rows else (False, False)
    return named, answered, len(rows) > 1
