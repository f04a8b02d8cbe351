"""The room's addresses under /api/v1/; config/api.py registers them."""

from __future__ import annotations

from ownership.api import schema  # noqa: F401 -- registers itself with the schema generator
from ownership.api.assignments import AssignmentViewSet
from ownership.api.catalogue import ComponentViewSet, DependencyViewSet
from ownership.api.channels import ChannelViewSet
from ownership.api.claims import ClaimViewSet
from ownership.api.coverage import CoverageViewSet, WaiverViewSet
from ownership.api.exchange import CatalogueViewSet
from ownership.api.handovers import HandoverViewSet
from ownership.api.notices import ConfirmationViewSet, NoticeViewSet
from ownership.api.people import PersonViewSet, TeamViewSet
from ownership.api.resolve import ResolveViewSet
from ownership.api.services import ServiceViewSet
from ownership.api.webhooks import WebhookViewSet

ROUTES = [
    ("teams", TeamViewSet, "team"),
    ("people", PersonViewSet, "person"),
    ("components", ComponentViewSet, "component"),
    ("dependencies", DependencyViewSet, "dependency"),
    ("services", ServiceViewSet, "service"),
    ("assignments", AssignmentViewSet, "assignment"),
    ("handovers", HandoverViewSet, "handover"),
    ("resolve", ResolveViewSet, "resolve"),
    ("coverage", CoverageViewSet, "coverage"),
    ("waivers", WaiverViewSet, "waiver"),
    ("confirmations", ConfirmationViewSet, "confirmation"),
    ("channels", ChannelViewSet, "channel"),
    ("notices", NoticeViewSet, "notice"),
    ("claims", ClaimViewSet, "claim"),
    ("catalogue", CatalogueViewSet, "catalogue"),
    ("webhooks", WebhookViewSet, "webhook"),
]
