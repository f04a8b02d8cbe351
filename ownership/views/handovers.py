"""Proposing a hand-over, its page, and the answers to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, handing_over, speaking
from ownership.access import SignedInRequest
from ownership.forms.handovers import AcceptForm, DeclineForm, HandOverForm
from ownership.models import Handover
from ownership.models.assignments import Subject
from ownership.queries import handovers, owners
from ownership.views.about import About
from ownership.views.attempts import acting, status_of, tried
from ownership.vocabulary import HandoverState
from web import errors, registry
from web.partials import page

on_page = require_http_methods(["GET", "HEAD", "POST"])


@on_page
def hand_over(request: SignedInRequest, kind: str, key: str | int) -> HttpResponse:
    """Ask somebody to take over a service, component or seam, seeing what comes along."""
    subject = access.transferable_subject(request.user, kind, key)
    form = HandOverForm(request.POST if request.method == "POST" else None)
    made = tried(form, lambda: handing_over.propose(subject=subject, **form.cleaned_data, **acting(request)))
    if made:
        messages.success(request, f"{made.to} is asked to take over.")
        return redirect("ownership:handover", made.pk)
    return page(request, "ownership/hand_over.html", _asking(request, subject, form), status=status_of(form))


def _asking(request: SignedInRequest, subject: Subject, form: Form) -> dict[str, Any]:
    now = timezone.now()
    about = About(subject)
    return {
        "about": about,
        "form": form,
        "accountable": owners.of_subjects(about.kind, [subject.pk], at=now)[subject.pk].accountable,
        "open": handovers.open_of(subject, at=now),
        "panels": registry.panels_for(about.panels, request.user, subject.pk),
    }


@require_safe
def handover(request: SignedInRequest, handover_id: int) -> HttpResponse:
    """One hand-over: what is asked, what comes along, what became of it."""
    return _shown(request, access.readable_handover(request.user, handover_id))


@on_page
def accept(request: SignedInRequest, handover_id: int) -> HttpResponse:
    """Say yes."""
    found = access.decidable_handover(request.user, handover_id)
    form = _accept_form(request, found, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            accepted = handing_over.accept(found, **form.cleaned_data, **acting(request))
        except errors.Invalid as error:  # what can be chosen otherwise; that it is decided already is for everybody
            errors.put_on(form, error)
        else:
            messages.success(request, f"Accepted: {accepted.to} takes over.")
            return redirect("ownership:handover", handover_id)
    return _shown(request, found, accept_form=form)


@on_page
def decline(request: SignedInRequest, handover_id: int) -> HttpResponse:
    """Say no, and why."""
    found = access.decidable_handover(request.user, handover_id)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if tried(form, lambda: handing_over.decline(found, **form.cleaned_data, **acting(request))):
        messages.success(request, "Declined.")
        return redirect("ownership:handover", handover_id)
    return _shown(request, found, form=form)


@on_page
def withdraw(request: SignedInRequest, handover_id: int) -> HttpResponse:
    """Take the proposal back."""
    found = access.withdrawable_handover(request.user, handover_id)
    if request.method == "POST":
        handing_over.withdraw(found, **acting(request))
        messages.success(request, "Withdrawn.")
    return redirect("ownership:handover", handover_id)


def _accept_form(request: SignedInRequest, found: Handover, data: Any = None) -> AcceptForm:
    """Whoever of a team accepts answers for it, unless they choose another member."""
    team = found.to_team
    me = request.user.pk if team and speaking.speaks_for(request.user, team) else None
    return AcceptForm(data, team=team, initial={"answering": me}, auto_id="accept_%s")


def _shown(request: SignedInRequest, found: Handover, **forms: Form) -> HttpResponse:
    now = timezone.now()
    about = About(found.subject)
    state = found.state_at(now)
    is_open = state == HandoverState.PROPOSED
    effective = found.effective_at
    may_decide = is_open and access.may_decide(request.user, found)
    context = {
        "handover": found,
        "about": about,
        "state": state,
        "is_open": is_open,
        "is_ahead": effective is not None and effective > now,
        "is_late": is_open and effective is not None and effective <= now,
        "became_late": is_open and effective is not None and found.proposed_at < effective <= now,
        "form": DeclineForm(),
        "from_is_here": found.from_assignment.party.is_here(now),
        "accept_form": _accept_form(request, found) if may_decide else None,
        "may_decide": may_decide,
        "may_withdraw": is_open and access.may_withdraw(request.user, found),
        "panels": registry.panels_for(about.panels, request.user, about.subject.pk) if is_open else [],
    }
    return page(request, "ownership/handover.html", {**context, **forms}, status=status_of(*forms.values()))
