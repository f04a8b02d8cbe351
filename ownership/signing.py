"""Signing in: closed sign-up, invitations by link, the first admin, one-time passwords."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ownership.models import Invitation, Person
from ownership.vocabulary import Role
from web.errors import DomainError, translated

INVITATION_LASTS = timedelta(days=14)
FIRST_ADMIN = "admin@localhost"


class InvitationGone(DomainError):
    """This link was used, has expired or was replaced by a newer one; ask an admin for a new link."""

    status = 404
    code = "invitation_gone"


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library ships no types
    """Nobody signs up by themselves; a new password ends the duty to choose one."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: people are invited."""
        return False

    def clean_password(self, password: str, user: Any = None) -> str:
        """Django's validators, and never the password that is being replaced."""
        cleaned: str = super().clean_password(password, user=user)
        if user is not None and user.pk and user.check_password(cleaned):
            raise ValidationError("This is the password you have; choose another one.")
        return cleaned

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Where work goes on."""
        return "/"

    def set_password(self, user: Any, password: str) -> None:
        """Save the password that its owner chose."""
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])


def new_password_required(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: whoever signed in with a one-time password chooses their own before anything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        person = request.user
        if person.is_authenticated and person.must_change_password:
            allowed = (reverse("account_change_password"), reverse("account_logout"), "/static/")
            if not request.path.startswith(allowed):
                return redirect("account_change_password")
        return get_response(request)

    return middleware


def first_admin(*, now: datetime) -> tuple[str, str] | None:
    """Create the first admin of an empty installation: (e-mail, one-time password); None when people exist."""
    with transaction.atomic():
        if Person.objects.exists():
            return None
        password = secrets.token_urlsafe(12)
        Person.objects.create_user(
            FIRST_ADMIN, password, name="Admin", role=Role.ADMIN, must_change_password=True, joined_at=now
        )
    return FIRST_ADMIN, password


def digest_of(secret: str) -> str:
    """SHA-256 in hex: secrets of 32 random bytes need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invite(*, email: str, name: str, role: str, by: Person | None, now: datetime) -> tuple[Person, str]:
    """Name a person and make their link's secret, shown once; they can answer for things before they first sign in."""
    with translated():
        person = Person.objects.create_user(email.strip(), None, name=" ".join(name.split()), role=role)
        return person, new_link(person, by=by, now=now)


@transaction.atomic
def new_link(person: Person, *, by: Person | None, now: datetime) -> str:
    """A fresh one-time link's secret; older unused links of this person stop working."""
    Invitation.objects.filter(person=person, used_at=None).delete()
    secret = secrets.token_urlsafe(32)
    Invitation.objects.create(
        person=person, digest=digest_of(secret), invited_by=by, created_at=now, expires_at=now + INVITATION_LASTS
    )
    return secret


def open_invitation(secret: str, *, now: datetime) -> Invitation:
    """The unused invitation behind a link, or InvitationGone."""
    invitation = (
        Invitation.objects.select_related("person")
        .filter(digest=digest_of(secret), used_at=None, expires_at__gt=now, person__is_active=True)
        .first()
    )
    if invitation is None:
        raise InvitationGone
    return invitation


@transaction.atomic
def join(secret: str, *, name: str, password: str, now: datetime) -> Person:
    """Use a link: the person sets name and password and can sign in from now on."""
    Invitation.objects.select_for_update().filter(digest=digest_of(secret)).first()  # one use, also at twice the click
    invitation = open_invitation(secret, now=now)
    person = invitation.person
    person.name = " ".join(name.split()) or person.name
    person.must_change_password = False
    person.joined_at = person.joined_at or now
    person.set_password(password)
    person.save(update_fields=["name", "password", "must_change_password", "joined_at"])
    invitation.used_at = now
    invitation.save(update_fields=["used_at"])
    return person
