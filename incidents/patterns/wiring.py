"""What the patterns wing hangs into the house."""

from __future__ import annotations

from incidents.patterns import panels
from web import registry


def connect() -> None:
    """Register the place in the rail and the ways that lead here; called once, when Django is ready."""
    registry.add_nav(
        registry.NavItem(
            label="Patterns", url_name="patterns:overview", icon="patterns", order=30, prefixes=("/patterns/",)
        )
    )
    registry.add_panels("service", panels.on_services)
    registry.add_panels("team", panels.on_teams)
