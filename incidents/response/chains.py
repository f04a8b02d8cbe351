"""The ownership chain that an incident keeps as it was known when it opened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ownership.models import Component, Service
from ownership.queries.owners import Answering


def snapshot(
    *, service: Service | None, component: Component | None, answering: Answering, at: datetime, why: str
) -> dict[str, Any]:
    """Who answered at `at`, and by which rule the service was found; plain JSON with names, for it must not change."""
    return {
        "at": at.isoformat(),
        "component": {"id": component.pk, "name": component.name} if component else None,
        "service": {"id": service.pk, "name": service.name} if service else None,
        "accountable": answering.accountable.as_known() if answering.accountable else None,
        "deputies": [holding.as_known() for holding in answering.deputies],
        "why": why,
    }
