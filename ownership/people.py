"""What admins do with people: correct their details, change their role, end and renew their access."""

from __future__ import annotations

from datetime import datetime

from ownership import announcing, signing, waiving
from ownership.models import ApiToken, Invitation, Person
from ownership.vocabulary import Role
from web import registry
from web.errors import DomainError, Invalid, translated


class LastAdmin(DomainError):
    """This is the last admin; make somebody else an admin first."""

    code = "last_admin"


def edit(person: Person, *, name: str, email: str, role: str, by: Person, now: datetime) -> Person:
    """Correct a person's name, e-mail address and role."""
    with translated():
        admins = _lock_admins()
        if role != Role.ADMIN and admins == {person.pk}:
            raise LastAdmin(field="role")
        person.name, person.email, person.role = _named(name), Person.objects.normalize_email(email.strip()), role
        person.save(update_fields=["name", "email", "role"])
    return person


def rename(person: Person, *, name: str, by: Person, now: datetime) -> Person:
    """Change how a person is called."""
    person.name = _named(name)
    person.save(update_fields=["name"])
    return person


def deactivate(person: Person, *, by: Person, now: datetime) -> Person:
    """End a person's sessions, tokens and open links at once; what they did and answered for stays on record.

    What they held is vacant from then on, and those who stand in hear of it. Twice is once.
    """
    with translated():
        admins = _lock_admins()
        if not Person.objects.select_for_update(no_key=True).get(pk=person.pk).is_active:
            return person
        if admins == {person.pk}:
            raise LastAdmin
        person.is_active, person.left_at = False, now
        person.set_unusable_password()  # also breaks the hash that every session of theirs carries
        person.save(update_fields=["is_active", "left_at", "password"])
        ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=now)
        Invitation.objects.filter(person=person, used_at=None).delete()
        announcing.left(person, by=by, now=now)
        registry.tell("person_left", person_id=person.pk, by=by, now=now)
    return person


def reactivate(person: Person, *, by: Person, now: datetime) -> tuple[Person, str]:
    """Let a person back in: their link's secret, with which they choose a new password. Old tokens stay dead."""
    with translated():
        person.is_active, person.left_at = True, None
        person.save(update_fields=["is_active", "left_at"])
        waiving.owner_back(person, by=by, now=now)
        secret = signing.new_link(person, by=by, now=now)
    return person, secret


def _lock_admins() -> set[int]:
    """The active admins, held still, so that two of them cannot leave at the same moment."""
    admins = Person.objects.filter(role=Role.ADMIN, is_active=True).select_for_update(no_key=True).order_by("pk")
    return {admin.pk for admin in admins}


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("Fill in the name.", field="name")
    return name
