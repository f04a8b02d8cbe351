"""The list of components, a new one, its page with aliases and seams."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, cataloguing
from ownership.access import SignedInRequest
from ownership.forms.components import AliasForm, ComponentForm, NewComponentForm, SeamForm
from ownership.models import Component
from ownership.queries import components
from ownership.views.attempts import acting, status_of, tried
from ownership.vocabulary import ComponentKind
from web import registry
from web.partials import done, page

LIST, PAGE, FORM = "ownership/components.html", "ownership/component.html", "ownership/component_form.html"
PARTS = ("aliases", "seams")
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """Every part of the system and where it belongs."""
    kind, named = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    alone = request.GET.get("show") == "alone"
    context = {
        "list": components.listed(kind=kind, alone=alone, named=named, after=request.GET.get("after")),
        "kind": kind,
        "named": named,
        "alone": alone,
        "kinds": ComponentKind.choices,
        "may_edit": access.may_edit(request.user),
    }
    return page(request, LIST, context)


@on_page
def new(request: SignedInRequest) -> HttpResponse:
    """Name a component."""
    access.require_editor(request.user)
    form = NewComponentForm(request.POST or None)
    made = tried(form, lambda: cataloguing.add_component(**form.facts(), **acting(request)))
    if made:
        return redirect("ownership:component", made.pk)
    return page(request, FORM, {"form": form}, status=status_of(form))


@require_safe
def component(request: SignedInRequest, component_id: int) -> HttpResponse:
    """One component: what it is, whose it is, what alerts call it, what it needs and what needs it."""
    return _shown(request, access.readable_component(request.user, component_id))


@on_page
def edit(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Change what a component is and who looks after it."""
    found = access.editable_component(request.user, component_id)
    names = ("name", "kind", "description", "custodian")
    form = ComponentForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    if tried(form, lambda: cataloguing.edit_component(found, **form.cleaned_data, **acting(request))):
        return redirect("ownership:component", component_id)
    return page(request, FORM, {"form": form, "component": found}, status=status_of(form))


@on_page
def aliases(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Say which label of alerts means this component."""
    found = access.editable_component(request.user, component_id)
    form = AliasForm(request.POST or None, auto_id="alias_%s")
    if tried(form, lambda: cataloguing.add_alias(found, **form.cleaned_data, **acting(request))):
        return _changed(request, found)
    return _shown(request, found, **({"alias_form": form} if form.is_bound else {}))


@on_page
def remove_alias(request: SignedInRequest, component_id: int, alias_id: int) -> HttpResponse:
    """Alerts with this label no longer mean the component."""
    found = access.editable_component(request.user, component_id)
    alias = access.editable_alias(request.user, alias_id, component=found)
    if request.method == "POST":
        cataloguing.remove_alias(alias, **acting(request))
    return _changed(request, found)


@on_page
def seams(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Record what this component needs."""
    found = access.editable_component(request.user, component_id)
    form = SeamForm(request.POST or None, auto_id="seam_%s")

    def add() -> object:
        data = dict(form.cleaned_data)
        return cataloguing.add_seam(found, data.pop("downstream"), **data, **acting(request))

    if tried(form, add):
        return _changed(request, found)
    return _shown(request, found, **({"seam_form": form} if form.is_bound else {}))


@on_page
def remove_seam(request: SignedInRequest, component_id: int, seam_id: int) -> HttpResponse:
    """This component no longer needs the other."""
    found = access.editable_component(request.user, component_id)
    seam = access.editable_seam(request.user, seam_id, upstream=found)
    if request.method == "POST":
        cataloguing.remove_seam(seam, **acting(request))
    return _changed(request, found)


def _changed(request: SignedInRequest, found: Component) -> HttpResponse:
    to = reverse("ownership:component", args=[found.pk])
    return done(request, PAGE, _context(request, found), parts=PARTS, to=to)


def _shown(request: SignedInRequest, found: Component, **forms: Form) -> HttpResponse:
    return page(request, PAGE, _context(request, found, **forms), parts=PARTS, status=status_of(*forms.values()))


def _context(request: SignedInRequest, found: Component, **forms: Form) -> dict[str, Any]:
    may_edit = access.may_edit(request.user) and found.retired_at is None
    context: dict[str, Any] = {
        "component": found,
        "page": components.page_of(found),
        "may_edit": may_edit,
        "panels": registry.panels_for("component", request.user, found.pk),
    }
    if may_edit:
        context["suggested"] = components.suggested_names()
        context["alias_form"] = AliasForm(auto_id="alias_%s")
        context["seam_form"] = SeamForm(auto_id="seam_%s")
    return {**context, **forms}
