"""What would come of a file: read, understood and compared with what is here; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from incidents.history import comparing, meaning
from incidents.history.comparing import Difference, Verdict
from incidents.history.meaning import Known, Wrote
from incidents.history.models import HistoryRow
from incidents.history.queries import standing
from incidents.history.reading import extracting
from incidents.history.reading.mapping import Mapping
from incidents.history.reading.records import Problem, Reading, Record
from incidents.history.report import Added, Report
from incidents.response.queries import visible
from ownership.models import Person


@dataclass(frozen=True)
class Fresh:
    """A row that nobody imported before, and what is to be written of it."""

    record: Record
    wrote: Wrote


@dataclass(frozen=True)
class Update:
    """A row that says something else than when it was last read; `wrote` is what it says now."""

    row: HistoryRow
    record: Record
    wrote: Wrote
    verdict: Verdict


@dataclass
class Plan:
    """Everything that one file asks for."""

    reading: Reading
    collection: str
    names: Known
    fresh: list[Fresh] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many problems cost something."""
        return sum(one.severity == "error" for one in self.problems)

    def report(self, *, dry_run: bool = False, refused: bool = False) -> Report:
        """What is told of it; the new incidents have no numbers yet."""
        differences = [_differences(one) for one in self.updates]
        written = [one.wrote for one in self.fresh] + [one.wrote for one in self.updates]
        used = {slug for wrote in written for slug in (wrote["service"], *wrote["affected"])}
        return Report(
            file=self.reading.file,
            collection=self.collection,
            rows=self.reading.rows,
            added=tuple(_added(one) for one in self.fresh),
            changes=tuple(one for changes, _ in differences for one in changes),
            conflicts=tuple(one for _, conflicts in differences for one in conflicts),
            unchanged=self.unchanged,
            services=tuple(name for slug, name in self.names.new.items() if slug in used),
            skipped=tuple(self.reading.skipped),
            problems=tuple(sorted(self.problems, key=lambda one: (one.line, one.severity))),
            dry_run=dry_run,
            refused=refused,
        )


def plan(data: bytes, mapping: Mapping, *, file: str, by: Person, now: datetime) -> Plan:
    """Read a file and say what it asks for. A constant number of queries for any number of rows.

    Of an incident that `by` may not see, nothing is told and nothing is changed: its row counts as unchanged.
    """
    names = meaning.known()
    reading = extracting.read(data, mapping, names.words, file=file, now=now)
    made = Plan(reading, mapping.collection, names, problems=list(reading.problems))
    known = standing.rows_of(mapping.collection, [record.identity for record in reading.records])
    changed: dict[int, tuple[HistoryRow, Record, Wrote]] = {}
    for record in reading.records:
        wrote, problems = meaning.understood(record, mapping, names)
        made.problems += problems
        if wrote is None:
            continue
        row = known.get(record.identity)
        if row is None:
            made.fresh.append(Fresh(record, wrote))
        elif row.digest == meaning.digest(wrote):
            made.unchanged += 1
        else:
            changed[row.incident_id] = (row, record, wrote)
    seen = visible.among(by, changed)
    made.unchanged += len(changed) - len(seen)
    if seen:
        _compare(made, {number: one for number, one in changed.items() if number in seen})
    return made


def _compare(made: Plan, changed: dict[int, tuple[HistoryRow, Record, Wrote]]) -> None:
    after = {number: wrote for number, (_, _, wrote) in changed.items()}
    stands = standing.here([row for row, _, _ in changed.values()], after)
    for number, (row, record, wrote) in changed.items():
        here = stands[number] | {"source_url": row.url}
        made.updates.append(Update(row, record, wrote, comparing.judged(row.wrote, wrote, here)))


def _added(fresh: Fresh) -> Added:
    record, wrote = fresh.record, fresh.wrote
    return Added(
        record.file,
        record.line,
        record.identity,
        wrote["title"],
        record.times["detected_at"],
        wrote["service"],
        len(wrote["findings"]),
        len(wrote["actions"]),
    )


def _differences(update: Update) -> tuple[list[Difference], list[Difference]]:
    record, before, after = update.record, update.row.wrote, update.wrote

    def told(group: str, here: str = "") -> list[Difference]:
        return [
            Difference(record.file, record.line, record.identity, update.row.incident_id, name, was, becomes, here)
            for name, was, becomes in comparing.differing(group, before, after)
        ]

    changes = [one for group in update.verdict.change for one in told(group)]
    conflicts = [one for group, here in update.verdict.conflict.items() for one in told(group, here)]
    return changes, conflicts
