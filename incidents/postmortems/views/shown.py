"""The page of one postmortem, whole or in parts: what its views show before and after a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from incidents.postmortems import access, publishing
from incidents.postmortems.forms import ReasonForm
from incidents.postmortems.models import Postmortem, Section
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.review import Review
from incidents.response.models import Finding
from incidents.response.queries import durations, impacts
from incidents.response.queries.impacts import Glance
from ownership.access import SignedInRequest
from web.partials import page, wants_part

PAGE = "postmortems/postmortem.html"
PARTS = ("findings", "actions", "checklist")


@dataclass(frozen=True)
class Sheet:
    """One place of the page as it is drawn; `kept` is text that could not be saved, `theirs` what stands instead.

    Such text stays on the revision it was written on, so that saving it once more cannot overwrite what stands.
    """

    kind: str
    section: Section | None = None
    kept: str | None = None
    written_on: int | None = None
    theirs: Section | None = None
    problem: str = ""

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


def whole(
    request: SignedInRequest,
    found: Postmortem,
    *,
    status: int = 200,
    sheet: Sheet | None = None,
    refused_reason: tuple[UUID, ReasonForm] | None = None,
    **more: Any,
) -> HttpResponse:
    """The postmortem's page, or the part that htmx aims at; `sheet` stands in for its section."""
    review = reviews.of(found)
    may_edit = access.may_write(request.user) and found.published_at is None and "preview" not in request.GET
    items = publishing.checklist(review)
    context = {
        "glances": _glances(found),
        "spans": durations.of(found.incident),
        "postmortem": found,
        "incident": found.incident,
        "review": review,
        "sheets": _sheets(review, sheet),
        "items": items,
        "missing": sum(not item.ok for item in items),
        "may_write": access.may_write(request.user),
        "may_edit": may_edit,
        "preview": "preview" in request.GET,
        "unanswered": _unanswered(review, refused_reason),
        "beside": wants_part(request),  # parts bring the checklist along, beside themselves
        **more,
    }
    return page(request, PAGE, context, parts=PARTS, status=status)


def changed(request: SignedInRequest, number: int, *, part: str) -> HttpResponse:
    """After a change: the fresh part for htmx, the page at that part for everyone else."""
    if wants_part(request):
        return whole(request, access.readable_postmortem(request.user, number))
    return redirect(f"{url_of(number)}#{part}")


def url_of(number: int) -> str:
    """The postmortem's address."""
    return reverse("postmortems:postmortem", args=[number])


def _sheets(review: Review, instead: Sheet | None) -> list[Sheet]:
    replaced = instead.section if instead else None
    return [
        instead if instead and replaced and block.section == replaced else Sheet(block.kind, block.section)
        for block in review.blocks
    ]


def _unanswered(review: Review, refused: tuple[UUID, ReasonForm] | None) -> Sequence[tuple[Finding, ReasonForm]]:
    line, form = refused or (None, None)
    return [
        (finding, form if form and finding.line == line else reason_form(finding.line)) for finding in review.unanswered
    ]


def _glances(found: Postmortem) -> list[Glance]:
    """How far the incident went; of what is published, as it was known then."""
    incident, at = found.incident, found.published_at
    return impacts.glances(incident, impacts.known_at(incident, at) if at else impacts.current(incident))


def reason_form(line: UUID, data: Any = None) -> ReasonForm:
    """The form for a finding that gets no action; its fields carry the finding in their ids."""
    return ReasonForm(data, auto_id=f"reason_{line}_%s")
