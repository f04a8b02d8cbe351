"""The tables of the response wing."""

from incidents.response.models.combining import IncidentLink, IncidentMerge
from incidents.response.models.findings import FailureMode, Finding
from incidents.response.models.grouping import GroupingPolicy
from incidents.response.models.incidents import AffectedService, Incident, IncidentVersion, TimelineRow
from incidents.response.models.people import Participation

__all__ = [
    "AffectedService",
    "FailureMode",
    "Finding",
    "GroupingPolicy",
    "Incident",
    "IncidentLink",
    "IncidentMerge",
    "IncidentVersion",
    "Participation",
    "TimelineRow",
]
