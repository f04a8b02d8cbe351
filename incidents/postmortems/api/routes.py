"""The wing's routes below /api/v1/."""

from __future__ import annotations

from incidents.postmortems.api.actions import ActionViewSet
from incidents.postmortems.api.postmortems import PostmortemViewSet

ROUTES = [
    ("postmortems", PostmortemViewSet, "postmortem"),
    ("actions", ActionViewSet, "action"),
]
