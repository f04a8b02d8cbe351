"""The addresses that senders are given."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from incidents.alerts.models import Source

PLACEHOLDER = "THE-KEY"


def hook_url(source: Source, key: str) -> str:
    """The whole address of a source's hook, its key in the path."""
    return f"{settings.BASE_URL}{reverse('alerts:hook', args=[source.kind, key])}"
