"""The list of services, a new one, its page and its details."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, announcing, archetypes, cataloguing, registering, retiring
from ownership.access import SignedInRequest
from ownership.forms.registering import NewServiceForm
from ownership.forms.services import LinkForm, PartAliasForm, PartForm, ServiceDetailsForm
from ownership.models import Component, Service
from ownership.queries import components, gaps, narrowing, people, services
from ownership.views.answers_card import answers_card
from ownership.views.attempts import acting, status_of, tried
from ownership.views.coverage import Few
from ownership.vocabulary import Archetype, AssignmentRole, Tier
from web import registry
from web.partials import done, page, wants_part

LIST, PAGE, FORM = "ownership/services.html", "ownership/service.html", "ownership/service_form.html"
PARTS = ("answers", "path", "links")
GAPS, GAPS_SHOWN = "ownership/service_gaps.html", 6


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """Every outcome and who answers for it."""
    wanted = narrowing.read(services.Wanted, request.GET)
    context = {
        "list": services.listed(request.user, wanted, at=timezone.now(), after=request.GET.get("after")),
        "wanted": wanted,
        "tiers": [(one.value, one.short) for one in Tier],
        "archetypes": Archetype.choices,
        "teams": people.living_teams(),
        "may_edit": access.may_edit(request.user),
    }
    return page(request, LIST, context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Name a service with its parts, seams, links and owner, on one form that begins with what is usual."""
    access.require_editor(request.user)
    asked = request.POST if request.method == "POST" else request.GET
    chosen = asked.get("archetype", "")
    if request.method != "POST" and chosen not in Archetype.values:
        return page(request, "ownership/service_archetypes.html", {"plans": archetypes.every()})
    plan = archetypes.of(chosen if chosen in Archetype.values else Archetype.OTHER)
    form = NewServiceForm(request.POST or None, plan=plan)
    made = tried(form, lambda: registering.register(**form.facts(), **acting(request)))
    if made:
        named = form.cleaned_data["accountable"]
        owner = f" {announcing.said(named, AssignmentRole.ACCOUNTABLE, made)}" if named else ""
        messages.success(request, f"{made} is registered.{owner}")
        if joined := form.joined():
            messages.info(request, f"Joined as they are, for they were there already: {', '.join(joined)}.")
        return redirect("ownership:service", made.slug)
    context = {"form": form, "plan": plan, "suggested": components.suggested_names()}
    return page(request, "ownership/service_new.html", context, status=status_of(form))


@require_safe
def service(request: SignedInRequest, slug: str) -> HttpResponse:
    """One service: who answers, the path of its parts, what is at hand."""
    return shown(request, access.readable_service(request.user, slug))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change what a service is called, what users get from it and what it promises."""
    found = access.editable_service(request.user, slug)
    initial = {name: getattr(found, name) for name in ServiceDetailsForm.base_fields}
    form = ServiceDetailsForm(request.POST or None, initial=initial)
    if tried(form, lambda: cataloguing.edit_service(found, **form.cleaned_data, **acting(request))):
        return redirect("ownership:service", slug)
    return page(request, FORM, {"form": form, "service": found}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take a service out of use, once somebody has read what follows."""
    found = access.retirable_service(request.user, slug)
    if request.method == "POST":
        retiring.retire_service(found, **acting(request))
        messages.success(request, f"{found} is retired. Its history stays.")
    if found.retired_at:
        return redirect("ownership:service", slug)
    return page(request, "ownership/service_retire.html", {"service": found, "alone": services.alone_without(found)})


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: SignedInRequest, slug: str) -> HttpResponse:
    """Bring a retired service back."""
    found = access.retirable_service(request.user, slug)
    if request.method == "POST":
        retiring.restore_service(found, **acting(request))
        messages.success(request, f"{found} is in use again.")
    return redirect("ownership:service", slug)


def changed(request: SignedInRequest, found: Service) -> HttpResponse:
    """The service after a change: its fresh part for htmx, its page for everyone else."""
    context, to = _context(request, found), reverse("ownership:service", args=[found.slug])
    answer = done(request, PAGE, context, parts=PARTS, to=to)
    if wants_part(request):  # what is missing may have changed with it
        answer.content += render_to_string(GAPS, {**context, "oob": True}, request).encode()
    return answer


def shown(request: SignedInRequest, found: Service, **forms: Form) -> HttpResponse:
    """The service's page, with forms that could not be used in place of fresh ones."""
    return page(request, PAGE, _context(request, found, **forms), parts=PARTS, status=status_of(*forms.values()))


def _context(request: SignedInRequest, found: Service, **forms: Form) -> dict[str, Any]:
    now = timezone.now()
    told = services.page_of(found, at=now)
    may_edit = access.may_edit(request.user) and found.retired_at is None
    missing = gaps.of_service(found, at=now)
    context = {
        "service": found,
        "page": told,
        "may_edit": may_edit,
        "may_restore": access.may_edit(request.user) and found.retired_at is not None,
        **answers_card(request, found, told.answers, may_edit=may_edit),
        "gaps": Few.of(missing, request.user, shown=GAPS_SHOWN),
        "panels": registry.panels_for("service", request.user, found.pk),
    }
    return (
        {**context, **_fresh_forms(told), **forms, "suggested": components.suggested_names()} if may_edit else context
    )


def _fresh_forms(told: services.ServicePage) -> dict[str, Form]:
    """Empty forms; each knows its own ids, for they share a page."""
    offered = [one.component for one in told.path]
    return {
        "part_form": PartForm(auto_id="part_%s"),
        "alias_form": PartAliasForm(components=parts_of(told.service), offered=offered, auto_id="alias_%s"),
        "link_form": LinkForm(auto_id="link_%s"),
    }


def parts_of(found: Service) -> Any:
    """The components of a service, to choose from."""
    return Component.objects.filter(parts__service=found).order_by("parts__position", "pk")
