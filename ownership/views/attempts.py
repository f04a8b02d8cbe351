"""Trying an act with what a form brought."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict, TypeVar

from django import forms
from django.utils import timezone

from ownership.access import SignedInRequest
from ownership.models import Person
from web import errors

T = TypeVar("T")


class Acting(TypedDict):
    """Who acts, and when."""

    by: Person
    now: datetime


def acting(request: SignedInRequest) -> Acting:
    """What every act wants to know of a request."""
    return {"by": request.user, "now": timezone.now()}


def tried(form: forms.Form, act: Callable[[], T]) -> T | None:
    """What the act returns when the form is valid; a refusal goes onto the form, beside its field, and gives None."""
    if not form.is_valid():
        return None
    try:
        return act()
    except errors.DomainError as error:
        errors.put_on(form, error)
        return None


def status_of(*shown: forms.Form) -> int:
    """422 when a form could not be used, 200 otherwise."""
    return 422 if any(form.is_bound and form.errors for form in shown) else 200
