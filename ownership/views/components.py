"""The list of components, a new one, its page with aliases, links and seams; taking it out of use."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, cataloguing, retiring
from ownership.access import SignedInRequest
from ownership.forms.components import AliasForm, ComponentForm, NewComponentForm, SeamForm
from ownership.forms.services import LinkForm
from ownership.models import Component
from ownership.queries import components, narrowing, people
from ownership.views.answers_card import answers_card
from ownership.views.attempts import acting, status_of, tried
from ownership.vocabulary import ComponentKind, Lifecycle
from web import registry
from web.partials import done, page

LIST, PAGE, FORM = "ownership/components.html", "ownership/component.html", "ownership/component_form.html"
PARTS = ("answers", "aliases", "seams", "links")
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """Every part of the system and where it belongs."""
    wanted = narrowing.read(components.Wanted, request.GET)
    context = {
        "list": components.listed(wanted, after=request.GET.get("after")),
        "wanted": wanted,
        "kinds": ComponentKind.choices,
        "lifecycles": Lifecycle.choices,
        "teams": people.living_teams(),
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
    return shown(request, access.readable_component(request.user, component_id))


@on_page
def edit(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Change what a component is and who looks after it."""
    found = access.editable_component(request.user, component_id)
    initial = {name: getattr(found, name) for name in ComponentForm.base_fields}
    form = ComponentForm(request.POST or None, initial=initial)
    if tried(form, lambda: cataloguing.edit_component(found, **form.cleaned_data, **acting(request))):
        return redirect("ownership:component", component_id)
    return page(request, FORM, {"form": form, "component": found}, status=status_of(form))


@on_page
def aliases(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Say which label of alerts means this component."""
    found = access.editable_component(request.user, component_id)
    form = AliasForm(request.POST or None, auto_id="alias_%s")
    if tried(form, lambda: cataloguing.add_alias(found, **form.cleaned_data, **acting(request))):
        return changed(request, found)
    return shown(request, found, **({"alias_form": form} if form.is_bound else {}))


@on_page
def remove_alias(request: SignedInRequest, component_id: int, alias_id: int) -> HttpResponse:
    """Alerts with this label no longer mean the component."""
    found = access.editable_component(request.user, component_id)
    alias = access.editable_alias(request.user, alias_id, component=found)
    if request.method == "POST":
        cataloguing.remove_alias(alias, **acting(request))
    return changed(request, found)


@on_page
def seams(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Record what this component needs."""
    found = access.editable_component(request.user, component_id)
    form = SeamForm(request.POST or None, auto_id="seam_%s")

    def add() -> object:
        data = dict(form.cleaned_data)
        return cataloguing.add_seam(found, data.pop("downstream"), **data, **acting(request))

    if tried(form, add):
        return changed(request, found)
    return shown(request, found, **({"seam_form": form} if form.is_bound else {}))


@on_page
def remove_seam(request: SignedInRequest, component_id: int, seam_id: int) -> HttpResponse:
    """This component no longer needs the other."""
    found = access.editable_component(request.user, component_id)
    seam = access.editable_seam(request.user, seam_id, upstream=found)
    if request.method == "POST":
        cataloguing.remove_seam(seam, **acting(request))
    return changed(request, found)


@on_page
def links(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Put a link at hand."""
    found = access.editable_component(request.user, component_id)
    form = LinkForm(request.POST or None, auto_id="link_%s")

    def add() -> object:
        link = cataloguing.Link(**form.cleaned_data)
        return cataloguing.add_link(found, link, **acting(request))

    if tried(form, add):
        return changed(request, found)
    return shown(request, found, **({"link_form": form} if form.is_bound else {}))


@on_page
def remove_link(request: SignedInRequest, component_id: int, link_id: int) -> HttpResponse:
    """Take a link away."""
    found = access.editable_component(request.user, component_id)
    link = access.editable_component_link(request.user, found, link_id)
    if request.method == "POST":
        cataloguing.remove_link(link, **acting(request))
    return changed(request, found)


@on_page
def retire(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Take a component out of use, once somebody has read what follows."""
    found = access.retirable_component(request.user, component_id)
    if request.method == "POST":
        retiring.retire_component(found, **acting(request))
        messages.success(request, f"{found} is retired. Its history stays.")
    if found.retired_at:
        return redirect("ownership:component", component_id)
    context = {"component": found, "page": components.page_of(found, at=timezone.now())}
    return page(request, "ownership/component_retire.html", context)


@on_page
def restore(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Bring a retired component back."""
    found = access.retirable_component(request.user, component_id)
    if request.method == "POST":
        retiring.restore_component(found, **acting(request))
        messages.success(request, f"{found} is in use again. Add what alerts call it, if they call it otherwise.")
    return redirect("ownership:component", component_id)


def changed(request: SignedInRequest, found: Component) -> HttpResponse:
    """The component after a change: its fresh part for htmx, its page for everyone else."""
    to = reverse("ownership:component", args=[found.pk])
    return done(request, PAGE, _context(request, found), parts=PARTS, to=to)


def shown(request: SignedInRequest, found: Component, **forms: Form) -> HttpResponse:
    """The component's page, with forms that could not be used in place of fresh ones."""
    return page(request, PAGE, _context(request, found, **forms), parts=PARTS, status=status_of(*forms.values()))


def _context(request: SignedInRequest, found: Component, **forms: Form) -> dict[str, Any]:
    may_edit = access.may_edit(request.user) and found.retired_at is None
    told = components.page_of(
        found, at=timezone.now(), needs_after=request.GET.get("needs"), needed_after=request.GET.get("needed")
    )
    context: dict[str, Any] = {
        "component": found,
        "page": told,
        "may_edit": may_edit,
        **answers_card(request, found, told.answers, may_edit=may_edit),
        "may_restore": access.may_edit(request.user) and found.retired_at is not None,
        "panels": registry.panels_for("component", request.user, found.pk),
    }
    if may_edit:
        context["suggested"] = components.suggested_names()
        context["alias_form"] = AliasForm(auto_id="alias_%s")
        context["link_form"] = LinkForm(auto_id="link_%s")
        context["seam_form"] = SeamForm(auto_id="seam_%s")
    return {**context, **forms}
