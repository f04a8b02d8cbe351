"""What the postmortems wing hangs into the house."""

from __future__ import annotations


def connect() -> None:
    """Called once, when Django is ready."""
