"""Everything that wants a new owner, and the form that gives it to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ownership import access, reassigning
from ownership.access import SignedInRequest
from ownership.assigning import Party
from ownership.forms.reassigning import PAGE, ReassignForm
from ownership.models import Assignment
from ownership.models.assignments import party_key
from ownership.queries import vacancies
from ownership.views.attempts import acting
from web import registry
from web.errors import DomainError, put_on
from web.partials import page

LIST = "ownership/reassign.html"


@dataclass(frozen=True)
class Choice:
    """Somebody who left and still holds something."""

    key: str
    party: Party


@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: SignedInRequest) -> HttpResponse:
    """What people who left and teams that were dissolved still hold; editors give it to somebody."""
    who = access.party_named(request.GET.get("who", ""))
    form = ReassignForm(request.POST or None)
    if request.method != "POST":
        return page(request, LIST, _context(request, who, form))
    access.require_editor(request.user)
    try:
        if form.is_valid():
            messages.success(request, _done(request, form))
            return redirect(request.get_full_path())
    except reassigning.Refused as error:
        return page(request, LIST, _context(request, who, form, refused=error), status=error.status)
    except DomainError as error:
        put_on(form, error)
    return page(request, LIST, _context(request, who, form), status=422)


def _done(request: SignedInRequest, form: ReassignForm) -> str:
    """Do what was chosen; says what was done."""
    data: dict[str, Any] = form.cleaned_data
    told = acting(request)
    rows: list[Assignment] = form.assignments(now=told["now"])
    who = access.party_named(request.GET.get("who", ""))
    to: Any = data.get("to")  # the form asks for it, unless roles end
    if data["how"] == "ask":
        roles = [row for row in rows if not vacancies.is_named(row, at=told["now"], party=who)]
        asked = len(reassigning.ask(roles, to=to, **told))
        rest = len(rows) + len(data["item"]) - asked
        stays = f" The other {rest} on the list wait to be assigned: only who is accountable is asked." if rest else ""
        return f"{to} is asked to take over {_things(asked)}.{stays}"
    if data["how"] == "end":
        ended = reassigning.end(rows, others=data["item"], **told)
        return f"{ended} {'role' if ended == 1 else 'roles'} ended."
    fitting, left_out = reassigning.nameable(rows, to=to, now=told["now"])
    if left_out and not fitting and not data["item"]:
        raise reassigning.Refused(left_out)
    given = reassigning.give(fitting, others=data["item"], to=to, **told)
    return " ".join([f"{to} has {_things(given)} more from now on.", *(f"Left out: {one}" for one in left_out)])


def _things(number: int) -> str:
    return "one thing" if number == 1 else f"{number} things"


def _context(request: SignedInRequest, who: Party | None, form: Form, **more: Any) -> dict[str, Any]:
    now = timezone.now()
    found = vacancies.listed(at=now, party=who, after=request.GET.get("after"))
    gathered = registry.gather(reassigning.PLACE, request.user, party=who, limit=PAGE)
    return {
        "list": found,
        "gathered": gathered,
        "who": who,
        "who_key": party_key(who) if who else "",
        "who_is_here": who is not None and who.is_here(now),
        "choices": _choices(gathered, now),
        "form": form,
        "all_ticked": not form.is_bound and request.GET.get("tick", "all" if who else "") == "all",
        "ticked": {*request.POST.getlist("row"), *request.POST.getlist("item")} if form.is_bound else None,
        "may_edit": access.may_edit(request.user),
        **more,
    }


def _choices(gathered: list[registry.Gathered], now: datetime) -> list[Choice]:
    """Who left and holds something here or in another room."""
    parties = {party_key(party): party for party in vacancies.parties(at=now)}
    for one in gathered:
        for item in one.items:
            if not item.held_by.is_here(now):
                parties.setdefault(party_key(item.held_by), item.held_by)
    return [Choice(key, party) for key, party in parties.items()]
