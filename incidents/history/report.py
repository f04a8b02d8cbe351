"""What an import found and did, for people and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from incidents.history.comparing import Difference
from incidents.history.reading.records import Problem, Skipped


@dataclass(frozen=True)
class Added:
    """A row that becomes a new incident. `incident` is its number, None as long as nothing was written."""

    file: str
    line: int
    key: str
    title: str
    detected_at: datetime
    service: str
    findings: int
    actions: int
    incident: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Its public shape."""
        return asdict(self) | {"detected_at": self.detected_at.isoformat()}


@dataclass(frozen=True)
class Report:
    """The outcome of one file. With `dry_run` or `refused` nothing was written: it says what would be."""

    file: str
    collection: str
    rows: int
    added: tuple[Added, ...]
    changes: tuple[Difference, ...]
    conflicts: tuple[Difference, ...]
    unchanged: int
    services: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[Problem, ...]
    dry_run: bool = False
    refused: bool = False

    @property
    def errors(self) -> list[Problem]:
        """The problems that cost their row, or the whole file."""
        return [one for one in self.problems if one.severity == "error"]

    @property
    def updated(self) -> int:
        """How many incidents change."""
        return len({one.incident for one in self.changes})

    @property
    def nothing_to_do(self) -> bool:
        """True when all that the file says, and that can come in, is here already."""
        return not self.added and not self.changes

    def as_json(self) -> dict[str, Any]:
        """The public shape: lists where things have places, numbers where they are only counted."""
        return {
            "file": self.file,
            "collection": self.collection,
            "rows": self.rows,
            "new": len(self.added),
            "updated": self.updated,
            "unchanged": self.unchanged,
            "services_created": list(self.services),
            "added": [one.as_json() for one in self.added],
            "changes": [one.as_json() for one in self.changes],
            "conflicts": [one.as_json() for one in self.conflicts],
            "skipped": [asdict(one) for one in self.skipped],
            "problems": [asdict(one) for one in self.problems],
            "nothing_to_do": self.nothing_to_do,
            "dry_run": self.dry_run,
            "refused": self.refused,
        }
