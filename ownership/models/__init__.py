"""The tables of the ownership room."""

from ownership.models.assignments import Assignment
from ownership.models.catalogue import Alias, Component, Dependency, Part, Service, ServiceLink
from ownership.models.claims import CatalogueEntry, Claim
from ownership.models.handovers import Handover
from ownership.models.people import ApiToken, Invitation, Membership, Person, Team

__all__ = [
    "Alias",
    "ApiToken",
    "Assignment",
    "CatalogueEntry",
    "Claim",
    "Component",
    "Dependency",
    "Handover",
    "Invitation",
    "Membership",
    "Part",
    "Person",
    "Service",
    "ServiceLink",
    "Team",
]
