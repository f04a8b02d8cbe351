"""Gathers the wings' tables for Django; the wings themselves import their own models module."""

from incidents.alerts.mapping_models import SourceMapping
from incidents.alerts.models import Alert, Delivery, Source
from incidents.alerts.report_models import Report
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
    FailureMode,
    Finding,
    Incident,
    IncidentVersion,
    TimelineRow,
)

__all__ = [
    "Action",
    "AffectedService",
    "Alert",
    "Delivery",
    "FailureMode",
    "Finding",
    "Incident",
    "IncidentVersion",
    "NoActionReason",
    "Postmortem",
    "PostmortemTemplate",
    "QualitySignal",
    "Report",
    "Section",
    "SectionRevision",
    "Source",
    "SourceHour",
    "SourceMapping",
    "TimelineRow",
]
