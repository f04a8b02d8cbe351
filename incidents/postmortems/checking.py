"""The checklist of a postmortem: what it still lacks, each line with the way to its cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.text import Truncator

from incidents.postmortems.queries import examples, marks
from incidents.postmortems.queries.review import Review
from incidents.postmortems.vocabulary import Answer, SectionKind
from incidents.response.models import Finding
from incidents.response.vocabulary import FindingState, Layer


@dataclass(frozen=True)
class Item:
    """One line of the checklist. `url` leads to the cure; `otherwise` is another way out: its words and address.

    A `soft` line is advice: it stands in the list and never blocks.
    """

    label: str
    ok: bool
    url: str = ""
    hint: str = ""
    otherwise: tuple[str, str] | None = None
    soft: bool = False

    @property
    def missing(self) -> bool:
        """It stands in the way of publishing."""
        return not self.ok and not self.soft


class Checklist(list[Item]):
    """The lines of a checklist, and how far it is; advice counts for nothing."""

    @property
    def wanted(self) -> int:
        """How many lines must be done."""
        return sum(not item.soft for item in self)

    @property
    def done(self) -> int:
        """How many of them are."""
        return sum(item.ok and not item.soft for item in self)

    @property
    def percent(self) -> int:
        """The same as a share."""
        return 100 * self.done // (self.wanted or 1)

    @property
    def first_missing(self) -> Item | None:
        """The first line that stands in the way."""
        return next((item for item in self if item.missing), None)

    @property
    def advice(self) -> bool:
        """Some advice is not followed yet."""
        return any(item.soft and not item.ok for item in self)


def checklist(review: Review) -> Checklist:
    """What publishing asks for, in the order of the page; each kind of thing is one line once it is complete.

    A start of the impact that nobody can establish counts once somebody has said so with a reason (the incident's
    own default "unknown" does not).
    """
    return Checklist(item for asks in ASKED for item in asks(review))


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
    empty = [one for one in review.of_kind(SectionKind.NARRATIVE) if one.required and not one.text.strip()]
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
    return finding.mode_id is not None and finding.is_shown


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


def _questions(review: Review) -> Iterator[Item]:
    """Advice: what the tagged layers ask and nobody has answered."""
    layers = review.layers
    if not layers.asked:
        return
    if not layers.unanswered:
        yield Item("Every question of the layers is answered", True)
        return
    left = "1 question" if layers.unanswered == 1 else f"{layers.unanswered} questions"
    yield Item(f"{left} of the layers not answered", False, "#questions", f"Of {layers.asked} asked.", soft=True)


def _ruled_out(review: Review) -> Iterator[Item]:
    """It was the model: something is said of each of the six other layers. While it is only suspected, advice."""
    layers = review.layers
    if not layers.asks_six or not (layers.found or layers.tags):
        return
    left = [line for line in layers.lines if line.state == "open"]
    if not left:
        yield Item("If it was the model: the six other layers are spoken for", True)
    elif not layers.model_found:
        label = f"If it was the model: {len(left)} of the six other layers not spoken for"
        yield Item(label, False, "#ruled_out", "The model is tagged; a finding will ask for all six.", soft=True)
    else:
        for line in left:
            label = f"Rule out {Layer(line.layer).label.lower()}, or say that it is not established"
            yield Item(label, False, f"#ruled-out-{line.layer}", "A finding says it was the model.")


def _examples(review: Review) -> Iterator[Item]:
    """Advice: an input that failed is soon lost, and it is what an eval suite or a guardrail is tested with."""
    if any(finding.layer in examples.ASKED for finding in review.findings):
        url = reverse("postmortems:new_example", args=[review.incident.pk])
        hint = "Its layers are evaluation or guardrail; keep the input that failed, as a case to test with."
        yield Item("A failing example", review.has_example, f"{url}?from=postmortem", hint, soft=True)


def _held(review: Review) -> Iterator[Item]:
    """Advice: whether what earlier reviews decided on held."""
    if not review.earlier:
        return
    open_ = [one for one in review.earlier if one.held is None]
    if not open_:
        yield Item("Whether earlier actions held is said", True, soft=True)
    for one in open_:
        label = f"Did “{one.action.title}” hold?"
        yield Item(label, False, f"#earlier-{one.action.pk}", "An earlier review decided on it.", soft=True)


def _comments(review: Review) -> Iterator[Item]:
    places = review.open_comments
    if places:
        label = f"{len(places)} open comment{'s' if len(places) > 1 else ''}"
        yield Item(label, False, f"#comments-{places[0]}", "Answer or resolve; they block nothing.", soft=True)


def _reviewers(review: Review) -> Iterator[Item]:
    """Advice: it can be published without; the page then says that nobody reviewed it."""
    ask = reverse("postmortems:send", args=[review.incident.pk])
    if not review.reviewers:
        yield Item("Reviewers", False, ask, "Nobody is asked yet; it would be published unreviewed.", soft=True)
    for one in review.reviewers:
        name = one.person.name
        if one.answer == Answer.CHANGES:
            yield Item(f"{name} wants changes", False, "#reviewers", Truncator(one.comment).chars(120), soft=True)
        elif one.waiting:
            yield Item(f"Answer of {name}", False, "#reviewers", _until(review), soft=True)
        else:
            since = marks.changed(one.seen, review)
            late = f", before later changes of {', '.join(since)}" if since else ""
            yield Item(f"Approved by {name}{late}", not since, "#reviewers", soft=bool(since))


def _until(review: Review) -> str:
    due = review.postmortem.review_due_on
    return f"Asked until {due:%-d %b %Y}." if due else ""


def _facilitator(review: Review) -> Iterator[Item]:
    who = review.postmortem.facilitator
    if who is None:
        return
    told = f"{who.name} worked on the incident; somebody who did not asks other questions."
    there = review.facilitator_was_there
    ask = reverse("postmortems:send", args=[review.incident.pk])
    yield Item("A facilitator who was not there", not there, ask, told if there else "", soft=True)


ASKED: tuple[Callable[[Review], Iterator[Item]], ...] = (
    _incident,
    _sections,
    _findings,
    _ruled_out,
    _questions,
    _answers,
    _actions,
    _examples,
    _held,
    _reviewers,
    _facilitator,
    _comments,
)
