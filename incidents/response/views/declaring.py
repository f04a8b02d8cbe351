"""Declaring an incident by hand."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents.response import access, lifecycle
from incidents.response.forms.declaring import DeclareForm
from ownership.access import SignedInRequest
from web import errors
from web.partials import page


@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: SignedInRequest) -> HttpResponse:
    """Declare an incident by hand."""
    access.require_responder(request.user)
    form = DeclareForm(request.POST or None, initial={"service": request.GET.get("service")})
    if form.is_valid():
        data = form.cleaned_data
        names = ("title", "service", "severity", "impact", "detected_by", "detected_at", "first_blame", "private")
        said = {name: data[name] for name in names} | {"of_type": data["type"]}
        try:
            made = lifecycle.declare(**said, began=form.began, by=request.user, now=timezone.now())
            return redirect("incidents:incident", made.pk)
        except errors.DomainError as error:
            errors.put_on(form, error)
    status = 422 if form.is_bound else 200
    return page(request, "incidents/declare.html", {"form": form}, status=status)
