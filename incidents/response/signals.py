"""What begins, where it is put, and what a batch of it does to the incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from incidents.response.models import GroupingPolicy, Incident
from incidents.response.vocabulary import DetectedBy, Severity
from ownership.models import Component, Service


@dataclass(frozen=True)
class Follow:
    """The open incident that a signal joins whatever its key says, and why."""

    incident_id: int
    why: str


@dataclass(frozen=True)
class Signal:
    """Something that began: an alert's first firing. `key` says what it is grouped with, `grouped_by` in words.

    `policy` is the version in force when it was received, None the built-in one; an incident keeps its opener's.
    """

    key: str
    grouped_by: str
    title: str
    at: datetime
    received_at: datetime
    severity: Severity
    severity_why: str
    component: Component | None = None
    service: Service | None = None
    affected: tuple[Service, ...] = ()
    why: str = ""
    detected_by: str = DetectedBy.MONITOR
    policy: GroupingPolicy | None = None
    follows: Follow | None = None
    suggestion: Mapping[str, Any] = field(default_factory=dict)  # `layer` and why; empty when nothing suggests one


@dataclass(frozen=True)
class Place:
    """The incident that a signal opened or joined, and why that one."""

    incident: Incident
    opened: bool
    why: str


@dataclass
class Plan:
    """What a batch does to the incidents table."""

    opened: list[Incident] = field(default_factory=list)
    joined: dict[int, Incident] = field(default_factory=dict)  # by id() of the object: new ones have no number yet
    raised: list[tuple[Incident, Signal, str]] = field(default_factory=list)
    reopened: list[tuple[Incident, Signal, str]] = field(default_factory=list)
