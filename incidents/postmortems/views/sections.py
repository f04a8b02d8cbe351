"""Saving a section: by its button, or by autosave, which gets its status line and never the textarea; its preview."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from incidents.postmortems import access, drafting, writing
from incidents.postmortems.forms.sections import SECTION_MAX, SectionForm
from incidents.postmortems.models import Postmortem, Section
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.review import Block
from incidents.postmortems.views import shown
from incidents.postmortems.views.kept import keeping
from incidents.postmortems.views.shown import Sheet
from ownership.access import SignedInRequest
from web import errors
from web.partials import page, wants_part

ANSWER = "postmortems/section_answer.html"
PREVIEW = "postmortems/section_preview.html"
MOVED_ON = "Your text has changed since you chose. Look at the passages once more."


@require_POST
@keeping(text="The text of the section")
def save(request: SignedInRequest, number: int, key: str) -> HttpResponse:
    """Keep a section's text; 409 shows both texts when somebody else saved meanwhile, 422 keeps what was typed."""
    found = access.editable_postmortem(request.user, number)
    section = access.editable_section(found, key)
    form = SectionForm(request.POST)
    if not form.is_valid():
        return _unreadable(request, found, section, form)
    if form.cleaned_data["merge_over"] is not None:
        return _merge(request, found, section, form)
    said = {"text": form.cleaned_data["text"], "on_revision": form.on_revision}
    try:
        saved = drafting.save_section(section, **said, by=request.user, now=timezone.now())
    except drafting.StaleRevision as error:
        conflict = _conflict(section, error.mine, form.on_revision, error.theirs)
        return _answer(request, found, conflict, error.status)
    return _answer(request, found, Sheet(block(saved)), 200)


def _merge(request: SignedInRequest, found: Postmortem, section: Section, form: SectionForm) -> HttpResponse:
    """Save what was chosen passage by passage; what moved on meanwhile is shown again, with nothing lost."""
    said = form.cleaned_data
    mine, written_on, over = said["text"], said["revision"], said["merge_over"]
    if form.outdated:
        theirs = access.editable_section(found, section.key)
        return _answer(request, found, _conflict(section, mine, written_on, theirs, problem=MOVED_ON), 409)
    told = {"mine": mine, "on_revision": written_on, "over": over, "picks": form.picks}
    try:
        saved = writing.merge(section, **told, by=request.user, now=timezone.now())
    except drafting.StaleRevision as error:
        again = _conflict(section, error.mine, over, error.theirs, replaces=True)
        return _answer(request, found, again, error.status)
    except errors.Invalid as error:
        theirs = access.editable_section(found, section.key)
        unchosen = _conflict(section, mine, written_on, theirs, problem=error.message)
        return _answer(request, found, unchosen, error.status)
    return _answer(request, found, Sheet(block(saved), replaces=True), 200)


@require_POST
@keeping(text="The text of the section")
def preview(request: SignedInRequest, number: int, key: str) -> HttpResponse:
    """A section's text as readers will see it: nothing is saved, and what was typed stays in its field."""
    found = access.editable_postmortem(request.user, number)
    section = access.editable_section(found, key)
    form = SectionForm(request.POST)
    if not form.is_valid():
        return _unreadable(request, found, section, form)
    text = form.cleaned_data["text"]
    sheet = Sheet(block(section), kept=text, written_on=form.cleaned_data["revision"], previewed=True)
    if wants_part(request):
        return page(request, PREVIEW, {"sheet": sheet})
    return shown.whole(request, found, sheet=sheet)


def _conflict(
    section: Section, mine: str, written_on: int, theirs: Section, *, problem: str = "", replaces: bool = False
) -> Sheet:
    passages = writing.passages(section, mine=mine, on_revision=written_on, over=theirs.revision)
    return Sheet(
        block(section),
        mine,
        written_on=written_on,
        theirs=theirs,
        passages=passages,
        problem=problem,
        replaces=replaces,
    )


def _unreadable(request: SignedInRequest, found: Postmortem, section: Section, form: SectionForm) -> HttpResponse:
    """It stays on the revision that it was written on; where that was not told, on the first."""
    typed, written_on = request.POST.get("text", section.text), form.cleaned_data.get("revision", 0)
    return _answer(request, found, Sheet(block(section), typed, written_on, problem=_problem(typed)), 422)


def _answer(request: SignedInRequest, found: Postmortem, sheet: Sheet, status: int) -> HttpResponse:
    if wants_part(request):
        context = {"sheet": sheet, "postmortem": found, "may_edit": True, "beside": True}
        context |= shown.judged(reviews.of(found), sheet) if status == 200 else {}
        return page(request, ANSWER, context, status=status)
    if status == 200:
        return redirect(f"{shown.url_of(found.incident_id)}#section-{sheet.section.key if sheet.section else ''}")
    return shown.whole(request, found, sheet=sheet, status=status)


def block(section: Section) -> Block:
    """The place of a section, to draw it alone."""
    return Block(section.kind, section, section.heading, section.prompt, section.required)


def _problem(typed: str) -> str:
    if len(typed) > SECTION_MAX:
        return f"This is longer than a section can be ({len(typed):,} of {SECTION_MAX:,} characters). Shorten it."
    return "This could not be saved. Copy what you wrote, reload the page and put it back."
