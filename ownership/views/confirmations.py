"""Still theirs? What wants confirming, the button that does it, and the reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, addresses, confirming, speaking
from ownership.access import SignedInRequest
from ownership.models import Assignment, Person, Team
from ownership.queries import confirmations, people
from ownership.queries.owners import Holding
from ownership.views.about import About
from ownership.views.attempts import acting
from ownership.vocabulary import AssignmentRole
from web.partials import page

on_page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class ConfirmLine:
    """What `confirm_line.html` shows: an accountable row, how fresh its word is, what the viewer may do."""

    row: int
    party: Person | Team
    standing: confirmations.Standing
    may_confirm: bool
    hand_over: str = ""
    back: str = ""
    may_remind: bool = False


def line_of(
    viewer: Person, holding: Holding | None, *, at: datetime, speaks: bool, hand_over: str, may_remind: bool
) -> ConfirmLine | None:
    """The line for whoever is accountable, None for nobody and for who is no longer here; one query.

    `speaks`: the viewer is them or of their team; `hand_over` is the address of the page on which they hand it over;
    with `may_remind` the viewer may ask them.
    """
    if holding is None or holding.row is None or holding.is_vacant:
        return None
    standing = confirmations.standing_of([holding.row], at)[holding.row]
    may_confirm = access.may_confirm(viewer, holding, speaks=speaks)
    asks = may_remind and not may_confirm and standing.is_stale
    return ConfirmLine(holding.row, holding.party, standing, may_confirm, hand_over, may_remind=asks)


def put_own_lines(rows: list[Assignment], *, at: datetime) -> None:
    """Give what the viewer or a team of theirs is accountable for its line, as `.confirm`; one query."""
    standings = confirmations.standing_of([row.pk for row in rows if row.role == AssignmentRole.ACCOUNTABLE], at)
    for row in rows:
        if row.pk in standings:
            row.confirm = ConfirmLine(  # type: ignore[attr-defined]  # read by the template alone
                row.pk, row.party, standings[row.pk], True, About(row.subject).hand_over, addresses.mine()
            )


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """What is not confirmed, overdue or due soon; a team narrows it."""
    slug = request.GET.get("team", "")
    team = get_object_or_404(Team, slug=slug) if slug else None
    context = {
        "list": confirmations.listed(at=timezone.now(), team=team, after=request.GET.get("after")),
        "team": team,
        "teams": people.living_teams(),
        "may_edit": access.may_edit(request.user),
        "days": confirmations.lasts().days,
    }
    return page(request, "ownership/confirmations.html", context)


@on_page
def confirm(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """Still mine: the word of whoever is accountable holds from now."""
    found = access.confirmable_assignment(request.user, assignment_id)
    if request.method == "POST":
        confirming.confirm(found, **acting(request))
        messages.success(request, f"Confirmed: {found.party} answers for {found.subject}.")
    return redirect(_back(request, addresses.page_about(found.subject)))


@on_page
def remind(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """Ask whoever is accountable to confirm it."""
    found = access.editable_assignment(request.user, assignment_id)
    if request.method == "POST":
        confirming.remind(found, **acting(request))
        messages.success(request, f"{speaking.voice_of(found)} is reminded, once a day at most.")
    return redirect(_back(request, reverse("ownership:confirmations")))


def _back(request: SignedInRequest, otherwise: str) -> str:
    back = request.POST.get("back", "")
    return back if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else otherwise
