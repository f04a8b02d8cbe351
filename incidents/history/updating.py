"""Rows that say something else than before: what they change is changed, what people changed since stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from incidents.history import comparing, meaning, promising, writing
from incidents.history.comparing import ALONE, GROUPS
from incidents.history.models import HistoryRow
from incidents.history.planning import Update
from incidents.history.writing import Names
from incidents.response import findings as finding_acts
from incidents.response import timeline
from incidents.response.models import AffectedService, DoubtedTime, Finding, ImpactFacts, Incident
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person

_KEPT_FACTS = ("tries", "reproduced", "prompt_version", "model_version", "index_version")


def update(updates: Sequence[Update], names: Names, *, collection: str, by: Person, now: datetime) -> None:
    """Make the changes that the verdicts allow; a fixed number of statements for any number of rows."""
    changed = [one for one in updates if one.verdict.change]
    if changed:
        _incidents(changed, names, by=by, now=now)
        _affected(_of(changed, "affected"), names, collection=collection)
        _facts(_of(changed, "facts"), by=by, now=now)
        _doubts(_of(changed, "times"), now=now)
        _findings(_of(changed, "findings"), names, by=by, now=now)
        _actions(_of(changed, "actions"), by=by, now=now)
        timeline.add_all(_told(one, by=by, now=now) for one in changed)
    _rows(updates, changed, now=now)


def _of(changed: Sequence[Update], group: str) -> list[Update]:
    return [one for one in changed if group in one.verdict.change]


def _incidents(changed: Sequence[Update], names: Names, *, by: Person, now: datetime) -> None:
    columns: set[str] = set()
    for one in changed:
        incident = one.row.incident
        incident.changed_at = now
        for group in one.verdict.change:
            if group == "times" or (group in ALONE and group != "source_url"):
                columns |= set(writing.put(incident, group, one.wrote, names, by=by, now=now))
    if columns:
        incidents = [one.row.incident for one in changed]
        Incident.objects.bulk_update(incidents, [*sorted(columns), "changed_at"], batch_size=writing.BATCH)


def _affected(changed: Sequence[Update], names: Names, *, collection: str) -> None:
    if changed:
        AffectedService.objects.filter(incident__in=[one.row.incident_id for one in changed]).delete()
        AffectedService.objects.bulk_create(
            row
            for one in changed
            for row in writing.affected(one.row.incident, one.wrote, names, collection=collection)
        )


def _facts(changed: Sequence[Update], *, by: Person, now: datetime) -> None:
    if not changed:
        return
    rows = ImpactFacts.objects.filter(incident__in=[one.row.incident_id for one in changed], superseded_at=None)
    before = {one.incident_id: one for one in rows}
    rows.update(superseded_at=now)
    new = [writing.facts(one.row.incident, one.wrote, by=by, now=now) for one in changed]
    for facts in new:
        if old := before.get(facts.incident_id):
            for name in _KEPT_FACTS:
                setattr(facts, name, getattr(old, name))
    ImpactFacts.objects.bulk_create(new)


def _doubts(changed: Sequence[Update], *, now: datetime) -> None:
    if changed:
        numbers = [one.row.incident_id for one in changed]
        DoubtedTime.objects.filter(incident__in=numbers, superseded_at=None).update(superseded_at=now)
        DoubtedTime.objects.bulk_create(
            row for one in changed for row in writing.doubts(one.row.incident, one.wrote, now=now)
        )


def _findings(changed: Sequence[Update], names: Names, *, by: Person, now: datetime) -> None:
    """The new ones supersede those that the file had brought; they are lines of their own."""
    if not changed:
        return
    numbers = [one.row.incident_id for one in changed]
    brought = [number for one in changed for number in one.row.findings]
    Finding.objects.filter(pk__in=brought, superseded_at=None).update(superseded_at=now)
    taken = set(
        Finding.objects.filter(incident__in=numbers, primary=True, superseded_at=None).values_list(
            "incident_id", flat=True
        )
    )
    new = Finding.objects.bulk_create(
        finding
        for one in changed
        for finding in writing.findings(
            one.row.incident, one.wrote, names, by=by, now=now, primary=one.row.incident_id not in taken
        )
    )
    for one in changed:
        one.row.findings = [finding.pk for finding in new if finding.incident_id == one.row.incident_id]
    finding_acts.tell_of(numbers)


def _actions(changed: Sequence[Update], *, by: Person, now: datetime) -> None:
    found = promising.promise([(one.row.incident, one.wrote["actions"]) for one in changed], by=by, now=now)
    for one in changed:
        one.row.actions = sorted({*one.row.actions, *found.get(one.row.incident_id, [])})


def _rows(updates: Sequence[Update], changed: Sequence[Update], *, now: datetime) -> None:
    """Remember what was written. Of what people changed the old word stays, so that it is told again next time."""
    rows = []
    for one in updates:
        kept = {name: one.row.wrote[name] for group in one.verdict.conflict for name in GROUPS[group]}
        wrote = one.wrote | kept
        if wrote == one.row.wrote:
            continue
        one.row.wrote, one.row.digest, one.row.url = wrote, meaning.digest(wrote), wrote["source_url"]
        one.row.file, one.row.line = one.record.file, one.record.line
        one.row.changed_at = now if one in changed else one.row.changed_at
        rows.append(one.row)
    fields = ["wrote", "digest", "url", "file", "line", "findings", "actions", "changed_at"]
    HistoryRow.objects.bulk_update(rows, fields, batch_size=writing.BATCH)


def _told(one: Update, *, by: Person, now: datetime) -> Any:
    """What changed, in one row of the timeline."""
    told = [
        f"{name}: {was} → {becomes}"
        for group in one.verdict.change
        for name, was, becomes in comparing.differing(group, one.row.wrote, one.wrote)
    ]
    text = f"again, from {writing.place(one.record)}: {'; '.join(told)}"
    return timeline.row(one.row.incident, TimelineKind.IMPORTED, at=now, now=now, by=by, text=text)
