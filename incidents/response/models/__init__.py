"""The tables of the response wing."""

from incidents.response.models.findings import FailureMode, Finding
from incidents.response.models.grouping import GroupingPolicy
from incidents.response.models.handoffs import HandOff
from incidents.response.models.impacts import ImpactFacts
from incidents.response.models.incidents import AffectedService, Incident, IncidentVersion, TimelineRow

__all__ = [
    "AffectedService",
    "FailureMode",
    "Finding",
    "GroupingPolicy",
    "HandOff",
    "ImpactFacts",
    "Incident",
    "IncidentVersion",
    "TimelineRow",
]
