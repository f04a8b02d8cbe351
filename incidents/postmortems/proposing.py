"""Proposed findings, accepted or declined; and the suggested layer, judged while a postmortem is written."""

from __future__ import annotations

from datetime import datetime

from incidents.alerts.queries import pointing
from incidents.postmortems import freezing, reviewing
from incidents.postmortems.models import DeclinedProposal, Postmortem
from incidents.postmortems.queries import proposals
from incidents.postmortems.queries.proposals import Proposal
from incidents.response import findings, suggesting, timeline
from incidents.response.models import FailureMode, Finding
from incidents.response.queries import dossier
from incidents.response.vocabulary import Confidence, FindingState, TimelineKind, Verdict
from ownership.models import Person
from web.errors import DomainError, Invalid


class NotProposed(DomainError):
    """This is no longer proposed: somebody accepted or declined it, or the record was corrected. Reload the page."""

    code = "not_proposed"


def accept(postmortem: Postmortem, key: str, *, by: Person, now: datetime) -> Finding:
    """Make a proposal a reviewed finding, with the evidence that it was made from."""
    with freezing.draft(postmortem) as current:
        said = _proposed(current, key, now=now)
        return reviewing.add(
            current,
            mode=FailureMode.objects.get(code=said.mode),
            dependency=said.seam,
            role=said.role,
            confidence=Confidence.CONFIRMED,
            evidence=said.evidence,
            links=said.links,
            by=by,
            now=now,
        )


def decline(postmortem: Postmortem, key: str, *, reason: str, by: Person, now: datetime) -> DeclinedProposal:
    """Say why a proposal is no finding; it is not made again."""
    if not reason.strip():
        raise Invalid("Say why this is no finding.", field="reason")
    with freezing.draft(postmortem) as current:
        said = _proposed(current, key, now=now)
        declined = DeclinedProposal.objects.create(
            postmortem=current, key=key, said=said.reason, reason=reason.strip(), by=by, at=now
        )
        text = f"proposed finding declined: {said.reason}"
        timeline.add(current.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text=text, why=declined.reason)
    return declined


def judge(postmortem: Postmortem, what: str, *, by: Person, now: datetime) -> Finding:
    """Say what it was, of what the alerts suggest: accepted it is found with the alerts that said so as evidence.

    A finding of that mode that waits for review is confirmed; one that stands already is left as it is. What is
    corrected to is found provisionally: what shows it is still to be said.
    """
    with freezing.draft(postmortem) as current:
        incident = current.incident
        given = suggesting.judge(incident, what, by=by, now=now)
        accepted = given.verdict == Verdict.ACCEPTED
        links = [{"kind": "alert", "id": str(one.pk)} for one in pointing.suggesting(incident)] if accepted else []
        why = incident.suggestion.get("why", "") if accepted else ""
        reviewed = FindingState.REVIEWED if accepted and given.mode else FindingState.PROVISIONAL
        there = suggesting.found_already(incident, given)
        if there is None:
            return findings.record(
                incident,
                layer=given.layer,
                mode=given.mode,
                component=incident.component,
                evidence=why,
                links=links,
                primary=not findings.has_primary(incident),
                state=reviewed,
                by=by,
                now=now,
            )
        if there.state == FindingState.PROVISIONAL and reviewed == FindingState.REVIEWED and there.mode:
            shown = [*there.links, *links]
            return findings.revise(there, state=reviewed, evidence=there.evidence or why, links=shown, by=by, now=now)
    return there


def take_back(postmortem: Postmortem, *, by: Person, now: datetime) -> None:
    """No verdict on the suggested layer after all; what was found stays until it is withdrawn."""
    with freezing.draft(postmortem) as current:
        suggesting.take_back(current.incident, by=by, now=now)


def _proposed(postmortem: Postmortem, key: str, *, now: datetime) -> Proposal:
    made = proposals.of(postmortem, dossier.current_findings(postmortem.incident), now=now)
    found = next((one for one in made if one.key == key), None)
    if found is None:
        raise NotProposed
    return found
