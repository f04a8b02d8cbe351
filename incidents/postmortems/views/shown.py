"""The page of one postmortem, whole or in parts: what its views show before and after a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from incidents.postmortems import access, checking
from incidents.postmortems.comparing import Passage
from incidents.postmortems.forms.actions import ReasonForm
from incidents.postmortems.forms.sections import digest
from incidents.postmortems.forms.steps import HeldForm
from incidents.postmortems.models import Postmortem, Section
from incidents.postmortems.queries import comments, hints
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.controls import Asked
from incidents.postmortems.queries.hints import Hints, Placed
from incidents.postmortems.queries.review import Block, Review
from incidents.postmortems.views import blocks, layered, reviewed, talking
from incidents.postmortems.views.blocks import Scene
from incidents.postmortems.views.talking import Board, Refused
from incidents.postmortems.vocabulary import BlockKind
from incidents.response.models import Finding
from incidents.response.queries import doubts, durations, impacts
from incidents.response.queries.impacts import Glance
from ownership.access import SignedInRequest
from web.partials import page, wants_part

PAGE = "postmortems/postmortem.html"
PARTS = ("findings", "questions", "ruled_out", "latency", "actions", "checklist")


@dataclass(frozen=True)
class Sheet:
    """One place of the page as it is drawn; `kept` is text that could not be saved, `theirs` what stands instead.

    Such text stays on the revision it was written on, so that saving it once more cannot overwrite what stands.
    """

    block: Block
    kept: str | None = None
    written_on: int | None = None
    theirs: Section | None = None
    passages: Sequence[Passage] = ()  # of both, where they differ
    problem: str = ""
    previewed: bool = False
    replaces: bool = False  # the text comes from here, not from the field that it was sent from
    board: Board | None = None
    hints: Placed | None = None

    @property
    def section(self) -> Section | None:
        """The text that is written here, when this is a place for one."""
        return self.block.section

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return talking.place(self.block)

    @property
    def heading(self) -> str:
        """What the outline of the page calls it."""
        return self.block.heading or BlockKind(self.block.kind).label

    @property
    def template(self) -> str:
        """What draws it."""
        return blocks.template(self.block.kind)

    @property
    def text(self) -> str:
        """What the editor holds: what the writer wrote, else what is saved."""
        if self.kept is not None:
            return self.kept
        return self.section.text if self.section else ""

    @property
    def revision(self) -> int:
        """The revision that the editor's text is written on."""
        if self.written_on is not None:
            return self.written_on
        return self.section.revision if self.section else 0

    @property
    def digest(self) -> str:
        """What tells whether the text is still the one that choices were offered for."""
        return digest(self.text)

    @property
    def to_choose(self) -> int:
        """How many passages both changed."""
        return sum(passage.pick is None for passage in self.passages)


def whole(
    request: SignedInRequest,
    found: Postmortem,
    *,
    status: int = 200,
    sheet: Sheet | None = None,
    refused_reason: tuple[UUID, ReasonForm] | None = None,
    refused_held: tuple[int, HeldForm] | None = None,
    refused_comment: Refused | None = None,
    **more: Any,
) -> HttpResponse:
    """The postmortem's page, or the part that htmx aims at; `sheet` stands in for its section."""
    review = reviews.of(found, viewer=request.user)
    after = reviewed.context(request, review)  # first: it may put back the texts that were published
    may_edit = access.may_write(request.user) and found.published_at is None and "preview" not in request.GET
    items = checking.checklist(review)
    boards = {} if "preview" in request.GET else _boards(request, review, refused_comment)
    seen = hints.of(review) if may_edit else hints.NO_HINTS

    def draw(block: Block) -> Sheet:
        return _drawn(block, sheet, boards, seen)

    context = {
        "glances": blocks.later(lambda: _glances(found)),  # beside the page, where its blocks do not say it
        "spans": durations.of(found.incident, doubts.of(found.incident)),
        "postmortem": found,
        "incident": found.incident,
        "review": review,
        "sheets": [draw(block) for block in review.blocks],
        "silent": _silent(review),
        **layered.of(
            review,
            lambda section: draw(reviews.block_of(section)),
            instead=sheet.section if sheet else None,
            may_edit=may_edit,
        ),
        "hints": seen,
        "items": items,
        "missing": sum(item.missing for item in items),
        "may_write": access.may_write(request.user),
        "may_edit": may_edit,
        "preview": "preview" in request.GET,
        **blocks.context(Scene(review, request.user, may_edit, timezone.now())),
        "unanswered": _unanswered(review, refused_reason),
        "earlier": _earlier(review, refused_held),
        **after,
        "beside": wants_part(request),  # parts bring the checklist along, beside themselves
        **more,
    }
    return page(request, PAGE, context, parts=PARTS, status=status)


