"""The ownership chain that an incident keeps as it was known when it opened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ownership.models import Component, Service
from ownership.queries.owners import STANDS_IN_AS, Answering
from ownership.vocabulary import AssignmentRole


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
        "asked": answering.asked.as_known() if answering.asked else None,
        "asked_as": answering.asked_as,
        "why": why,
    }


def words(chain: dict[str, Any]) -> str:
    """Who was asked, of a snapshot: `Priya Nair answers`, `nobody answers for it; Jonas Lind stands in as deputy`."""
    asked = chain["asked"]
    if asked is None:
        return "nobody answers for it yet"
    named = f"{asked['name']} ({asked['answering']['name']})" if asked["answering"] else asked["name"]
    if chain["asked_as"] == AssignmentRole.ACCOUNTABLE:
        return f"{named} answers"
    return f"nobody answers for it; {named} stands in as {STANDS_IN_AS[chain['asked_as']]}"
