"""The past of a section: its revisions, what differs between two of them, bringing one back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from incidents.postmortems import access, comparing, drafting, writing
from incidents.postmortems.forms.sections import CompareForm, RestoreForm
from incidents.postmortems.models import Section
from incidents.postmortems.queries import revisions
from incidents.postmortems.views import shown
from ownership.access import SignedInRequest
from web.partials import page

PAGE = "postmortems/history.html"
NOT_RESTORED = "Nothing was restored: {name} saved this section at {at:%H:%M} UTC. Look at what stands now first."


@require_safe
def history(request: SignedInRequest, number: int, key: str) -> HttpResponse:
    """The revisions of a section, newest first; `?from=&to=` shows what differs between two."""
    return _page(request, access.section_with_past(request.user, number, key))


@require_POST
def restore(request: SignedInRequest, number: int, key: str, revision: int) -> HttpResponse:
    """Save an earlier text as a new revision; 409 when somebody saved since the page was drawn."""
    found = access.editable_postmortem(request.user, number)
    section = access.editable_section(found, key)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        return _page(request, section, status=422, problem="Reload this page and try again.")
    said = {"revision": revision, "on_revision": form.cleaned_data["revision"]}
    try:
        writing.restore(section, **said, by=request.user, now=timezone.now())
    except drafting.StaleRevision as error:
        theirs = error.theirs
        problem = NOT_RESTORED.format(name=theirs.saved_by.name if theirs.saved_by else "somebody", at=theirs.saved_at)
        return _page(request, access.editable_section(found, key), status=409, problem=problem)
    return redirect(f"{shown.url_of(number)}#section-{key}")


def _page(request: SignedInRequest, section: Section, *, status: int = 200, problem: str = "") -> HttpResponse:
    after = request.GET.get("after")
    context = {
        "section": section,
        "postmortem": section.postmortem,
        "incident": section.postmortem.incident,
        "history": revisions.history(section, after=after),
        "after": after,
        "problem": problem,
        "may_restore": section.postmortem.published_at is None,
        **_compared(request, section),
    }
    return page(request, PAGE, context, status=status)


def _compared(request: SignedInRequest, section: Section) -> dict[str, Any]:
    """Two revisions side by side, when they were asked for; 404 for one that there is not."""
    if "from" not in request.GET and "to" not in request.GET:
        return {"form": CompareForm()}
    form = CompareForm(request.GET)
    if not form.is_valid():
        return {"form": form}
    old, new = form.cleaned_data["from"], form.cleaned_data["to"]
    texts = revisions.texts(section, old, new)
    if old not in texts or new not in texts:
        raise Http404("There is no such revision.")
    lines = comparing.folded(comparing.lines(texts[old], texts[new]))
    return {"form": form, "lines": lines, "old": old, "new": new}
