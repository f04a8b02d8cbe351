"""What stops a start."""

from __future__ import annotations


class CannotStart(Exception):
    """Seamline cannot start; the message says in one line why, and the cure."""
