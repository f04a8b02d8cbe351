"""The wing's routes below /api/v1/."""

from __future__ import annotations

from incidents.response.api.attachments import AttachmentViewSet
from incidents.response.api.boards import BoardViewViewSet
from incidents.response.api.escalation import EscalationViewSet
from incidents.response.api.findings import FindingViewSet
from incidents.response.api.incidents import IncidentViewSet
from incidents.response.api.modes import ModeViewSet
from incidents.response.api.people import LinkViewSet, PeopleViewSet
from incidents.response.api.timeline import TimelineViewSet

ROUTES = [
    ("incidents", IncidentViewSet, "incident"),
    (r"incidents/(?P<number>\d{1,18})/people", PeopleViewSet, "incident-people"),
    (r"incidents/(?P<number>\d{1,18})/links", LinkViewSet, "incident-link"),
    (r"incidents/(?P<number>\d{1,18})/escalation", EscalationViewSet, "incident-escalation"),
    ("timeline", TimelineViewSet, "timeline"),
    ("attachments", AttachmentViewSet, "attachment"),
    ("findings", FindingViewSet, "finding"),
    ("modes", ModeViewSet, "mode"),
    ("board-views", BoardViewViewSet, "board-view"),
]
