"""The list, starting and waiving, the page itself, its title, and publishing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.postmortems import access, drafting, publishing
from incidents.postmortems.forms import StartUnknownForm, TitleForm, WaiveForm
from incidents.postmortems.queries import shelf as shelves
from incidents.postmortems.views import shown
from incidents.response.access import workable_incident
from ownership.access import SignedInRequest
from web import errors
from web.partials import page

LIST = "postmortems/list.html"
ASK = "postmortems/ask.html"


@require_safe
def shelf(request: SignedInRequest) -> HttpResponse:
    """Postmortems, newest first; on top the resolved incidents that still need one."""
    asked = request.GET.get("show", "all")
    show = asked if asked in shelves.SHOWN else "all"
    after = request.GET.get("after")
    context = {
        "shelf": shelves.page(request.user, show=show, after=after),
        "show": show,
        "filters": [("all", "All"), ("drafts", "Drafts"), ("published", "Published"), ("mine", "Begun by me")],
        "needing": [] if after else shelves.needing(request.user),
        "needing_at_most": shelves.NEEDING,
        "may_write": access.may_write(request.user),
    }
    return page(request, LIST, context)


@require_POST
def start(request: SignedInRequest, number: int) -> HttpResponse:
    """Start the postmortem of an incident, or go to the one that was started."""
    incident = workable_incident(request.user, number)
    drafting.start(incident, by=request.user, now=timezone.now())
    return redirect("postmortems:postmortem", number)


@require_http_methods(["GET", "HEAD", "POST"])
def waive(request: SignedInRequest, number: int) -> HttpResponse:
    """Say why an incident gets no postmortem."""
    incident = workable_incident(request.user, number)
    form = WaiveForm(request.POST or None, initial={"reason": incident.no_postmortem_reason})
    if form.is_valid():
        drafting.waive(incident, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        return redirect("incidents:incident", number)
    asked = {"form": form, "incident": incident, "heading": "No postmortem for this one?", "verb": "Record the reason"}
    return page(request, ASK, asked, status=422 if form.is_bound else 200)


@require_safe
def postmortem(request: SignedInRequest, number: int) -> HttpResponse:
    """One postmortem: to write in while it is a draft, to read once it is published."""
    return shown.whole(request, access.readable_postmortem(request.user, number))


@require_http_methods(["GET", "HEAD", "POST"])
def title(request: SignedInRequest, number: int) -> HttpResponse:
    """Give the postmortem a title of its own."""
    found = access.editable_postmortem(request.user, number)
    form = TitleForm(request.POST or None, initial={"title": found.title})
    if form.is_valid():
        drafting.rename(found, title=form.cleaned_data["title"], by=request.user, now=timezone.now())
        return redirect("postmortems:postmortem", number)
    asked = {"form": form, "incident": found.incident, "postmortem": found, "heading": "Title", "verb": "Save"}
    return page(request, ASK, asked, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def start_unknown(request: SignedInRequest, number: int) -> HttpResponse:
    """Say that the start of the impact cannot be established."""
    found = access.editable_postmortem(request.user, number)
    form = StartUnknownForm(request.POST or None)
    if form.is_valid():
        try:
            drafting.say_start_unknown(found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
            return redirect("postmortems:postmortem", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
    heading = "The start of the impact cannot be established"
    asked = {"form": form, "incident": found.incident, "postmortem": found, "heading": heading, "verb": "Record that"}
    return page(request, ASK, asked, status=422 if form.is_bound else 200)


@require_POST
def publish(request: SignedInRequest, number: int) -> HttpResponse:
    """Publish, or show the checklist with what is missing."""
    found = access.publishable_postmortem(request.user, number)
    try:
        publishing.publish(found, by=request.user, now=timezone.now())
    except publishing.NotReady as error:
        return shown.whole(request, found, status=error.status, refused=error)
    return redirect("postmortems:postmortem", number)
