"""Findings as a postmortem reviews them: confirmed, added, corrected, withdrawn, marked as the primary one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from incidents.postmortems import freezing
from incidents.postmortems.models import Action, NoActionReason, Postmortem
from incidents.response import findings
from incidents.response.findings import FindingChanged
from incidents.response.models import FailureMode, Finding
from incidents.response.vocabulary import FindingState
from ownership.models import Person


def add(
    postmortem: Postmortem,
    *,
    mode: FailureMode,
    by: Person,
    now: datetime,
    evidence: str = "",
    primary: bool = False,
    **said: Any,
) -> Finding:
    """A reviewed finding; the first one of an incident is the primary one. `said` as in `findings.record`."""
    with freezing.draft(postmortem) as current:
        if primary:
            _demote_all(current, by=by, now=now)
        return findings.record(
            current.incident,
            mode=mode,
            evidence=evidence,
            primary=primary or not findings.has_primary(current.incident),
            state=FindingState.REVIEWED,
            by=by,
            now=now,
            **said,
        )


def confirm(postmortem: Postmortem, finding: Finding, *, by: Person, now: datetime) -> Finding:
    """Take a provisional finding over as it is; the database asks for its mode and evidence. Twice is once."""
    with freezing.draft(postmortem):
        return findings.revise(finding, state=FindingState.REVIEWED, by=by, now=now)


def revise(
    postmortem: Postmortem, finding: Finding, *, seen: int, by: Person, now: datetime, **changes: Any
) -> Finding:
    """Correct a finding and so review it; `seen` is the id of the version that the person looked at."""
    with freezing.draft(postmortem):
        if finding.pk != seen:
            raise FindingChanged
        return findings.revise(finding, state=FindingState.REVIEWED, by=by, now=now, **changes)


def replace(
    postmortem: Postmortem,
    finding: Finding,
    *,
    seen: int,
    by: Person,
    now: datetime,
    primary: bool = False,
    **said: Any,
) -> Finding:
    """Withdraw a finding and add another in its place, in one act; both stay on record, each on its own line.

    The new one takes over the mark of the primary one and the draft's actions, or the reason why there are none;
    `seen` as in `revise`.
    """
    with freezing.draft(postmortem) as current:
        if finding.pk != seen:
            raise FindingChanged
        findings.withdraw(finding, by=by, now=now, why=f"replaced by {said['mode'].name}")
        primary = primary or finding.primary
        if primary:
            _demote_all(current, by=by, now=now)
        new = findings.record(
            current.incident,
            state=FindingState.REVIEWED,
            primary=primary or not findings.has_primary(current.incident),
            why=f"replaces {finding.mode.name if finding.mode else finding.get_layer_display().lower()}",
            by=by,
            now=now,
            **said,
        )
        Action.objects.filter(postmortem=current, finding_line=finding.line).update(finding_line=new.line)
        NoActionReason.objects.filter(postmortem=current, finding_line=finding.line).update(finding_line=new.line)
    return new


def make_primary(postmortem: Postmortem, finding: Finding, *, by: Person, now: datetime) -> Finding:
    """Mark a finding as the primary one; the mark moves."""
    with freezing.draft(postmortem):
        return findings.revise(finding, primary=True, by=by, now=now)


def withdraw(postmortem: Postmortem, finding: Finding, *, by: Person, now: datetime) -> None:
    """Take a finding back; the record keeps that it was there."""
    with freezing.draft(postmortem):
        findings.withdraw(finding, by=by, now=now)


def _demote_all(postmortem: Postmortem, *, by: Person, now: datetime) -> None:
    rows = Finding.objects.filter(incident=postmortem.incident, primary=True, superseded_at=None)
    for finding in rows.select_related("incident", "mode"):
        findings.revise(finding, primary=False, by=by, now=now)
