"""Latency by stage: budget beside observed values, recorded, corrected, taken out; what stood before is kept."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.postmortems import freezing
from incidents.postmortems.models import Postmortem, StageLatency
from incidents.postmortems.queries import layers
from ownership.models import Component, Dependency, Person, Service
from web.errors import DomainError, Invalid

MOST = 60
PERCENTILES = ("p50_ms", "p95_ms", "p99_ms")
SAID = (
    "service_id", "component_id", "dependency_id", "name", "budget_ms", *PERCENTILES, "measured_from", "measured_until",
    "shown_by",
)  # fmt: skip


class StageChanged(DomainError):
    """Somebody changed these rows meanwhile; what you typed is still here. Look at theirs, then save again."""

    code = "stage_changed"


@dataclass(frozen=True)
class Stage:
    """One row as somebody writes it, in ms. `line` continues a row that stands, whose version `seen` was looked at."""

    service: Service | None = None
    component: Component | None = None
    dependency: Dependency | None = None
    name: str = ""
    budget_ms: int | None = None
    p50_ms: int | None = None
    p95_ms: int | None = None
    p99_ms: int | None = None
    measured_from: datetime | None = None
    measured_until: datetime | None = None
    shown_by: str = ""
    line: uuid.UUID | None = None
    seen: int | None = None

    @property
    def subject(self) -> tuple[Any, ...]:
        """What tells its stage from others."""
        ids = (one.pk if one else None for one in (self.service, self.component, self.dependency))
        return (*ids, self.name.strip())


def falling(p50: int | None, p95: int | None, p99: int | None) -> str:
    """What is wrong with the order of the percentiles, in words; nothing when they rise, as far as they are known."""
    known = [(name, value) for name, value in (("p50", p50), ("p95", p95), ("p99", p99)) if value is not None]
    for (low, lower), (high, higher) in itertools.pairwise(known):
        if lower > higher:
            return f"{high} cannot be below {low}: {higher} ms is less than {lower} ms."
    return ""


def record(
    postmortem: Postmortem, *, stages: Sequence[Stage], gone: Collection[uuid.UUID] = (), by: Person, now: datetime
) -> None:
    """Keep these rows, new ones last, and take the lines in `gone` out; rows that are not named stay.

    What has not changed stays the version it is. A row that was written on another version than stands is StageChanged.
    """
    with freezing.draft(postmortem) as current:
        rows = {row.line: row for row in layers.stages(current)}
        _require_seen(rows, stages)
        if len(rows) + sum(stage.line is None for stage in stages) - len(set(gone) & set(rows)) > MOST:
            raise Invalid(f"At most {MOST} stages.")
        StageLatency.objects.filter(pk__in=[rows[line].pk for line in gone if line in rows]).update(superseded_at=now)
        _write(current, rows, [stage for stage in stages if stage.line not in gone], by=by, now=now)


def replace(postmortem: Postmortem, *, stages: Sequence[Stage], by: Person, now: datetime) -> None:
    """These rows and no others. A row for a stage that stands already goes on with its line."""
    with freezing.draft(postmortem) as current:
        standing: dict[tuple[Any, ...], list[StageLatency]] = {}
        for row in layers.stages(current):
            subject = (row.service_id, row.component_id, row.dependency_id, row.name)
            standing.setdefault(subject, []).append(row)
        lined = []
        for stage in stages:
            rows = standing.get(stage.subject)
            lined.append(dataclasses.replace(stage, line=rows.pop(0).line) if rows else stage)
        gone = [row.line for rows in standing.values() for row in rows]
        record(current, stages=lined, gone=gone, by=by, now=now)


def _require_seen(rows: dict[uuid.UUID, StageLatency], stages: Sequence[Stage]) -> None:
    for stage in stages:
        if stage.line is not None and stage.line not in rows:
            raise StageChanged
        if stage.line is not None and stage.seen is not None and rows[stage.line].pk != stage.seen:
            raise StageChanged


def _write(
    postmortem: Postmortem,
    rows: dict[uuid.UUID, StageLatency],
    stages: Sequence[Stage],
    *,
    by: Person,
    now: datetime,
) -> None:
    old, fresh = [], []
    last = max((row.position for row in rows.values()), default=-1)
    for stage in stages:
        stands = rows.get(stage.line) if stage.line else None
        last += stands is None
        row = _row(postmortem, stage, stands.position if stands else last, by=by, now=now)
        if stands is not None and all(getattr(stands, name) == getattr(row, name) for name in SAID):
            continue
        if stands is not None:
            old.append(stands.pk)
        fresh.append(row)
    StageLatency.objects.filter(pk__in=old).update(superseded_at=now)
    StageLatency.objects.bulk_create(fresh)


def _row(postmortem: Postmortem, stage: Stage, position: int, *, by: Person, now: datetime) -> StageLatency:
    problem = falling(stage.p50_ms, stage.p95_ms, stage.p99_ms)
    if problem:
        raise Invalid(problem, field="p95_ms")
    return StageLatency(
        postmortem=postmortem,
        line=stage.line or uuid.uuid4(),
        position=position,
        service=stage.service,
        component=stage.component,
        dependency=stage.dependency,
        name=stage.name.strip(),
        budget_ms=stage.budget_ms,
        p50_ms=stage.p50_ms,
        p95_ms=stage.p95_ms,
        p99_ms=stage.p99_ms,
        measured_from=stage.measured_from,
        measured_until=stage.measured_until,
        shown_by=stage.shown_by.strip(),
        by=by,
        known_from=now,
    )
