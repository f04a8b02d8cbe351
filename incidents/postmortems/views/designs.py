"""Pages of templates: what there is, one of them, copying, changing, retiring, the default."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.postmortems import access, designing
from incidents.postmortems.forms.designs import DesignForm, arranged, initial_of
from incidents.postmortems.models import PostmortemTemplate
from incidents.postmortems.queries import offers
from incidents.postmortems.vocabulary import SHOWS, BlockKind
from ownership.access import SignedInRequest
from web import errors
from web.partials import page

LIST = "postmortems/templates/list.html"
ONE = "postmortems/templates/one.html"
EDIT = "postmortems/templates/edit.html"
SAVE = "save"
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """All templates with what each is for."""
    every = offers.every()
    context = {
        "own": [one for one in every if not one.template.built_in],
        "built_in": [one for one in every if one.template.built_in],
        "may_design": access.may_design(request.user),
    }
    return page(request, LIST, context)


@require_safe
def one(request: SignedInRequest, code: str, version: int | None = None) -> HttpResponse:
    """A template as a writer will see it, by default its newest version."""
    found = access.readable_template(code, version)
    versions = offers.versions(code)
    context = {
        "template": found,
        "offer": next(one for one in offers.every() if one.template.code == code),
        "entries": [_entry(entry) for entry in found.sections],
        "versions": versions,
        "is_newest": found.version == versions[0].version,
        "may_design": access.may_design(request.user),
    }
    return page(request, ONE, context)


@on_page
def copy(request: SignedInRequest, code: str, version: int) -> HttpResponse:
    """Make a template of one's own that begins as this one."""
    original = access.workable_template(request.user, code, version)
    form = DesignForm(initial=initial_of(original, name=f"{original.name}, ours"))
    if request.method == "POST":
        form, saves = _said(request)
        if saves and form.is_valid():
            try:
                made = designing.copy(original, form.design, by=request.user, now=timezone.now())
                messages.success(request, f"“{made.name}” is there. It is offered from now on.")
                return redirect("postmortems:template", made.code)
            except errors.DomainError as error:
                errors.put_on(form, error)
    heading = f"Copy “{original.name}”"
    return _edit_page(request, form, original, heading=heading, verb="Make this template")


@on_page
def edit(request: SignedInRequest, code: str) -> HttpResponse:
    """Change a template of one's own, which makes its next version; 409 keeps what was typed."""
    found = access.workable_template(request.user, code)
    if found.built_in:
        raise designing.BuiltIn
    form = DesignForm(initial=initial_of(found))
    status, theirs = None, None
    if request.method == "POST":
        form, saves = _said(request)
        if saves and form.is_valid():
            seen = form.cleaned_data["written_on"] or 0
            try:
                made = designing.save(found, form.design, written_on=seen, by=request.user, now=timezone.now())
                messages.success(request, f"{made} holds for postmortems that are begun from now on.")
                return redirect("postmortems:template", code)
            except designing.StaleTemplate as error:
                status, theirs = error.status, error.theirs
            except errors.DomainError as error:
                errors.put_on(form, error)
    heading = f"Change “{found.name}”"
    return _edit_page(request, form, found, heading=heading, verb="Save", status=status, theirs=theirs)


@require_POST
def retire(request: SignedInRequest, code: str) -> HttpResponse:
    """Offer a template no more, or (`restore`) again."""
    found = access.workable_template(request.user, code)
    act = designing.restore if "restore" in request.POST else designing.retire
    act(code, by=request.user, now=timezone.now())
    again = "is offered again" if "restore" in request.POST else "is retired; postmortems that follow it go on"
    messages.success(request, f"“{found.name}” {again}.")
    return redirect("postmortems:templates")


@require_POST
def default(request: SignedInRequest, code: str) -> HttpResponse:
    """Make it the one that is taken where nothing about the incident asks for another."""
    found = access.workable_template(request.user, code)
    designing.make_default(code, by=request.user, now=timezone.now())
    messages.success(request, f"“{found.name}” is the default now.")
    return redirect("postmortems:templates")


def _said(request: SignedInRequest) -> tuple[DesignForm, bool]:
    """The form as it was sent, and whether it is to be saved; else with its rows rearranged."""
    act = request.POST.get("act", SAVE)
    return (DesignForm(request.POST), True) if act == SAVE else (arranged(request.POST, act), False)


def _edit_page(
    request: SignedInRequest,
    form: DesignForm,
    template: PostmortemTemplate,
    *,
    heading: str,
    verb: str,
    status: int | None = None,
    theirs: PostmortemTemplate | None = None,
) -> HttpResponse:
    context = {"form": form, "template": template, "heading": heading, "verb": verb, "theirs": theirs}
    return page(request, EDIT, context, status=status or (422 if form.is_bound else 200))


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry["kind"]
    is_text = kind == BlockKind.NARRATIVE
    return entry | {"is_text": is_text, "label": BlockKind(kind).label, "shows": SHOWS[kind]}
