"""One postmortem with everything that its page and its checklist look at, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from incidents.postmortems.models import Action, NoActionReason, Postmortem, Reviewer, Section
from incidents.postmortems.queries import comments, controls, examples, layers
from incidents.postmortems.queries.controls import Asked
from incidents.postmortems.queries.layers import Layers
from incidents.postmortems.vocabulary import ALWAYS, BlockKind, SectionKind
from incidents.response.models import Finding, Incident, Participation, TimelineRow
from incidents.response.queries import dossier
from incidents.response.vocabulary import FindingState, Precision, TimelineKind
from ownership.models import Person


@dataclass(frozen=True)
class Block:
    """One place of the page: a section to write, or (without one) what its kind stands for."""

    kind: str
    section: Section | None = None
    heading: str = ""
    prompt: str = ""
    required: bool = False


@dataclass(frozen=True)
class Review:
    """A postmortem as it stands. `start_unknown` is the row that says why the impact's start cannot be known.

    `open_comments` are the places of the threads that wait for somebody.
    """

    postmortem: Postmortem
    sections: Sequence[Section]
    findings: Sequence[Finding]
    actions: Sequence[Action]
    reasons: Mapping[UUID, NoActionReason]
    start_unknown: TimelineRow | None
    layers: Layers
    has_example: bool = False  # asked where a layer's incidents should leave a failing example
    earlier: Sequence[Asked] = ()  # actions of earlier reviews that should have held, as the reader may see them
    reviewers: Sequence[Reviewer] = ()
    facilitator_was_there: bool = False
    open_comments: Sequence[str] = ()

    @property
    def incident(self) -> Incident:
        """The incident that is reviewed."""
        return self.postmortem.incident

    def of_kind(self, kind: str) -> list[Section]:
        """The sections of one kind, in their order."""
        return [section for section in self.sections if section.kind == kind]

    @property
    def blocks(self) -> list[Block]:
        """The page in the order of its template; what every page has and the template does not name comes last."""
        written = {section.key: section for section in self.of_kind(SectionKind.NARRATIVE)}
        order = [
            Block(entry["kind"], _text_of(entry, written), entry["heading"], entry["prompt"], entry["required"])
            for entry in self.postmortem.template.sections
            if entry["kind"] != BlockKind.NARRATIVE or entry["key"] in written
        ]
        named = {block.kind for block in order}
        return [*order, *(Block(kind) for kind in ALWAYS if kind not in named), *map(block_of, self.kept)]

    @property
    def kept(self) -> list[Section]:
        """Texts that an earlier template of this postmortem asked for and the present one does not."""
        return [one for one in self.of_kind(SectionKind.NARRATIVE) if one.kept_from_id is not None and one.text]

    @property
    def answers(self) -> list[Section]:
        """The texts inside the blocks of layers, as far as they are shown: answers, and what rules layers out.

        A line whose layer is found, or stated not to be established, is kept unseen.
        """
        layers = self.layers
        spoken = {"found", "not_established"}
        lines = [line.section for line in layers.lines if line.state not in spoken] if layers.asks_six else []
        lines += [layers.not_model] if layers.asks_why_not_model else []
        return [*(one for group in layers.groups for one in group.answers), *(one for one in lines if one)]

    @property
    def texts(self) -> list[Section]:
        """All texts that are shown, in the order of the page's blocks, those of layers last: what can be amended."""
        return [*(block.section for block in self.blocks if block.section), *self.answers]

    @property
    def shows_latency(self) -> bool:
        """True when the template names the place of latencies, latency failed, or something is recorded."""
        named = any(entry["kind"] == BlockKind.LATENCY for entry in self.postmortem.template.sections)
        return named or self.layers.asks_latency or bool(self.layers.stages)

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

    def finding_of(self, action: Action) -> Finding | None:
        """The current version of the finding that an action answers."""
        return next((one for one in self.findings if one.line == action.finding_line), None)


def block_of(section: Section) -> Block:
    """A text as a place of its own."""
    return Block(section.kind, section, section.heading, section.prompt, section.required)


def _text_of(entry: Mapping[str, Any], written: Mapping[str, Section]) -> Section | None:
    """The text of a place for one; facts may go by the same key."""
    return written.get(entry["key"]) if entry["kind"] == BlockKind.NARRATIVE else None


def of(postmortem: Postmortem, *, viewer: Person | None = None) -> Review:
    """The review of a postmortem that was fetched with its incident and template; ten queries, nine with a start.

    One more with a facilitator, one where the layers found ask for a failing example, and with a `viewer` the earlier
    actions that should have held, in four at most.
    """
    incident = postmortem.incident
    sections = Section.objects.filter(postmortem=postmortem)
    named = ("owner", "owner_team", "done_by", "verified_by", "verification", "ticket_checked_by")
    actions = Action.objects.filter(postmortem=postmortem).select_related(*named)
    reasons = NoActionReason.objects.filter(postmortem=postmortem).select_related("by")
    texts = list(sections.select_related("saved_by", "kept_from").order_by("position", "pk"))
    findings = _findings(postmortem)
    should_have = any(finding.layer in examples.ASKED for finding in findings)
    return Review(
        postmortem=postmortem,
        sections=texts,
        findings=findings,
        actions=list(actions.order_by("created_at", "pk")),
        reasons={reason.finding_line: reason for reason in reasons.order_by("pk")},
        start_unknown=None if incident.impact_from else said_unknown(incident),
        layers=layers.of(postmortem, findings, texts),
        has_example=should_have and examples.has_one(incident.pk),
        earlier=controls.asked(postmortem, viewer, today=timezone.localdate()) if viewer else (),
        reviewers=list(
            Reviewer.objects.filter(postmortem=postmortem).select_related("person").order_by("asked_at", "pk")
        ),
        facilitator_was_there=_was_there(postmortem.facilitator_id, incident),
        open_comments=comments.open_threads(postmortem),
    )


def _findings(postmortem: Postmortem) -> list[Finding]:
    """What holds now; once published, what was known then: a later finding belongs to the incident alone."""
    if postmortem.published_at is None:
        return dossier.current_findings(postmortem.incident)
    at = postmortem.published_at
    known = Finding.objects.filter(incident=postmortem.incident, known_from__lte=at)
    then = known.filter(Q(superseded_at=None) | Q(superseded_at__gt=at))
    placed = then.select_related("mode__counts_as", "component", "dependency__upstream", "dependency__downstream", "by")
    return list(placed.order_by("-primary", "known_from", "pk"))


def said_unknown(incident: Incident) -> TimelineRow | None:
    """The row by which somebody said that the start cannot be known, unless a later row says otherwise."""
    rows = TimelineRow.objects.filter(incident=incident, kind=TimelineKind.IMPACT, by__isnull=False)
    last = rows.order_by("-recorded_at", "-pk").first()
    return last if last is not None and last.data.get("precision") == Precision.UNKNOWN else None


def _was_there(person: int | None, incident: Incident) -> bool:
    """Whether somebody worked on an incident before it was resolved; who was let in later was not there."""
    if person is None:
        return False
    if person in {incident.declared_by_id, incident.ball_id, incident.acknowledged_by_id, incident.resolved_by_id}:
        return True
    taken_part = Participation.objects.filter(incident=incident, person=person)
    return taken_part.filter(since__lte=incident.resolved_at).exists() if incident.resolved_at else taken_part.exists()
