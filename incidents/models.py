"""Gathers the wings' tables for Django; the wings themselves import their own models module."""

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
    BoardDefault,
    BoardView,
    FailureMode,
    Finding,
    GroupingPolicy,
    Incident,
    IncidentVersion,
    TimelineRow,
)

__all__ = [
    "Action",
    "AffectedService",
    "Alert",
    "AlertMove",
    "AlertRule",
    "BoardDefault",
    "BoardView",
    "Delivery",
    "FailureMode",
    "Finding",
    "GroupingPolicy",
    "Incident",
    "IncidentVersion",
    "NoActionReason",
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
    "TimelineRow",
    "TopicSubscription",
]
