"""What reading a file gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """Something wrong in a line (from 1) of a file, and the cure. A row with an error is not brought in."""

    file: str
    line: int
    code: str
    message: str
    field: str = ""
    severity: Severity = "error"


@dataclass(frozen=True)
class Row:
    """One row as the file has it, and the line where it begins."""

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class Doubt:
    """Why a time of a record tells nothing about how long anything took, although it stands there."""

    field: str
    reason: str
    told: str  # what the file says


@dataclass(frozen=True)
class Finding:
    """What a row says that failed; `mode` is the code of a failure mode, with its layer."""

    layer: str
    mode: str = ""
    role: str = "cause"
    component: str = ""
    evidence: str = ""
    confidence: str = "probable"
    primary: bool = False
    state: str = "provisional"


@dataclass(frozen=True)
class Action:
    """What a row says that was or will be done."""

    title: str
    kind: str = "other"
    owner: str = ""
    due_on: str = ""
    done_on: str = ""


@dataclass(frozen=True)
class Record:
    """One past incident. Its `identity` is unique in the collection; `fields` are those of an incident, times aware."""

    file: str
    line: int
    identity: str
    fields: Mapping[str, Any]
    times: Mapping[str, datetime]
    service: str = ""
    affected: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    actions: tuple[Action, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """A row that the mapping leaves out, and why."""

    file: str
    line: int
    reason: str


@dataclass
class Reading:
    """One file, read: what it holds, what was left out and what was wrong."""

    file: str
    records: list[Record] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows the file has that could be told apart."""
        bad = {problem.line for problem in self.problems if problem.severity == "error"}
        return len(self.records) + len(self.skipped) + len(bad)
