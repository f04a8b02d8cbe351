"""Where the pages about services, components and seams are."""

from __future__ import annotations

from django.urls import reverse

from ownership.models import Service
from ownership.models.assignments import Subject, column_of

_PAGES = {"service": "ownership:service", "component": "ownership:component", "dependency": "ownership:seam"}


def page_of(kind: str, key: str | int) -> str:
    """The page of a subject, by its kind (one of SUBJECTS) and a service's slug or else the id."""
    return reverse(_PAGES[kind], args=[key])


def page_about(subject: Subject) -> str:
    """The same for a row at hand."""
    return page_of(column_of(subject), subject.slug if isinstance(subject, Service) else subject.pk)


def mine() -> str:
    """Where people confirm what they answer for."""
    return f"{reverse('ownership:me')}#mine"
