"""The steps of an action, from its postmortem and from the board: each a button, or a short form in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from incidents.postmortems import access, settling
from incidents.postmortems.forms.steps import ReasonedForm, SnoozeForm, StepForm, TicketForm, VerifyForm
from incidents.postmortems.models import Action
from incidents.postmortems.queries import workboard
from incidents.postmortems.views import shown
from ownership.access import SignedInRequest
from web import errors
from web.partials import htmx_of, page

BLOCK = "actions"
ASK = "postmortems/action_step.html"
ROW = "postmortems/workboard_row.html"


@dataclass(frozen=True)
class Way:
    """One step: what it does, what it asks, and how its form is headed."""

    act: Callable[..., Action]
    form: type[StepForm] | None = None
    heading: str = ""
    verb: str = ""
    verifies: bool = False


WAYS: Mapping[str, Way] = {
    "done": Way(settling.mark_done),
    "undone": Way(settling.mark_undone),
    "wake": Way(settling.wake),
    "snooze": Way(settling.snooze, SnoozeForm, "Snooze its reminders", "Snooze"),
    "wont-do": Way(settling.decline, ReasonedForm, "It will not be done", "Record that it won’t be done"),
    "verify": Way(settling.verify, VerifyForm, "It holds", "Verify", verifies=True),
    "send-back": Way(settling.send_back, ReasonedForm, "It does not hold yet", "Send back", verifies=True),
    "reopen": Way(settling.reopen, ReasonedForm, "Open it again", "Open again"),
    "ticket": Way(settling.note_ticket, TicketForm, "Its ticket elsewhere", "Save"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: SignedInRequest, action_id: int, step: str) -> HttpResponse:
    """Take a step; GET opens its form in the place that htmx aims at, or on a page of its own."""
    way = WAYS.get(step)
    if way is None:
        raise Http404
    let = access.verifiable_action if way.verifies else access.workable_action
    action = let(request.user, action_id)
    sent = request.method == "POST"
    if way.form is None:
        if not sent:
            return HttpResponseNotAllowed(["POST"])
        way.act(action, by=request.user, now=timezone.now())
        return _done(request, action)
    form = way.form(request.POST if sent else None, action=action)
    if form.is_valid():
        try:
            way.act(action, **form.said, by=request.user, now=timezone.now())
            return _done(request, action)
        except errors.DomainError as error:
            errors.put_on(form, error)
            if error.status != 422:
                return _ask(request, action, step, form, status=error.status)
    return _ask(request, action, step, form, status=422 if sent else 200)


def _ask(request: SignedInRequest, action: Action, step: str, form: StepForm, *, status: int) -> HttpResponse:
    asked: dict[str, Any] = {
        "step_form": form,
        "step": step,
        "way": WAYS[step],
        "stepped": action.pk,
        "back": _back(request),
    }
    where = _aims_at(request, action)
    if where == BLOCK and action.postmortem:
        found = access.readable_postmortem(request.user, action.postmortem.incident_id)
        return shown.whole(request, found, status=status, **asked)
    if where:
        return _row(request, action, status=status, **asked)
    return page(request, ASK, {**asked, "action": action}, status=status)


def _done(request: SignedInRequest, action: Action) -> HttpResponse:
    where = _aims_at(request, action)
    if where == BLOCK and action.postmortem:
        return shown.changed(request, action.postmortem.incident_id, part=BLOCK)
    if where:
        return _row(request, access.workable_action(request.user, action.pk))
    return redirect(_back(request) or f"{action.path}#action-{action.pk}")


def _row(request: SignedInRequest, action: Action, *, status: int = 200, **more: object) -> HttpResponse:
    """The row of the board as it is now; it stays in its place until the board is asked for again."""
    (row,) = workboard.rows([action], request.user, today=timezone.localdate())
    context = {"row": row, "may_write": True, "back": _back(request), **more}
    return page(request, ROW, context, status=status)


def _aims_at(request: SignedInRequest, action: Action) -> str:
    """The block of the postmortem, or the row of the board; empty for a page."""
    htmx = htmx_of(request)
    target = (htmx.target if htmx else None) or ""
    blocks = {BLOCK} if action.postmortem else set()
    return target if target in {*blocks, f"row-{action.pk}"} else ""


def _back(request: SignedInRequest) -> str:
    """The address of the board that one came from; empty when one came from a postmortem."""
    back = request.GET.get("back", "")
    ours = back.startswith(reverse("postmortems:workboard"))
    return back if ours and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""
