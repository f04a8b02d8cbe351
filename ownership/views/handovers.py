"""Proposing a hand-over, its page, and the answers to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, handing_over
from ownership.access import SignedInRequest
from ownership.forms.handovers import DeclineForm, HandOverForm
from ownership.models import Handover, Service
from ownership.queries import handovers, owners
from ownership.views.attempts import acting, status_of, tried
from ownership.vocabulary import HandoverState
from web import registry
from web.partials import page

on_page = require_http_methods(["GET", "HEAD", "POST"])


@on_page
def hand_over(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask somebody to take over a service, seeing what comes along."""
    service = access.transferable_service(request.user, slug)
    form = HandOverForm(request.POST if request.method == "POST" else None)
    made = tried(form, lambda: handing_over.propose(subject=service, **form.cleaned_data, **acting(request)))
    if made:
        messages.success(request, f"{made.to} is asked to take over.")
        return redirect("ownership:handover", made.pk)
    return page(request, "ownership/hand_over.html", _asking(request, service, form), status=status_of(form))


def _asking(request: SignedInRequest, service: Service, form: Form) -> dict[str, Any]:
    now = timezone.now()
    return {
        "service": service,
        "form": form,
        "accountable": owners.of_services([service.pk], at=now)[service.pk].accountable,
        "open": handovers.open_of(service, at=now),
        "panels": registry.panels_for("handover", request.user, service.pk),
    }


@require_safe
def handover(request: SignedInRequest, handover_id: int) -> HttpResponse:
    """One hand-over: what is asked, what comes along, what became of it."""
    return _shown(request, access.readable_handover(request.user, handover_id))


@on_page
def accept(request: SignedInRequest, handover_id: int) -> HttpResponse:
    """Say yes."""
    found = access.decidable_handover(request.user, handover_id)
    if request.method == "POST":
        accepted = handing_over.accept(found, **acting(request))
        messages.success(request, f"Accepted: {accepted.to} takes over.")
    return redirect("ownership:handover", handover_id)


@on_page
def decline(request: SignedInRequest, handover_id: int) -> HttpResponse:
    """Say no, and why."""
    found = access.decidable_handover(request.user, handover_id)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if tried(form, lambda: handing_over.decline(found, **form.cleaned_data, **acting(request))):
        messages.success(request, "Declined.")
        return redirect("ownership:handover", handover_id)
    return _shown(request, found, form)


@on_page
def withdraw(request: SignedInRequest, handover_id: int) -> HttpResponse:
    """Take the proposal back."""
    found = access.withdrawable_handover(request.user, handover_id)
    if request.method == "POST":
        handing_over.withdraw(found, **acting(request))
        messages.success(request, "Withdrawn.")
    return redirect("ownership:handover", handover_id)


def _shown(request: SignedInRequest, found: Handover, form: Form | None = None) -> HttpResponse:
    form = form or DeclineForm()
    now = timezone.now()
    state = found.state_at(now)
    is_open = state == HandoverState.PROPOSED
    context = {
        "handover": found,
        "state": state,
        "is_open": is_open,
        "is_ahead": found.effective_at is not None and found.effective_at > now,
        "form": form,
        "may_decide": is_open and access.may_decide(request.user, found),
        "may_withdraw": is_open and access.may_withdraw(request.user, found),
        "panels": registry.panels_for("handover", request.user, found.service_id)
        if is_open and found.service_id
        else [],
    }
    return page(request, "ownership/handover.html", context, status=status_of(form))
