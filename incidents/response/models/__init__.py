"""The tables of the response wing."""

from incidents.response.models.escalation import Escalation, EscalationStep, EscalationWait
from incidents.response.models.events import IncidentEvent
from incidents.response.models.findings import FailureMode, Finding
from incidents.response.models.grouping import GroupingPolicy
from incidents.response.models.incidents import AffectedService, Incident, IncidentVersion, TimelineRow

__all__ = [
    "AffectedService",
    "Escalation",
    "EscalationStep",
    "EscalationWait",
    "FailureMode",
    "Finding",
    "GroupingPolicy",
    "Incident",
    "IncidentEvent",
    "IncidentVersion",
    "TimelineRow",
]
