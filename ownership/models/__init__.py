"""The tables of the ownership room."""

from ownership.models.assignments import Assignment, Confirmation, Waiver
from ownership.models.catalogue import Alias, Component, ComponentLink, Dependency, Part, Service, ServiceLink
from ownership.models.channels import Bundle, Channel, Manner, Message
from ownership.models.claims import CatalogueEntry, CatalogueUpload, Claim, OwnerAlias
from ownership.models.handovers import Handover
from ownership.models.notices import Notice
from ownership.models.people import ApiToken, Invitation, Membership, Person, Team
from ownership.models.webhooks import Webhook, WebhookDelivery, WebhookSecret

__all__ = [
    "Alias",
    "ApiToken",
    "Assignment",
    "Bundle",
    "CatalogueEntry",
    "CatalogueUpload",
    "Channel",
    "Claim",
    "Component",
    "ComponentLink",
    "Confirmation",
    "Dependency",
    "Handover",
    "Invitation",
    "Manner",
    "Membership",
    "Message",
    "Notice",
    "OwnerAlias",
    "Part",
    "Person",
    "Service",
    "ServiceLink",
    "Team",
    "Waiver",
    "Webhook",
    "WebhookDelivery",
    "WebhookSecret",
]
