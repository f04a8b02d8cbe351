"""Background work of the patterns wing."""

from __future__ import annotations

import logging

from celery import shared_task

from incidents.patterns import keeping

NAMED = 20  # incidents in one line of the log
_log = logging.getLogger("seamline.patterns")


@shared_task(name="incidents.patterns.compare")
def compare() -> int:
    """Hold what charts count against what was recorded and mend it; returns how many incidents were counted wrong."""
    wrong = keeping.compare(mend=True)
    if wrong:
        extra = {"incidents": len(wrong), "first": wrong[:NAMED]}
        _log.error("the patterns counted incidents as they were not; mended", extra=extra)
    return len(wrong)
