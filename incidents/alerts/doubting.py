"""What speaks against resolving an incident by hand: alerts of it that still fire."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from incidents.alerts.queries import members
from web.registry import Guard

CODE = "still_firing"


def of_resolving(incident_ids: Collection[int]) -> Mapping[int, Guard]:
    """A guard for each incident with alerts that still fire; one query for any number."""
    return {
        number: Guard(
            code=CODE,
            label=f"Resolve although {firing.words}",
            hint=f"{firing.named}. Repeats will be noted here; the next beginning is grouped anew.",
            said=f"although {firing.words}: {firing.named}",
        )
        for number, firing in members.firing(incident_ids).items()
    }
