"""Publishing: a checklist that names what is missing, and the stamp that freezes the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from incidents.postmortems import freezing
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.review import Review
from incidents.response import closing, timeline
from incidents.response.models import Finding, Incident
from incidents.response.vocabulary import FindingState, TimelineKind
from ownership.models import Person
from web.errors import DomainError, translated


@dataclass(frozen=True)
class Item:
    """One line of the checklist. `url` leads to the cure; `otherwise` is another way out: its words and address."""

    label: str
    ok: bool
    url: str = ""
    hint: str = ""
    otherwise: tuple[str, str] | None = None


class NotReady(DomainError):
    """This postmortem is not ready to be published; the checklist names what is missing."""

    status = 422
    code = "not_ready"

    def __init__(self, missing: Sequence[Item]) -> None:
        super().__init__(f"Not ready to be published. Missing: {'; '.join(item.label for item in missing)}.")
        self.missing = missing


def checklist(review: Review) -> list[Item]:
    """What publishing asks for, in the order of the page; each kind of thing is one line once it is complete.

    A start of the impact that nobody can establish counts once somebody has said so with a reason (the incident's
    own default "unknown" does not).
    """
    return [*_incident(review), *_sections(review), *_findings(review), *_answers(review), *_actions(review)]


def publish(postmortem: Postmortem, *, by: Person, now: datetime) -> Postmortem:
    """Publish and freeze, or NotReady; the incident is closed with it. Twice is once."""
    with translated():
        # The incident first: it cannot be reopened between the look at the checklist and the stamp.
        incident = Incident.objects.select_for_update(of=("self",), no_key=True).get(pk=postmortem.incident_id)
        current = freezing.lock(postmortem)
        if current.published_at is not None:
            return current
        missing = [item for item in checklist(reviews.of(current)) if not item.ok]
        if missing:
            raise NotReady(missing)
        current.published_at, current.published_by = now, by
        current.save(update_fields=["published_at", "published_by"])
        timeline.add(current.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text="published")
        closing.end(incident, by=by, now=now, why="its postmortem was published")
    return current


def name_of(finding: Finding) -> str:
    """A finding as a checklist calls it: its mode, or its layer while the mode is not known."""
    return finding.mode.name if finding.mode else f"{finding.get_layer_display().lower()}, mode not known"


def _incident(review: Review) -> Iterator[Item]:
    incident = review.incident
    number = incident.pk
    yield Item(
        "The incident is resolved",
        incident.resolved_at is not None,
        reverse("incidents:incident", args=[number]),
        f"{incident.ref} is still open.",
    )
    impact = reverse("incidents:impact", args=[number])
    yield Item("What users saw, on the incident", bool(incident.impact.strip()), impact, "One or two sentences.")
    yield Item(
        "Start of the impact",
        incident.impact_from is not None or review.start_unknown is not None,
        impact,
        "As exactly as it is known.",
        ("It cannot be established", reverse("postmortems:start_unknown", args=[number])),
    )


def _sections(review: Review) -> Iterator[Item]:
    empty = [section for section in review.sections if section.required and not section.text.strip()]
    if not empty:
        yield Item("Every required section is written", True)
    for section in empty:
        yield Item(f"Write “{section.heading}”", False, f"#section-{section.key}")


def _findings(review: Review) -> Iterator[Item]:
    yield Item("At least one finding", bool(review.findings), "#findings", "Layer, mode, place and evidence.")
    if not review.findings:
        return
    yield Item("One primary finding", review.primary is not None, "#findings", "The one that charts count first.")
    waiting = [one for one in review.findings if one.state != FindingState.REVIEWED or not can_be_reviewed(one)]
    if not waiting:
        yield Item("Every finding reviewed, with evidence", True)
    for finding in waiting:
        yield Item(f"Review “{name_of(finding)}”", False, f"#finding-{finding.line}", "Its mode, and what shows it.")


def can_be_reviewed(finding: Finding) -> bool:
    """It has what a reviewed finding needs: a mode and evidence; the database holds the same."""
    return finding.mode_id is not None and bool(finding.evidence.strip())


def _answers(review: Review) -> Iterator[Item]:
    if not review.findings:
        return
    if not review.unanswered:
        yield Item("An action or a reason for each finding", True)
    for finding in review.unanswered:
        yield Item(f"Action or reason for “{name_of(finding)}”", False, f"#answer-{finding.line}")


def _actions(review: Review) -> Iterator[Item]:
    gaps = [
        (action, what)
        for action in review.actions
        for what, there in (("Owner", action.party), ("Due date", action.due_on))
        if not there
    ]
    if review.actions and not gaps:
        yield Item("An owner and a due date on each action", True)
    for action, what in gaps:
        yield Item(f"{what} on “{action.title}”", False, f"#action-{action.pk}")
