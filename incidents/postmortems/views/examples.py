"""Failing examples: the list and its export, one example over its versions, recording, correcting, taking back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.postmortems import access, example_access, exemplifying, jsonl
from incidents.postmortems.forms.examples import ExampleForm, TakeBackForm
from incidents.postmortems.models import FailingExample
from incidents.postmortems.queries import examples as queries
from incidents.postmortems.queries.examples import Filter
from incidents.postmortems.vocabulary import GuardrailKind
from incidents.response.access import workable_incident
from incidents.response.queries import modes
from incidents.response.vocabulary import Layer
from ownership.access import SignedInRequest
from ownership.models import Component, Service
from web import errors
from web.partials import page

LIST, ONE, FORM = "postmortems/examples.html", "postmortems/example.html", "postmortems/example_form.html"
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """Examples, the latest first, narrowed in the address; on top which incidents have none."""
    refused = ""
    try:
        shown = Filter.of(request.GET)
    except errors.Invalid as error:
        shown, refused = Filter(), error.message
    after, now = request.GET.get("after"), timezone.now()
    context = {
        "shown": shown,
        "refused": refused,
        "page": queries.page(request.user, shown, after=after),
        "coverage": None if after else queries.coverage(request.user, now=now, service=shown.service),
        "services": Service.objects.filter(retired_at=None).order_by("name"),
        "layers": Layer.choices,
        "modes": modes.to_look_for(keep=shown.mode),
        "kinds": GuardrailKind.choices,
        "component": Component.objects.filter(pk=shown.component).first() if shown.component else None,
        "may_write": access.may_write(request.user),
    }
    return page(request, LIST, context)


@require_safe
def export(request: SignedInRequest) -> HttpResponseBase:
    """The examples of a filter as JSON Lines, those that the viewer may see."""
    asked = Filter.of(request.GET)
    return jsonl.download(queries.every(request.user, asked))


@require_safe
def example(request: SignedInRequest, line: UUID) -> HttpResponse:
    """One example over its versions."""
    return _shown(request, example_access.readable_example(request.user, line), TakeBackForm())


@on_page
def new(request: SignedInRequest, number: int) -> HttpResponse:
    """Record an example of an incident, from scratch or of what somebody reported."""
    incident = workable_incident(request.user, number)
    filed = example_access.usable_report(request.user, incident, request.GET.get("report"))
    form = ExampleForm(request.POST or None, incident=incident, filed=filed)
    back = _back(request, number)
    if _is_to_be_kept(request, form):
        try:
            report = filed.report if filed else None
            said: dict[str, Any] = {"keep": form.keep, "by": request.user, "now": timezone.now()}
            made = exemplifying.add(incident, form.said, report=report, **said)
            return _kept(request, made, to=back)
        except errors.DomainError as error:
            errors.put_on(form, error)
            return _form(request, form, incident=incident, back=back, status=error.status)
    return _form(request, form, incident=incident, back=back, filed=filed)


@on_page
def edit(request: SignedInRequest, line: UUID) -> HttpResponse:
    """Say an example otherwise; a correction of somebody else meanwhile is not written over."""
    found = example_access.editable_example(request.user, line)
    form = ExampleForm(request.POST or None, incident=found.incident, example=found)
    back = found.get_absolute_url()
    if _is_to_be_kept(request, form):
        try:
            if form.cleaned_data["version"] != found.version:
                raise exemplifying.ExampleChanged
            fresh = exemplifying.correct(found, form.said, keep=form.keep, by=request.user, now=timezone.now())
            return _kept(request, fresh, to=back)
        except errors.DomainError as error:
            errors.put_on(form, error)
            return _form(request, form, incident=found.incident, back=back, example=found, status=error.status)
    return _form(request, form, incident=found.incident, back=back, example=found)


@require_POST
def take_back(request: SignedInRequest, line: UUID) -> HttpResponse:
    """It is no example after all."""
    found = example_access.editable_example(request.user, line)
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form, status=422)
    try:
        exemplifying.take_back(found, why=form.cleaned_data["why"], by=request.user, now=timezone.now())
    except errors.DomainError as error:
        errors.put_on(form, error)
        return _shown(request, found, form, status=error.status)
    messages.success(request, "Taken back; it is in no list and no export any more.")
    return redirect(found.get_absolute_url())


@require_POST
def erase(request: SignedInRequest, line: UUID) -> HttpResponse:
    """Erase the words of its earlier versions for good."""
    found = example_access.erasable_example(request.user, line)
    exemplifying.erase(found, by=request.user, now=timezone.now())
    messages.success(request, "The earlier words are gone for good.")
    return redirect(found.get_absolute_url())


def _is_to_be_kept(request: SignedInRequest, form: ExampleForm) -> bool:
    """It was sent to be kept, and all that looks private in it has been shown to whoever sends it."""
    return form.is_valid() and "preview" not in request.POST and form.was_shown


def _kept(request: SignedInRequest, made: FailingExample, *, to: str) -> HttpResponse:
    messages.success(request, "The example is kept.")
    if made.kept:
        what = "value that looks" if made.kept == 1 else "values that look"
        messages.warning(request, f"{made.kept} {what} private stayed in it, as you chose.")
    return redirect(to)


def _form(request: SignedInRequest, form: ExampleForm, *, status: int | None = None, **more: Any) -> HttpResponse:
    """The form; sent and sound it comes with the preview, which is a 422 where it was meant to be kept at once."""
    sound = form.is_bound and form.is_valid()
    asked = "preview" in request.POST
    context = {**more, "form": form, "sound": sound, "asked": asked}
    return page(request, FORM, context, status=status or (200 if not form.is_bound or (sound and asked) else 422))


def _shown(request: SignedInRequest, found: FailingExample, form: TakeBackForm, *, status: int = 200) -> HttpResponse:
    earlier = queries.versions(found.line)
    may_write = access.may_write(request.user)
    context = {
        "example": found,
        "versions": earlier,
        "may_edit": may_write and not found.withdrawn_why,
        "may_read_earlier": may_write,
        "may_erase": may_write and any(one.superseded_at and not one.erased_at for one in earlier),
        "form": form,
    }
    return page(request, ONE, context, status=status)


def _back(request: SignedInRequest, number: int) -> str:
    """Where the way to the form began: the postmortem, or the incident."""
    name = "postmortems:postmortem" if request.GET.get("from") == "postmortem" else "incidents:incident"
    return f"{reverse(name, args=[number])}#examples"
