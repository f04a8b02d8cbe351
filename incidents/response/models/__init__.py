"""The tables of the response wing."""

from incidents.response.models.boards import BoardDefault, BoardView
from incidents.response.models.findings import FailureMode, Finding
from incidents.response.models.grouping import GroupingPolicy
from incidents.response.models.incidents import AffectedService, Incident, IncidentVersion, TimelineRow

__all__ = [
    "AffectedService",
    "BoardDefault",
    "BoardView",
    "FailureMode",
    "Finding",
    "GroupingPolicy",
    "Incident",
    "IncidentVersion",
    "TimelineRow",
]
