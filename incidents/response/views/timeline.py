"""What people write on a timeline, change, take back and pin."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incidents.response import access, mentioning, noting, pinning
from incidents.response.forms.timeline import AGAIN, FactForm, NoteForm, TakeBackForm, revising
from incidents.response.models import TimelineRow
from incidents.response.queries import referring, versions
from incidents.response.views.incident import after, refused
from ownership.access import SignedInRequest
from ownership.queries import naming
from ownership.views.attempts import acting, status_of, tried
from web import errors
from web.partials import page
from web.uploads import was_too_large
from web.wording import size

on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
def note(request: SignedInRequest, number: int) -> HttpResponse:
    """Add a note to the timeline."""
    found = access.workable_incident(request.user, number)
    form = NoteForm(request.POST, request.FILES)
    made = (
        None if _too_large(request, form) else tried(form, lambda: noting.note(found, **form.said(), **acting(request)))
    )
    if made is None:
        _ask_again(request, form)
        return refused(request, found, form, note_form=form)
    _say_who_was_not_told(request, made)
    return after(request, number)


@on_page
def fact(request: SignedInRequest, number: int) -> HttpResponse:
    """Add what happened at a time of its own."""
    found = access.workable_incident(request.user, number)
    form = FactForm(request.POST, request.FILES) if request.method == "POST" else FactForm()
    made = (
        None if _too_large(request, form) else tried(form, lambda: noting.fact(found, **form.said(), **acting(request)))
    )
    if made is not None:
        _say_who_was_not_told(request, made)
        return _to_row(made)
    _ask_again(request, form)
    return page(request, "incidents/fact.html", {"form": form, "incident": found}, status=status_of(form))


@require_GET
def row(request: SignedInRequest, number: int, row_id: int) -> HttpResponse:
    """One row through all its versions."""
    found = access.readable_row(request.user, number, row_id)
    readable = access.may_read_versions(request.user, found)
    context = {
        "incident": found.incident,
        "row": found,
        "history": versions.of(found.first_id, seen=referring.seen(request.user, [found])) if readable else None,
        "may_edit": access.may_edit_row(request.user, found),
        "may_remove": access.may_remove_files(request.user),
    }
    return page(request, "incidents/timeline_versions.html", context)


@on_page
def edit(request: SignedInRequest, number: int, row_id: int) -> HttpResponse:
    """Say a note or a fact anew. When somebody was quicker, both texts stand side by side and saving again decides."""
    found = access.editable_row(request.user, number, row_id)
    form = revising(found, request.POST if request.method == "POST" else None)
    context = {"form": form, "incident": found.incident, "row": found}
    status = None
    try:
        if form.is_valid():
            made = noting.revise(found, **form.said(), **acting(request))
            _say_who_was_not_told(request, made)
            return _to_row(made)
    except noting.Changed as stale:
        context["form"], status = revising(found, {**request.POST.dict(), "seen": found.version}), stale.status
        context["quicker"] = found
    except errors.DomainError as error:
        errors.put_on(form, error)
    return page(request, "incidents/timeline_edit.html", context, status=status or status_of(form))


@on_page
def take_back(request: SignedInRequest, number: int, row_id: int) -> HttpResponse:
    """Take a note or a fact back."""
    found = access.editable_row(request.user, number, row_id)
    form = TakeBackForm(request.POST if request.method == "POST" else None, initial={"seen": found.version})
    made = tried(form, lambda: noting.take_back(found, **form.cleaned_data, **acting(request)))
    if made is not None:
        return _to_row(made)
    context = {"form": form, "incident": found.incident, "row": found}
    return page(request, "incidents/timeline_take_back.html", context, status=status_of(form))


@require_POST
def pin(request: SignedInRequest, number: int, row_id: int) -> HttpResponse:
    """Pin a row above the timeline."""
    pinning.pin(access.workable_row(request.user, number, row_id), by=request.user, now=timezone.now())
    return after(request, number)


@require_POST
def unpin(request: SignedInRequest, number: int, row_id: int) -> HttpResponse:
    """Take a row down again."""
    pinning.unpin(access.workable_row(request.user, number, row_id), by=request.user, now=timezone.now())
    return after(request, number)


@require_GET
def names(request: SignedInRequest) -> JsonResponse:
    """People and teams whose name, address or slug begins so, as what to write after an @."""
    access.require_responder(request.user)
    found = naming.beginning(request.GET.get("begins", ""))
    return JsonResponse({"names": [{"handle": one.handle, "name": one.name} for one in found]})


def _to_row(made: TimelineRow) -> HttpResponse:
    url = reverse("incidents:incident", args=[made.incident_id])
    return redirect(f"{url}#row-{made.first_id}")


def _too_large(request: SignedInRequest, form: forms.Form) -> bool:
    """True, and said on the form, when the files were dropped on their way."""
    if not was_too_large(request):
        return False
    form.is_valid()
    form.add_error("file", f"Together the files are larger than {size(settings.UPLOAD_MAX_BYTES)}.")
    return True


def _ask_again(request: SignedInRequest, form: forms.Form) -> None:
    if request.FILES and form.errors and "file" not in form.errors:
        form.add_error("file", AGAIN)


def _say_who_was_not_told(request: SignedInRequest, made: TimelineRow) -> None:
    for words in mentioning.untold(made, by=request.user):
        messages.warning(request, words)
