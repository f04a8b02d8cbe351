"""The board's reads."""

from __future__ import annotations

from incidents.response.models import Incident


def open_count() -> int:
    """How many incidents are open; an index-only count over the open ones."""
    return Incident.objects.filter(resolved_at__isnull=True).count()
