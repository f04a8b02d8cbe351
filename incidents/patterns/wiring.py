"""What the patterns wing hangs into the house."""

from __future__ import annotations

from web import registry


def connect() -> None:
    """Register the place in the rail; called once, when Django is ready."""
    registry.add_nav(
        registry.NavItem(
            label="Patterns", url_name="patterns:overview", icon="patterns", order=30, prefixes=("/patterns/",)
        )
    )
