"""Saving a section: by its button, or by autosave, which gets its status line and never the textarea."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from incidents.postmortems import access, drafting, publishing
from incidents.postmortems.forms import SECTION_MAX, SectionForm
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.views import shown
from incidents.postmortems.views.shown import Sheet
from ownership.access import SignedInRequest
from web.partials import page, wants_part

ANSWER = "postmortems/section_answer.html"


@require_POST
def save(request: SignedInRequest, number: int, key: str) -> HttpResponse:
    """Keep a section's text; 409 shows both texts when somebody else saved meanwhile, 422 keeps what was typed."""
    found = access.editable_postmortem(request.user, number)
    section = access.editable_section(found, key)
    form = SectionForm(request.POST)
    if not form.is_valid():
        typed = request.POST.get("text", section.text)
        return _answer(request, found, Sheet("narrative", section, kept=typed, problem=_problem(typed)), 422)
    said = {"text": form.cleaned_data["text"], "on_revision": form.on_revision}
    try:
        saved = drafting.save_section(section, **said, by=request.user, now=timezone.now())
    except drafting.StaleRevision as error:
        conflict = Sheet("narrative", section, error.mine, written_on=form.on_revision, theirs=error.theirs)
        return _answer(request, found, conflict, error.status)
    return _answer(request, found, Sheet("narrative", saved), 200)


def _answer(request: SignedInRequest, found: Postmortem, sheet: Sheet, status: int) -> HttpResponse:
    if wants_part(request):
        items = publishing.checklist(reviews.of(found)) if status == 200 else None
        context = {"sheet": sheet, "items": items, "postmortem": found, "may_edit": True, "beside": True}
        return page(request, ANSWER, context, status=status)
    if status == 200:
        return redirect(f"{shown.url_of(found.incident_id)}#section-{sheet.section.key if sheet.section else ''}")
    return shown.whole(request, found, sheet=sheet, status=status)


def _problem(typed: str) -> str:
    if len(typed) > SECTION_MAX:
        return f"This is longer than a section can be ({len(typed):,} of {SECTION_MAX:,} characters). Shorten it."
    return "This could not be saved. Copy what you wrote, reload the page and put it back."
