"""How far incidents have come, as a condition: what `Incident.state` says of one row."""

from __future__ import annotations

from django.db.models import Q

from incidents.response.vocabulary import State

_HERE = Q(merged_into__isnull=True)
_CLAUSES = {
    State.OPEN: Q(resolved_at__isnull=True, mitigated_at__isnull=True, acknowledged_at__isnull=True),
    State.ACKNOWLEDGED: Q(resolved_at__isnull=True, mitigated_at__isnull=True, acknowledged_at__isnull=False),
    State.MITIGATED: Q(resolved_at__isnull=True, mitigated_at__isnull=False),
    State.RESOLVED: Q(resolved_at__isnull=False, closed_at__isnull=True),
    State.CLOSED: Q(closed_at__isnull=False),
    State.MERGED: ~_HERE,
}


def clause(state: str) -> Q:
    """The condition on incidents of one State."""
    found = _CLAUSES[State(state)]
    return found if state == State.MERGED else found & _HERE
