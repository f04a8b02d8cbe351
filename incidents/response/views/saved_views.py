"""Saved views of the board: kept, changed, ordered, taken out."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.response import access, saving
from incidents.response.forms.saved_views import SaveForm, ViewForm
from incidents.response.models import BoardView
from incidents.response.queries import narrowing, saved_views
from ownership.access import SignedInRequest
from web import errors
from web.partials import page

SHOWN = 200


@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """One's own views and those that everybody sees."""
    rows = [
        (view, narrowing.kept(view.query), access.may_edit_view(request.user, view))
        for view in saved_views.of(request.user)[:SHOWN]
    ]
    return page(request, "incidents/views.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Keep what the address narrows to under a name."""
    wanted, faults = narrowing.read(request.GET)
    form = SaveForm(request.POST or None, may_share=access.may_respond(request.user))
    if form.is_valid() and not faults:
        try:
            saving.save(**form.cleaned_data, query=wanted.query, by=request.user, now=timezone.now())
            return redirect(f"{reverse('incidents:board')}?{wanted.address}")
        except errors.DomainError as error:
            errors.put_on(form, error)
    context = {"form": form, "wanted": wanted, "faults": faults}
    return page(request, "incidents/view_new.html", context, status=422 if form.is_bound or faults else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, number: int) -> HttpResponse:
    """Another name, another place, shown to everybody or not."""
    view = access.editable_view(request.user, number)
    initial = {"name": view.name, "shared": view.shared, "place": view.position}
    form = ViewForm(request.POST or None, initial=initial, may_share=access.may_respond(request.user) or view.shared)
    if form.is_valid():
        try:
            _change(view, form)
            return redirect("incidents:views")
        except errors.DomainError as error:
            errors.put_on(form, error)
    context = {"form": form, "view": view, "wanted": narrowing.kept(view.query)}
    return page(request, "incidents/view.html", context, status=422 if form.is_bound else 200)


@require_POST
def delete(request: SignedInRequest, number: int) -> HttpResponse:
    """Take a view out."""
    saving.remove(access.editable_view(request.user, number))
    return redirect("incidents:views")


@require_POST
def begin(request: SignedInRequest, number: int) -> HttpResponse:
    """One's own board begins with this view."""
    saving.open_with(access.readable_view(request.user, number), person=request.user)
    return redirect("incidents:views")


@require_POST
def begin_open(request: SignedInRequest) -> HttpResponse:
    """One's own board begins with all that is open."""
    saving.open_with(None, person=request.user)
    return redirect("incidents:views")


def _change(view: BoardView, form: ViewForm) -> None:
    said = form.cleaned_data
    saving.change(view, name=said["name"], shared=said["shared"])
    if said["place"] and said["place"] != view.position:
        saving.move(view, place=said["place"])
