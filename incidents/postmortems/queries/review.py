"""One postmortem with everything that its page and its checklist look at, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from incidents.postmortems import questions
from incidents.postmortems.models import Action, NoActionReason, Postmortem, Section
from incidents.postmortems.questions import Question
from incidents.response.models import Finding, Incident, TimelineRow
from incidents.response.queries import dossier
from incidents.response.vocabulary import FindingState, Precision, TimelineKind


@dataclass(frozen=True)
class Block:
    """One place of the page: a section to write, or (without one) where the findings stand."""

    kind: str
    section: Section | None = None


@dataclass(frozen=True)
class Review:
    """A postmortem as it stands. `start_unknown` is the row that says why the impact's start cannot be known."""

    postmortem: Postmortem
    sections: Sequence[Section]
    findings: Sequence[Finding]
    actions: Sequence[Action]
    reasons: Mapping[UUID, NoActionReason]
    start_unknown: TimelineRow | None

    @property
    def incident(self) -> Incident:
        """The incident that is reviewed."""
        return self.postmortem.incident

    @property
    def blocks(self) -> list[Block]:
        """The page in the order of its template."""
        written = {section.key: section for section in self.sections}
        order = [
            Block(entry["kind"], written.get(entry["key"]))
            for entry in self.postmortem.template.sections
            if entry["kind"] != "narrative" or entry["key"] in written
        ]
        return order if any(block.kind == "findings" for block in order) else [*order, Block("findings")]

    @property
    def primary(self) -> Finding | None:
        """The finding that charts count first, when one is marked."""
        return next((finding for finding in self.findings if finding.primary), None)

    @property
    def provisional(self) -> list[Finding]:
        """Findings that nobody has reviewed yet."""
        return [finding for finding in self.findings if finding.state == FindingState.PROVISIONAL]

    @property
    def unanswered(self) -> list[Finding]:
        """Findings without an action and without a reason to have none."""
        acted_on = {action.finding_line for action in self.actions}
        return [one for one in self.findings if one.line not in acted_on and one.line not in self.reasons]

    @property
    def left_alone(self) -> list[tuple[Finding, NoActionReason]]:
        """Findings that get no action on purpose, each with the reason."""
        return [(one, self.reasons[one.line]) for one in self.findings if one.line in self.reasons]

    @property
    def questions(self) -> list[Question]:
        """What the layers found so far ask."""
        return questions.asked_by({finding.layer for finding in self.findings})

    def finding_of(self, action: Action) -> Finding | None:
        """The current version of the finding that an action answers."""
        return next((one for one in self.findings if one.line == action.finding_line), None)


def of(postmortem: Postmortem) -> Review:
    """The review of a postmortem that was fetched with its incident and template; five queries, four with a start."""
    incident = postmortem.incident
    actions = Action.objects.filter(postmortem=postmortem).select_related("owner", "owner_team", "done_by")
    reasons = NoActionReason.objects.filter(postmortem=postmortem).select_related("by")
    return Review(
        postmortem=postmortem,
        sections=list(
            Section.objects.filter(postmortem=postmortem).select_related("saved_by").order_by("position", "pk")
        ),
        findings=_findings(postmortem),
        actions=list(actions.order_by("created_at", "pk")),
        reasons={reason.finding_line: reason for reason in reasons.order_by("pk")},
        start_unknown=None if incident.impact_from else said_unknown(incident),
    )


def _findings(postmortem: Postmortem) -> list[Finding]:
    """What holds now; once published, what was known then: a later finding belongs to the incident alone."""
    if postmortem.published_at is None:
        return dossier.current_findings(postmortem.incident)
    at = postmortem.published_at
    known = Finding.objects.filter(incident=postmortem.incident, known_from__lte=at)
    then = known.filter(Q(superseded_at=None) | Q(superseded_at__gt=at))
    placed = then.select_related("mode", "component", "dependency__upstream", "dependency__downstream", "by")
    return list(placed.order_by("-primary", "known_from", "pk"))


def said_unknown(incident: Incident) -> TimelineRow | None:
    """The row by which somebody said that the start cannot be known, unless a later row says otherwise."""
    rows = TimelineRow.objects.filter(incident=incident, kind=TimelineKind.IMPACT, by__isnull=False)
    last = rows.order_by("-recorded_at", "-pk").first()
    return last if last is not None and last.data.get("precision") == Precision.UNKNOWN else None
