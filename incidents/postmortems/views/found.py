"""What the findings' place on the page reads: what shows each, what is suggested, what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.postmortems.forms.asking import DeclineForm
from incidents.postmortems.models import DeclinedProposal
from incidents.postmortems.queries import proposals
from incidents.postmortems.queries.proposals import Proposal
from incidents.postmortems.queries.review import Review
from incidents.response.models import FailureMode, Incident, SuggestionVerdict
from incidents.response.queries import exhibits, modes, verdicts
from incidents.response.vocabulary import BLAME_NOT_KNOWN, FindingRole, Layer
from ownership.models import Person


@dataclass(frozen=True)
class Suggested:
    """The layer that a rule suggests, with its mode, and what somebody said to it. `others` are the layers it is not.

    `choices` are the modes to correct it by, only where somebody may.
    """

    layer: str
    mode: FailureMode | None
    verdict: SuggestionVerdict | None
    others: Sequence[str]
    choices: Sequence[tuple[str, Sequence[FailureMode]]] = ()


@dataclass(frozen=True)
class Blame:
    """First blame beside what was found. `unknown`: somebody said then that it was not known yet."""

    layer: str
    unknown: bool
    primary: str
    others: Sequence[str]

    @property
    def held(self) -> str:
        """How the first blame came out, in words; empty while nothing decides it."""
        if not self.layer or not self.primary:
            return ""
        if self.layer == self.primary:
            return "The first blame held."
        too = self.layer in self.others
        return "What was blamed first was found too, not first." if too else "What was blamed first was not found."


def of(review: Review, viewer: Person, *, may_edit: bool, now: datetime) -> dict[str, Any]:
    """The names that the templates of the findings use; what is proposed only where somebody may accept it."""
    made: list[Proposal] = []
    declined: list[DeclinedProposal] = []
    if may_edit:
        made = proposals.of(review.postmortem, review.findings, now=now)
        declined = proposals.declined(review.postmortem)
    return {
        "exhibits": exhibits.of(review.findings, viewer, number=review.incident.pk),
        "suggested": _suggested(review.incident, may_edit=may_edit),
        "proposals": [_offered(one) for one in made],
        "declined": declined,
        "blame": blame(review),
    }


def _offered(one: Proposal) -> dict[str, Any]:
    """A proposal as it is drawn, with the form that declines it."""
    return {
        "key": one.key,
        "anchor": one.key.replace(".", "-").replace(":", "-"),
        "name": one.mode.partition(".")[2].replace("_", " "),
        "role_words": FindingRole(one.role).label.lower(),
        "reason": one.reason,
        "form": DeclineForm(auto_id=f"decline_{one.key}_%s"),
    }


def blame(review: Review) -> Blame:
    """What was suspected first, and what was found."""
    primary = review.primary.layer if review.primary else ""
    others = dict.fromkeys(finding.layer for finding in review.findings if finding.layer != primary)
    incident = review.incident
    return Blame(incident.first_blame, incident.blamed == BLAME_NOT_KNOWN, primary, list(others))


def _suggested(incident: Incident, *, may_edit: bool) -> Suggested | None:
    if not incident.suggested_layer or not incident.suggestion.get("rule"):
        return None
    code = incident.suggestion.get("mode") or ""
    verdict = verdicts.current(incident)
    others = [layer for layer in Layer.values if layer != incident.suggested_layer]
    if verdict is not None or not may_edit:
        mode = FailureMode.objects.filter(pk=code).first() if code else None
        return Suggested(incident.suggested_layer, mode, verdict, others)
    offered = modes.offered(keep=code)
    mode = next((one for one in offered if one.code == code), None)
    choices = [(layer.label, [one for one in offered if one.layer == layer and one != mode]) for layer in Layer]
    return Suggested(incident.suggested_layer, mode, verdict, others, choices)
