"""Questions that layers ask of a draft: the sections for their answers, laid out once and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from incidents.postmortems import questions
from incidents.postmortems.models import LayerTag, Postmortem, Section
from incidents.postmortems.vocabulary import SectionKind
from incidents.response.models import Finding
from incidents.response.queries import modes as vocabulary
from incidents.response.vocabulary import Layer

AFTER_TEXTS, AFTER_ANSWERS = 1000, 2000  # where the positions of answers and of ruled-out lines begin
HEADING = "Ruled out: {layer}"


def lay_out(drafts: Collection[Postmortem]) -> None:
    """Add the sections that are asked for and missing: answers, and the ruled-out lines where the model is suspected.

    The words are those of today; a section that is there keeps the question as it was asked. The drafts come with
    their incident, locked by the caller; three queries and one statement for any number of them.
    """
    layers: dict[int, set[str]] = defaultdict(set)
    modes: dict[int, set[str]] = defaultdict(set)
    standing = Finding.objects.filter(incident__in=[one.incident_id for one in drafts], superseded_at=None)
    counted = standing.annotate(counted=vocabulary.counted())
    for incident, layer, mode in counted.values_list("incident", "layer", "counted"):
        layers[incident].add(layer)
        modes[incident].add(mode or "")
    tagged: dict[int, set[str]] = defaultdict(set)
    for postmortem, layer in LayerTag.objects.filter(postmortem__in=drafts, untagged_at=None).values_list(
        "postmortem", "layer"
    ):
        tagged[postmortem].add(layer)
    there = set(
        Section.objects.filter(postmortem__in=drafts)
        .exclude(kind=SectionKind.NARRATIVE)
        .values_list("postmortem", "key")
    )
    missing = []
    for one in drafts:
        active = layers[one.incident_id] | tagged[one.pk]
        wanted = [_answer(one, question) for question in questions.asked_by(active, modes[one.incident_id])]
        if Layer.MODEL in active | {one.incident.first_blame}:
            wanted += [_line(one, place, layer) for place, layer in enumerate(Layer)]
        missing += [section for section in wanted if (one.pk, section.key) not in there]
    if missing:
        Section.objects.bulk_create(missing, ignore_conflicts=True)


def lay_out_found(*, numbers: Collection[int]) -> None:
    """Findings stand on these incidents: their drafts ask what follows. One query where there is no draft."""
    rows = Postmortem.objects.filter(incident__in=numbers, published_at=None).select_related("incident")
    drafts = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    if drafts:
        lay_out(drafts)


def lay_out_blamed(*, numbers: Collection[int], layer: str) -> None:
    """These incidents were first blamed on a layer: of the model, their drafts ask what rules the others out."""
    if layer == Layer.MODEL:
        lay_out_found(numbers=numbers)


def lay_out_bare() -> None:
    """Drafts that were begun before layers asked: those without any answer or line yet."""
    begun = Section.objects.exclude(kind=SectionKind.NARRATIVE).values("postmortem")
    rows = Postmortem.objects.filter(published_at=None).exclude(pk__in=begun)
    lay_out(list(rows.select_related("incident").order_by("pk")))


def _answer(postmortem: Postmortem, question: questions.Question) -> Section:
    return Section(
        postmortem=postmortem,
        kind=SectionKind.ANSWER,
        layer=question.layer,
        key=question.key,
        heading=question.text,
        prompt=question.help,
        position=AFTER_TEXTS + question.position,
    )


def _line(postmortem: Postmortem, place: int, layer: Layer) -> Section:
    return Section(
        postmortem=postmortem,
        kind=SectionKind.RULED_OUT,
        layer=layer,
        key=questions.ruled_out_key(layer),
        heading=HEADING.format(layer=layer.label.lower()),
        prompt=questions.looked_at()[layer],
        position=AFTER_ANSWERS + place,
    )
