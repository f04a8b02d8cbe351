"""The list of services, a new one, its page and its details."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, cataloguing, registering
from ownership.access import SignedInRequest
from ownership.forms.services import (
    AssignForm,
    LinkForm,
    NewServiceForm,
    PartAliasForm,
    PartForm,
    ServiceDetailsForm,
)
from ownership.models import Component, Service
from ownership.queries import components, services
from ownership.views.attempts import acting, status_of, tried
from ownership.vocabulary import AssignmentRole, Tier
from web import registry
from web.partials import done, page

LIST, PAGE, FORM = "ownership/services.html", "ownership/service.html", "ownership/service_form.html"
PARTS = ("answers", "path", "links")


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """Every outcome and who answers for it."""
    answer, tier = request.GET.get("answer", ""), request.GET.get("tier", "")
    after = request.GET.get("after")
    shown = services.listed(request.user, at=timezone.now(), answer=answer, tier=tier, after=after)
    context = {
        "list": shown,
        "answer": answer,
        "tier": tier,
        "tiers": [(one.value, one.short) for one in Tier],
        "may_edit": access.may_edit(request.user),
    }
    return page(request, LIST, context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Name a service with its parts, links and owner, on one form."""
    access.require_editor(request.user)
    form = NewServiceForm(request.POST or None)
    made = tried(form, lambda: registering.register(**form.facts(), **acting(request)))
    if made:
        return redirect("ownership:service", made.slug)
    context = {"form": form, "suggested": components.suggested_names()}
    return page(request, "ownership/service_new.html", context, status=status_of(form))


@require_safe
def service(request: SignedInRequest, slug: str) -> HttpResponse:
    """One service: who answers, the path of its parts, what is at hand."""
    return shown(request, access.readable_service(request.user, slug))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change a service's name, outcome and tier."""
    found = access.editable_service(request.user, slug)
    initial = {"name": found.name, "outcome": found.outcome, "tier": found.tier}
    form = ServiceDetailsForm(request.POST or None, initial=initial)
    if tried(form, lambda: cataloguing.edit_service(found, **form.cleaned_data, **acting(request))):
        return redirect("ownership:service", slug)
    return page(request, FORM, {"form": form, "service": found}, status=status_of(form))


def changed(request: SignedInRequest, found: Service) -> HttpResponse:
    """The service after a change: its fresh part for htmx, its page for everyone else."""
    return done(
        request, PAGE, _context(request, found), parts=PARTS, to=reverse("ownership:service", args=[found.slug])
    )


def shown(request: SignedInRequest, found: Service, **forms: Form) -> HttpResponse:
    """The service's page, with forms that could not be used in place of fresh ones."""
    return page(request, PAGE, _context(request, found, **forms), parts=PARTS, status=status_of(*forms.values()))


def _context(request: SignedInRequest, found: Service, **forms: Form) -> dict[str, Any]:
    now = timezone.now()
    told = services.page_of(found, at=now)
    may_edit = access.may_edit(request.user) and found.retired_at is None
    context = {
        "service": found,
        "page": told,
        "may_edit": may_edit,
        "may_hand_over": _may_hand_over(request, told, may_edit=may_edit),
        "panels": registry.panels_for("service", request.user, found.pk),
    }
    return (
        {**context, **_fresh_forms(told), **forms, "suggested": components.suggested_names()} if may_edit else context
    )


def _may_hand_over(request: SignedInRequest, told: services.ServicePage, *, may_edit: bool) -> bool:
    accountable = told.answering.accountable
    if accountable is None or told.handover is not None or told.service.retired_at is not None:
        return False
    return may_edit or access.speaks_for(request.user, accountable.party)


def _fresh_forms(told: services.ServicePage) -> dict[str, Form]:
    """Empty forms; each knows its own ids, for they share a page."""
    accountable = told.answering.accountable
    initial = {
        "role": AssignmentRole.DEPUTY if told.answering.is_answered else AssignmentRole.ACCOUNTABLE,
        "instead_of": accountable.row if accountable else None,
    }
    return {
        "assign_form": AssignForm(initial=initial, auto_id="assign_%s"),
        "part_form": PartForm(auto_id="part_%s"),
        "alias_form": PartAliasForm(components=parts_of(told.service), auto_id="alias_%s"),
        "link_form": LinkForm(auto_id="link_%s"),
    }


def parts_of(found: Service) -> Any:
    """The components of a service, to choose from."""
    return Component.objects.filter(parts__service=found).order_by("parts__position", "pk")
