"""The list of teams and a team's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ownership import access, teams
from ownership.access import SignedInRequest
from ownership.forms.people import MemberForm, TeamForm
from ownership.models import Team
from ownership.models.assignments import party_key
from ownership.queries import coverage, gaps, narrowing, people
from ownership.queries.gaps import Asked
from ownership.views.attempts import acting, status_of, tried
from ownership.views.coverage import Few
from ownership.views.leaving import after_leaving, leaving
from web import registry
from web.errors import DomainError
from web.partials import done, page

LIST, PAGE = "ownership/teams.html", "ownership/team.html"
PARTS = ("members",)
GAPS_SHOWN = 5
on_page = require_http_methods(["GET", "HEAD", "POST"])


@on_page
def listed(request: SignedInRequest) -> HttpResponse:
    """Every team; editors add one here."""
    form = TeamForm(request.POST or None)
    if request.method == "POST":
        access.require_editor(request.user)
        made = tried(form, lambda: teams.create(**form.cleaned_data, **acting(request)))
        if made:
            return redirect("ownership:team", made.slug)
    dissolved = request.GET.get("show") == "dissolved"
    context = {
        "list": people.teams_listed(at=timezone.now(), dissolved=dissolved, after=request.GET.get("after")),
        "dissolved": dissolved,
        "form": form,
        "may_edit": access.may_edit(request.user),
    }
    return page(request, LIST, context, status=status_of(form))


@on_page
def team(request: SignedInRequest, slug: str) -> HttpResponse:
    """One team: who is in it, what it answers for; editors rename it here."""
    found = access.readable_team(request.user, slug)
    form = TeamForm(request.POST or None, initial={"name": found.name}, auto_id="team_%s")
    if request.method == "POST":
        found = access.editable_team(request.user, slug)
        if tried(form, lambda: teams.rename(found, **form.cleaned_data, **acting(request))):
            return redirect("ownership:team", slug)
        found.refresh_from_db()
    return page(request, PAGE, _context(request, found, team_form=form), parts=PARTS, status=status_of(form))


@on_page
def members(request: SignedInRequest, slug: str) -> HttpResponse:
    """Put somebody into the team."""
    found = access.editable_team(request.user, slug)
    form = MemberForm(request.POST or None, team_id=found.pk, auto_id="member_%s")
    if tried(form, lambda: teams.add_member(found, form.cleaned_data["person"], **acting(request))):
        return _changed(request, found)
    context = _context(request, found, **({"member_form": form} if form.is_bound else {}))
    return page(request, PAGE, context, parts=PARTS, status=status_of(form))


@on_page
def remove_member(request: SignedInRequest, slug: str, person_id: int) -> HttpResponse:
    """Take somebody out of the team."""
    found = access.editable_team(request.user, slug)
    membership = access.editable_membership(request.user, found, person_id)
    if request.method == "POST":
        teams.remove_member(found, membership.person, **acting(request))
    return _changed(request, found)


@on_page
def dissolve(request: SignedInRequest, slug: str) -> HttpResponse:
    """What the team holds, and the button that dissolves it; it leads on to who takes that over."""
    found = access.editable_team(request.user, slug)
    if request.method == "POST":
        teams.dissolve(found, **acting(request))
        messages.success(request, f"{found} is dissolved; its name is free.")
    elif found.dissolved_at is None:
        return page(request, "ownership/leaving.html", leaving(request, found))
    return redirect(after_leaving(request, found))


@on_page
def restore(request: SignedInRequest, slug: str) -> HttpResponse:
    """The team is there again."""
    found = access.editable_team(request.user, slug)
    if request.method == "POST":
        try:
            teams.restore(found, **acting(request))
        except DomainError as error:  # another team has its name by now
            messages.error(request, str(error))
    return redirect("ownership:team", slug)


def _changed(request: SignedInRequest, found: Team) -> HttpResponse:
    to = reverse("ownership:team", args=[found.slug])
    return done(request, PAGE, _context(request, found), parts=PARTS, to=to)


def _context(request: SignedInRequest, found: Team, **forms: Form) -> dict[str, Any]:
    now = timezone.now()
    context: dict[str, Any] = {
        "team": found,
        "page": people.team_page(found, at=now, after=narrowing.cursors(people.After, request.GET)),
        "coverage": coverage.of_team(found, at=now),
        "panels": registry.panels_for("team", request.user, found.pk),
        "gaps": Few.of(gaps.listed(Asked(team_id=found.pk), at=now), request.user, shown=GAPS_SHOWN),
        "may_edit": access.may_edit(request.user) and found.dissolved_at is None,
        "may_restore": access.may_edit(request.user) and found.dissolved_at is not None,
        "who_key": party_key(found),
    }
    if context["may_edit"]:
        context["team_form"] = TeamForm(initial={"name": found.name}, auto_id="team_%s")
        context["member_form"] = MemberForm(team_id=found.pk, auto_id="member_%s")
    return {**context, **forms}
