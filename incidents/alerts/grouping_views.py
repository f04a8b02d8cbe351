"""Pages of grouping: a service's policy, or that of all others, its versions, and a trial of another one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.alerts import access
from incidents.alerts.grouping_forms import PolicyForm, initial_of
from incidents.alerts.queries import trials
from incidents.response import policies as acts
from incidents.response.queries import policies
from ownership.access import SignedInRequest
from ownership.models import Service
from web import errors
from web.partials import page

PAGE = "alerts/grouping.html"
STRIPS = ("As it was", "With this policy")


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: SignedInRequest, slug: str = "") -> HttpResponse:
    """Read a policy; try another on the last weeks' alerts, or save it as the next version."""
    service = access.readable_service(request.user, slug) if slug else None
    if request.method == "POST":
        access.require_editor(request.user)
        return _said(request, service)
    own = policies.current(service)
    form = PolicyForm(initial=initial_of(own or _held(service), based_on=own.version if own else 0))
    return page(request, PAGE, _context(request, service, form))


def _said(request: SignedInRequest, service: Service | None) -> HttpResponse:
    form, now = PolicyForm(request.POST), timezone.now()
    if form.is_valid():
        try:
            if request.POST.get("act") == "save":
                made = acts.save(service, form.said, by=request.user, now=now, based_on=form.cleaned_data["based_on"])
                messages.success(request, f"Saved as {made}. It holds for incidents that open from now on.")
                return redirect(request.path)
            rules = acts.draft(form.said, service=service).rules
            in_force = policies.rules_of(policies.current(service) or _held(service))
            trial = trials.of(request.user, service, rules, in_force=in_force, now=now)
            context = {"trial": trial, "strips": list(zip(STRIPS, trial.strips, strict=True))}
            return page(request, PAGE, _context(request, service, form, **context))
        except errors.DomainError as error:
            errors.put_on(form, error)
    return page(request, PAGE, _context(request, service, form), status=422)


@require_POST
def give_up(request: SignedInRequest, slug: str) -> HttpResponse:
    """From now on the policy of all others holds for this service."""
    service = access.manageable_service(request.user, slug)
    acts.give_up(service, now=timezone.now())
    messages.success(request, f"The default policy holds for {service} now.")
    return redirect("alerts:grouping", slug)


def _held(service: Service | None) -> Any:
    """The version that holds now, its own or that of all others."""
    key = (service.pk if service else None, timezone.now())
    return policies.in_force({key})[key]


def _context(request: SignedInRequest, service: Service | None, form: PolicyForm, **more: Any) -> dict[str, Any]:
    held, own = _held(service), policies.current(service)
    return {
        "service": service,
        "own": own,
        "words": policies.words(held),
        "rules": policies.rules_of(held),
        "versions": policies.versions(service),
        "labels_seen": trials.labels_seen(service),
        "form": form,
        "may_manage": access.may_manage(request.user),
        "days": trials.DAYS,
        **more,
    }
