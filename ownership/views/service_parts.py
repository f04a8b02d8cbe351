"""What people change on a service's page. On GET each address leads to that page: nobody is lost after signing in."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from ownership import access, cataloguing, registering
from ownership.access import SignedInRequest
from ownership.forms.services import LinkForm, PartAliasForm, PartForm
from ownership.views.attempts import acting, tried
from ownership.views.services import changed, parts_of, shown

on_page = require_http_methods(["GET", "HEAD", "POST"])


@on_page
def parts(request: SignedInRequest, slug: str) -> HttpResponse:
    """Add a part, existing or new."""
    service = access.editable_service(request.user, slug)
    form = PartForm(request.POST or None, auto_id="part_%s")
    if tried(form, lambda: registering.join_part(service, form.cleaned_data["part"], **acting(request))):
        return changed(request, service)
    return shown(request, service, **({"part_form": form} if form.is_bound else {}))


@on_page
def remove_part(request: SignedInRequest, slug: str, part_id: int) -> HttpResponse:
    """Take a component out of the service."""
    service = access.editable_service(request.user, slug)
    part = access.editable_part(request.user, service, part_id)
    if request.method == "POST":
        cataloguing.remove_part(part, **acting(request))
    return changed(request, service)


@on_page
def move_part(request: SignedInRequest, slug: str, part_id: int) -> HttpResponse:
    """Move a part along the path; `to` is its place, counted from 0."""
    service = access.editable_service(request.user, slug)
    part = access.editable_part(request.user, service, part_id)
    place = request.POST.get("to", "")
    if place.isdecimal():
        cataloguing.move_part(part, to=int(place[:4]), **acting(request))
    return changed(request, service)


@on_page
def aliases(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say which label of alerts means one of the parts."""
    service = access.editable_service(request.user, slug)
    form = PartAliasForm(request.POST or None, components=parts_of(service), auto_id="alias_%s")

    def add() -> object:
        data = form.cleaned_data
        return cataloguing.add_alias(data["part"], system=data["system"], key=data["key"], **acting(request))

    if tried(form, add):
        return changed(request, service)
    return shown(request, service, **({"alias_form": form} if form.is_bound else {}))


@on_page
def remove_alias(request: SignedInRequest, slug: str, alias_id: int) -> HttpResponse:
    """Alerts with this label no longer mean the part."""
    service = access.editable_service(request.user, slug)
    alias = access.editable_alias(request.user, alias_id, component__parts__service=service)
    if request.method == "POST":
        cataloguing.remove_alias(alias, **acting(request))
    return changed(request, service)


@on_page
def links(request: SignedInRequest, slug: str) -> HttpResponse:
    """Put a link at hand."""
    service = access.editable_service(request.user, slug)
    form = LinkForm(request.POST or None, auto_id="link_%s")

    def add() -> object:
        link = cataloguing.Link(**form.cleaned_data)
        return cataloguing.add_link(service, link, **acting(request))

    if tried(form, add):
        return changed(request, service)
    return shown(request, service, **({"link_form": form} if form.is_bound else {}))


@on_page
def remove_link(request: SignedInRequest, slug: str, link_id: int) -> HttpResponse:
    """Take a link away."""
    service = access.editable_service(request.user, slug)
    link = access.editable_link(request.user, service, link_id)
    if request.method == "POST":
        cataloguing.remove_link(link, **acting(request))
    return changed(request, service)
