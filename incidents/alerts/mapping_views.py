"""The page on which a source's own mapping is written, tried on what it sent, and put into use."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.alerts import access, remapping
from incidents.alerts.mapping_forms import MappingForm
from incidents.alerts.models import Source
from incidents.alerts.queries import mapping_trials, rejections
from incidents.alerts.queries.mapping_trials import Body, Trial
from incidents.alerts.sources import custom
from ownership.access import SignedInRequest
from web import errors
from web.partials import page

PAGE, PARTS = "alerts/mapping.html", ("result",)
on_page = require_http_methods(["GET", "HEAD", "POST"])


@on_page
def mapping(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Write a source's mapping; a POST puts it into use."""
    found = access.mappable_source(request.user, source_id)
    form = _form(request, found)
    if not form.is_valid():
        return _shown(request, found, form, status=422 if form.is_bound else 200)
    text, over = form.cleaned_data["text"], form.cleaned_data["over"]
    try:
        made = remapping.supersede(found, text=text, over=over, by=request.user, now=timezone.now())
    except errors.DomainError as error:
        errors.put_on(form, error)
        return _shown(request, found, form, status=error.status)
    messages.success(request, f"From now on {found} is read by version {made.version} of its mapping.")
    return redirect("alerts:mapping", found.pk)


@require_POST
def try_mapping(request: SignedInRequest, source_id: int) -> HttpResponse:
    """What the mapping as it is written would read; keeps nothing."""
    found = access.mappable_source(request.user, source_id)
    form = _form(request, found)
    form.is_valid()
    trial = _trial(found, form)
    return _shown(request, found, form, trial=trial, status=422 if trial.wrong or form.errors else 200)


@require_POST
def drop_mapping(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Back to the default mapping."""
    found = access.mappable_source(request.user, source_id)
    remapping.drop(found, by=request.user, now=timezone.now())
    messages.success(request, f"From now on {found} is read by the default mapping.")
    return redirect("alerts:mapping", found.pk)


def _form(request: SignedInRequest, source: Source) -> MappingForm:
    current = remapping.current_of([source.pk]).get(source.pk)
    initial = {
        "text": current.text if current else custom.default_mapping(),
        "over": current.version if current else 0,
    }
    offered = mapping_trials.offered(source)
    return MappingForm(request.POST or None, initial=initial, offered=offered, now=timezone.now())


def _trial(source: Source, form: MappingForm) -> Trial:
    """What the form's mapping, or the current one, makes of the chosen body."""
    said: dict[str, Any] = form.cleaned_data if form.is_bound else {}
    text = said.get("text", "") if form.is_bound else form.initial["text"]
    if not text:
        return Trial()  # the form says what is wrong
    return mapping_trials.of(text, _body(source, form, said))


def _body(source: Source, form: MappingForm, said: dict[str, Any]) -> Body | None:
    """A pasted body goes before a chosen delivery; at first the newest delivery is chosen."""
    if said.get("body", "").strip():
        return Body(said["body"].encode("utf-8", "replace"), {"content-type": "application/json"}, timezone.now())
    chosen = said.get("delivery")
    if chosen is None and form.offered:
        chosen = form.offered[0].pk
    return mapping_trials.body_of(source, chosen) if chosen else None


def _shown(
    request: SignedInRequest, source: Source, form: MappingForm, *, trial: Trial | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "source": source,
        "form": form,
        "trial": trial or _trial(source, form),
        "current": remapping.current_of([source.pk]).get(source.pk),
        "versions": remapping.versions_of(source),
        "rejected": rejections.of(source),
        "standard": custom.default_mapping(),
    }
    return page(request, PAGE, context, parts=PARTS, status=status)
