"""Saying of a past incident what failed, in one act; and taking that back."""

from __future__ import annotations

from datetime import datetime

from incidents.response import findings, standing, suggesting
from incidents.response.models import FailureMode, Finding, Incident
from incidents.response.queries import verdicts
from incidents.response.vocabulary import Layer
from ownership.models import Person
from web.errors import DomainError, Invalid, translated


class Tagged(DomainError):
    """Somebody said meanwhile what failed there."""

    code = "tagged_meanwhile"


def tag(incident: Incident, what: str, *, by: Person, now: datetime) -> Finding:
    """One provisional finding: `what` is a layer or the code of a mode. Where a rule suggested one, it is scored by it.

    Raises Tagged when a finding stands already.
    """
    with translated():
        current = Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=incident.pk)
        standing.require(current)
        if Finding.objects.filter(incident=current, superseded_at=None).exists():
            raise Tagged
        if current.suggested_layer and current.suggestion.get("rule"):
            found = suggesting.find(current, what, by=by, now=now)
            if found is None:
                raise Tagged
            return found
        mode = FailureMode.objects.filter(code=what).first() if "." in what else None
        if mode is None and what not in Layer.values:
            raise Invalid("Choose a layer.", field="what")
        return findings.record(
            current,
            layer=mode.layer if mode else what,
            mode=mode,
            component=current.component,
            primary=True,
            by=by,
            now=now,
        )


def undo(finding: Finding, *, by: Person, now: datetime) -> None:
    """The finding was a slip: it is withdrawn, and so is the verdict on a suggestion that came with it."""
    with translated():
        findings.withdraw(finding, by=by, now=now, why="a slip in the tagging queue")
        given = verdicts.current(finding.incident)
        if given is not None and given.by_id == by.pk and given.at == finding.known_from:
            suggesting.take_back(finding.incident, by=by, now=now)
