"""Words that answers share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

MOST_MONTHS = 4


def p_value(value: float) -> str:
    """`<0.001`, else three digits."""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def months(of: Sequence[date]) -> str:
    """`March 2024`; `June, July and September 2026`; after the third of many `and 3 other months`."""
    shown, left = (of, 0) if len(of) <= MOST_MONTHS else (of[: MOST_MONTHS - 1], len(of) - MOST_MONTHS + 1)
    named = [
        f"{month:%B}" if place + 1 < len(shown) and shown[place + 1].year == month.year else f"{month:%B %Y}"
        for place, month in enumerate(shown)
    ]
    return listed([*named, *([f"{left} other months"] if left else [])])


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