def _silent(review: Review) -> set[str]:
    """Places that are there, for parts of the page, and show nothing; and texts that were never written."""
    ruled_out = review.layers.asks_six or review.layers.asks_why_not_model
    latency = review.layers.stages or review.shows_latency
    empty: set[str] = {
        kind for kind, shown in ((BlockKind.RULED_OUT, ruled_out), (BlockKind.LATENCY, latency)) if not shown
    }
    if review.postmortem.published_at is None:
        return empty
    unwritten = {block for block in review.blocks if block.section and not block.section.text}
    return empty | {talking.place(block) for block in unwritten}


def judged(review: Review, sheet: Sheet) -> dict[str, Any]:
    """What a saved text changes beside itself: the checklist, and the hints on its wording."""
    seen = hints.of(review)
    own = seen.by_anchor.get(sheet.anchor)
    return {"items": checking.checklist(review), "hints": seen, "sheet": replace(sheet, hints=own)}


def changed(request: SignedInRequest, number: int, *, part: str) -> HttpResponse:
    """After a change: the fresh part for htmx, the page at that part for everyone else."""
    if wants_part(request):
        return whole(request, access.readable_postmortem(request.user, number))
    return redirect(f"{url_of(number)}#{part}")


def url_of(number: int) -> str:
    """The postmortem's address."""
    return reverse("postmortems:postmortem", args=[number])


def _boards(request: SignedInRequest, review: Review, refused: Refused | None) -> dict[str, Board]:
    said = comments.of(review.postmortem, talking.wanted(request))
    places = [one for one in review.blocks if one.kind != BlockKind.LATENCY or review.shows_latency]
    answers = [reviews.block_of(one) for one in review.answers]
    return talking.boards([*places, *answers], said, request.user, review.postmortem, refused)


def _drawn(block: Block, instead: Sheet | None, boards: Mapping[str, Board], seen: Hints) -> Sheet:
    """One place as it is drawn; `instead` stands in for the place of its section."""
    stands_in = instead is not None and instead.section is not None and instead.section == block.section
    one = instead if instead is not None and stands_in else Sheet(block)
    return replace(one, board=boards.get(one.anchor), hints=seen.by_anchor.get(one.anchor))


def _unanswered(review: Review, refused: tuple[UUID, ReasonForm] | None) -> Sequence[tuple[Finding, ReasonForm]]:
    line, form = refused or (None, None)
    return [
        (finding, form if form and finding.line == line else reason_form(finding.line)) for finding in review.unanswered
    ]


def _earlier(review: Review, refused: tuple[int, HeldForm] | None) -> Sequence[tuple[Asked, HeldForm]]:
    number, form = refused or (None, None)
    return [(one, form if form and one.action.pk == number else held_form(one)) for one in review.earlier]


def held_form(asked: Asked, data: Any = None) -> HeldForm:
    """The form for an earlier action that should have held, with the answer that stands."""
    initial = {"answer": asked.held.answer, "note": asked.held.note} if asked.held else {}
    return HeldForm(data, initial=initial, auto_id=f"held_{asked.action.pk}_%s")


def _glances(found: Postmortem) -> list[Glance]:
    """How far the incident went; of what is published, as it was known then."""
    incident, at = found.incident, found.published_at
    return impacts.glances(incident, impacts.known_at(incident, at) if at else impacts.current(incident))


def reason_form(line: UUID, data: Any = None) -> ReasonForm:
    """The form for a finding that gets no action; its fields carry the finding in their ids."""
    return ReasonForm(data, auto_id=f"reason_{line}_%s")
