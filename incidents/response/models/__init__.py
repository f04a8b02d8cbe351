"""The tables of the response wing."""

from incidents.response.models.attachments import Attachment
from incidents.response.models.boards import BoardDefault, BoardView
from incidents.response.models.combining import IncidentLink, IncidentMerge
from incidents.response.models.doubts import DoubtedTime
from incidents.response.models.escalation import Escalation, EscalationStep, EscalationWait
from incidents.response.models.events import IncidentEvent
from incidents.response.models.findings import FailureMode, Finding, ModeChange, SuggestionVerdict
from incidents.response.models.grouping import GroupingPolicy
from incidents.response.models.handoffs import HandOff
from incidents.response.models.impacts import ImpactFacts
from incidents.response.models.incidents import AffectedService, Incident, IncidentVersion, TimelineRow
from incidents.response.models.people import Participation
from incidents.response.models.pins import Pin

__all__ = [
    "AffectedService",
    "Attachment",
    "BoardDefault",
    "BoardView",
    "DoubtedTime",
    "Escalation",
    "EscalationStep",
    "EscalationWait",
    "FailureMode",
    "Finding",
    "GroupingPolicy",
    "HandOff",
    "ImpactFacts",
    "Incident",
    "IncidentEvent",
    "IncidentLink",
    "IncidentMerge",
    "IncidentVersion",
    "ModeChange",
    "Participation",
    "Pin",
    "SuggestionVerdict",
    "TimelineRow",
]
