"""Gathers the wings' tables for Django; the wings themselves import their own models module."""

from incidents.alerts.change_models import Change, Suspect
from incidents.alerts.mapping_models import SourceMapping
from incidents.alerts.membership import AlertMove
from incidents.alerts.models import Alert, Delivery, Source
from incidents.alerts.report_models import Report
from incidents.alerts.rule_models import AlertRule, SeverityTable
from incidents.alerts.trust_models import SnsCertificate, SourceSecret, TopicSubscription
from incidents.alerts.watch_models import QualitySignal, SourceHour
from incidents.postmortems.models import (
    Action,
    NoActionReason,
    Postmortem,
    PostmortemTemplate,
    Section,
    SectionRevision,
)
from incidents.response.models import (
    AffectedService,
    Attachment,
    BoardDefault,
    BoardView,
    Escalation,
    EscalationStep,
    EscalationWait,
    FailureMode,
    Finding,
    GroupingPolicy,
    HandOff,
    ImpactFacts,
    Incident,
    IncidentEvent,
    IncidentLink,
    IncidentMerge,
    IncidentVersion,
    Participation,
    Pin,
    TimelineRow,
)

__all__ = [
    "Action",
    "AffectedService",
    "Alert",
    "AlertMove",
    "AlertRule",
    "Attachment",
    "BoardDefault",
    "BoardView",
    "Change",
    "Delivery",
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
    "NoActionReason",
    "Participation",
    "Pin",
    "Postmortem",
    "PostmortemTemplate",
    "QualitySignal",
    "Report",
    "Section",
    "SectionRevision",
    "SeverityTable",
    "SnsCertificate",
    "Source",
    "SourceHour",
    "SourceMapping",
    "SourceSecret",
    "Suspect",
    "TimelineRow",
    "TopicSubscription",
]
