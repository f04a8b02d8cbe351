"""Merging incidents and taking them apart, linking them and taking links away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.response import access, linking, merging
from incidents.response.forms.combining import LinkForm, MergeForm
from incidents.response.queries import links
from incidents.response.vocabulary import LinkKind
from ownership.access import SignedInRequest
from web import errors
from web.partials import page


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: SignedInRequest, number: int) -> HttpResponse:
    """Choose which incident this one goes on in."""
    found = access.workable_incident(request.user, number)
    form = MergeForm(request.POST or None, viewer=request.user, initial={"into": request.GET.get("into")})
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            target = merging.merge(found, **form.cleaned_data, by=request.user, now=timezone.now())
            messages.success(request, f"{found.ref} goes on here.")
            return redirect("incidents:incident", target.pk)
        except errors.DomainError as error:
            errors.put_on(form, error)
            status = error.status
    context = {"form": form, "incident": found, "open": links.open_besides(request.user, number)}
    return page(request, "incidents/merge.html", context, status=status)


@require_POST
def unmerge(request: SignedInRequest, number: int) -> HttpResponse:
    """Take it out of what it was merged into."""
    found = access.separable_incident(request.user, number)
    merging.undo(found, by=request.user, now=timezone.now())
    messages.success(request, f"{found.ref} stands for itself again.")
    return redirect("incidents:incident", number)


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: SignedInRequest, number: int) -> HttpResponse:
    """Say what it has to do with another incident."""
    found = access.workable_incident(request.user, number)
    form = LinkForm(request.POST or None, viewer=request.user, initial={"other": request.GET.get("other")})
    status = 422 if form.is_bound else 200
    if form.is_valid():
        kind, ends = form.cleaned_data["kind"], (found, form.cleaned_data["other"])
        if kind == "caused":
            kind, ends = LinkKind.CAUSED_BY, ends[::-1]
        try:
            linking.link(ends[0], kind=kind, other=ends[1], by=request.user, now=timezone.now())
            return redirect("incidents:incident", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
            status = error.status
    context = {"form": form, "incident": found, "open": links.open_besides(request.user, number)}
    return page(request, "incidents/link.html", context, status=status)


@require_POST
def unlink(request: SignedInRequest, number: int, link_id: int) -> HttpResponse:
    """Take a link away."""
    linking.unlink(access.removable_link(request.user, number, link_id), by=request.user, now=timezone.now())
    return redirect(f"{reverse('incidents:incident', args=[number])}#together")
