"""An incident that was merged into another stands still: its story goes on there."""

from __future__ import annotations

from incidents.response.models import Incident
from web.errors import DomainError


class Merged(DomainError):
    """This incident was merged into another one; work there."""

    code = "merged"


def require(incident: Incident) -> None:
    """Raise Merged for what was merged into another."""
    if incident.merged_into_id is not None:
        raise Merged(f"{incident.ref} was merged into INC-{incident.merged_into_id}; work there.")
