"""The layers of a postmortem: tagged or found, what they ask, what was ruled out, how long each stage took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from incidents.postmortems import questions
from incidents.postmortems.models import LayerTag, Postmortem, RulingOut, Section, StageLatency
from incidents.postmortems.questions import SIX
from incidents.postmortems.vocabulary import SectionKind
from incidents.response.models import Finding, Incident
from incidents.response.vocabulary import Layer


@dataclass(frozen=True)
class Chip:
    """A layer on the bar: `tag` by people, `found` by a standing finding; `why` it is suggested while it is neither."""

    layer: str
    tag: LayerTag | None
    found: Finding | None
    why: str = ""

    @property
    def is_on(self) -> bool:
        """True when its questions are asked."""
        return self.tag is not None or self.found is not None


@dataclass(frozen=True)
class Group:
    """The questions of one layer, each as the section that holds its answer."""

    layer: str
    answers: Sequence[Section]

    @property
    def answered(self) -> int:
        """How many have an answer."""
        return sum(bool(one.text.strip()) for one in self.answers)


@dataclass(frozen=True)
class Line:
    """One of the six layers, if it was the model: found after all, not established, ruled out by a line, or open."""

    layer: str
    section: Section | None
    stance: RulingOut | None
    found: Finding | None

    @property
    def state(self) -> str:
        """found, not_established, ruled_out or open; what was found counts before all words."""
        if self.found is not None:
            return "found"
        if self.stance is not None:
            return str(self.stance.stance)
        return "ruled_out" if self.section and self.section.text.strip() else "open"

    @property
    def ruled_out(self) -> bool:
        """True when its line counts."""
        return self.state == "ruled_out"


@dataclass(frozen=True)
class Layers:
    """All that the layers of one postmortem are; `stages` are its latency rows in order."""

    incident: Incident
    first_blame: str  # of what is published, as it was by then
    findings: Sequence[Finding]
    sections: Sequence[Section]
    tags: Mapping[str, LayerTag]
    stances: Mapping[str, RulingOut]
    stages: Sequence[StageLatency]

    @cached_property
    def found(self) -> dict[str, Finding]:
        """The first standing finding of each layer that has one."""
        return {one.layer: one for one in reversed(self.findings)}

    @cached_property
    def active(self) -> list[str]:
        """Layers that ask: tagged or found, in the order of the vocabulary."""
        return [layer.value for layer in Layer if layer in self.tags or layer in self.found]

    @cached_property
    def chips(self) -> list[Chip]:
        """The bar of tags, every layer once."""
        return [Chip(layer.value, self.tags.get(layer), self.found.get(layer), self._why(layer)) for layer in Layer]

    @cached_property
    def groups(self) -> list[Group]:
        """The questions that are asked, by layer. One that a newer version no longer knows goes on with its layer."""
        modes = {one.mode.counted.code for one in self.findings if one.mode}
        known = questions.book()
        asked = [
            one
            for one in self.sections
            if one.kind == SectionKind.ANSWER
            and one.layer in self.active
            and (one.key not in known or known[one.key].is_asked(self.active, modes))
        ]
        return [Group(layer, [one for one in asked if one.layer == layer]) for layer in self.active]

    @property
    def asked(self) -> int:
        """How many questions are asked."""
        return sum(len(group.answers) for group in self.groups)

    @property
    def answered(self) -> int:
        """How many of them have an answer."""
        return sum(group.answered for group in self.groups)

    @property
    def unanswered(self) -> int:
        """How many have none."""
        return self.asked - self.answered

    @property
    def model_found(self) -> bool:
        """True while a finding says that it was the model: then the six must be spoken for."""
        return Layer.MODEL in self.found

    @property
    def asks_six(self) -> bool:
        """True when it was the model as far as anybody says: found, tagged, or first blamed with nothing else found."""
        return Layer.MODEL in self.active or (self.first_blame == Layer.MODEL and not self.found)

    @property
    def asks_why_not_model(self) -> bool:
        """True when the model was blamed first and other layers were found: one line may say what ruled it out."""
        return self.first_blame == Layer.MODEL and not self.asks_six

    @property
    def not_model(self) -> Section | None:
        """That one line."""
        return self._written.get(Layer.MODEL)

    @cached_property
    def lines(self) -> list[Line]:
        """The six, each with what is said of it."""
        return [
            Line(layer.value, self._written.get(layer), self.stances.get(layer), self.found.get(layer)) for layer in SIX
        ]

    @property
    def spoken_for(self) -> list[Line]:
        """Those of the six of which something is said."""
        return [line for line in self.lines if line.state != "open"]

    @property
    def says_what_was_ruled_out(self) -> bool:
        """True when readers find something there."""
        if self.asks_six:
            return bool(self.spoken_for)
        return self.asks_why_not_model and self.not_model is not None and bool(self.not_model.text.strip())

    @property
    def asks_latency(self) -> bool:
        """True when the layer latency is tagged or found."""
        return Layer.LATENCY in self.active

    @property
    def measured(self) -> list[StageLatency]:
        """The stages with an observed value."""
        return [stage for stage in self.stages if stage.is_measured]

    @cached_property
    def _written(self) -> dict[str, Section]:
        return {one.layer: one for one in self.sections if one.kind == SectionKind.RULED_OUT}

    def _why(self, layer: str) -> str:
        """Why a layer is suggested as a tag."""
        if layer in self.tags or layer in self.found:
            return ""
        incident = self.incident
        if layer == incident.suggested_layer:
            return f"suggested by an alert: {incident.suggestion.get('why', 'one of its rules')}"
        return "first blamed" if layer == incident.first_blame else ""


def of(postmortem: Postmortem, findings: Sequence[Finding], sections: Sequence[Section]) -> Layers:
    """The layers of a postmortem whose findings and sections have been read; three queries."""
    tags = LayerTag.objects.filter(postmortem=postmortem, untagged_at=None).select_related("by")
    stances = RulingOut.objects.filter(postmortem=postmortem, superseded_at=None).select_related("by")
    incident, at = postmortem.incident, postmortem.published_at
    blamed_by_then = at is None or (incident.first_blamed_at is not None and incident.first_blamed_at <= at)
    return Layers(
        incident=incident,
        first_blame=incident.first_blame if blamed_by_then else "",
        findings=findings,
        sections=sections,
        tags={tag.layer: tag for tag in tags},
        stances={stance.layer: stance for stance in stances},
        stages=stages(postmortem),
    )


def stages(postmortem: Postmortem) -> list[StageLatency]:
    """The latency rows that stand, in order; one query."""
    rows = StageLatency.objects.filter(postmortem=postmortem, superseded_at=None)
    named = rows.select_related("service", "component", "dependency__upstream", "dependency__downstream", "by")
    return list(named.order_by("position", "pk"))
