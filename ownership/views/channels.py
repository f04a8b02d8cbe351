"""How somebody is told: the channels and quiet hours of oneself and of a team."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ownership import access
from ownership import channels as acts
from ownership.access import SignedInRequest
from ownership.forms.channels import ChannelEditForm, ChannelForm, QuietForm, TeamQuietForm
from ownership.models import Channel, Person, Team
from ownership.queries import channels as reads
from ownership.receivers import KINDS
from ownership.speaking import speaks_for
from ownership.views.attempts import acting, status_of, tried
from web.errors import DomainError
from web.partials import page
from web.wakeup import Bell

PAGE, ONE = "ownership/channels.html", "ownership/channel.html"
on_page = require_http_methods(["GET", "HEAD", "POST"])
bell = Bell("ownership.send_notices")


@never_cache
@on_page
def mine(request: SignedInRequest) -> HttpResponse:
    """How I am told; another channel is added here."""
    return _listed(request, request.user)


@never_cache
@on_page
def of_team(request: SignedInRequest, slug: str) -> HttpResponse:
    """How a team is told; its members and editors add a channel here."""
    if request.method == "POST":
        return _listed(request, access.team_with_channels(request.user, slug))
    return _listed(request, access.readable_team(request.user, slug))


@on_page
def my_quiet(request: SignedInRequest) -> HttpResponse:
    """When I want quiet."""
    return _quiet(request, request.user)


@on_page
def team_quiet(request: SignedInRequest, slug: str) -> HttpResponse:
    """When a team wants quiet, and whether its members are told as well."""
    return _quiet(request, access.team_with_channels(request.user, slug))


@never_cache
@on_page
def channel(request: SignedInRequest, channel_id: int) -> HttpResponse:
    """One channel: what is told there, whether it works, and a test."""
    found = access.own_channel(request.user, channel_id)
    form = ChannelEditForm(request.POST if request.method == "POST" else None, channel=found)
    if tried(form, lambda: acts.edit(found, **form.said(), **acting(request))):
        messages.success(request, "Saved.")
        return redirect("ownership:channel", channel_id)
    return page(request, ONE, _one(found, form), parts=("trial",), status=status_of(form))


@on_page
def test(request: SignedInRequest, channel_id: int) -> HttpResponse:
    """Send a test message now; its result is shown on the channel's page as soon as it is known."""
    found = access.own_channel(request.user, channel_id)
    if request.method == "POST":
        try:
            acts.test(found, **acting(request))
            bell.ring()
        except DomainError as error:
            messages.error(request, str(error))
    return redirect(f"{reverse('ownership:channel', args=[channel_id])}#trial")


@on_page
def remove(request: SignedInRequest, channel_id: int) -> HttpResponse:
    """Take a channel away."""
    found = access.own_channel(request.user, channel_id)
    if request.method == "POST":
        try:
            acts.remove(found, **acting(request))
            messages.success(request, f"{found} is removed.")
        except DomainError as error:
            messages.error(request, str(error))
    return redirect(_place(found.owner))


def _listed(request: SignedInRequest, owner: Person | Team) -> HttpResponse:
    form = ChannelForm(request.POST or None)
    made = tried(form, lambda: acts.add(owner, **form.cleaned_data, **acting(request)))
    if made:
        messages.success(request, "Added. Send a test to see that it works.")
        return redirect("ownership:channel", made.pk)
    return page(request, PAGE, _context(request, owner, form=form), status=status_of(form))


def _quiet(request: SignedInRequest, owner: Person | Team) -> HttpResponse:
    if request.method != "POST":
        return redirect(_place(owner))
    form = _quiet_form(request, owner, request.POST)
    if tried(form, lambda: acts.set_manner(owner, **form.cleaned_data, **acting(request))):
        messages.success(request, "Saved.")
        return redirect(_place(owner))
    return page(request, PAGE, _context(request, owner, quiet_form=form), status=status_of(form))


def _context(request: SignedInRequest, owner: Person | Team, **forms: Form) -> dict[str, Any]:
    team = owner if isinstance(owner, Team) else None
    manner = reads.manner_of(owner)
    return {
        "owner": owner,
        "team": team,
        "channels": reads.of(owner),
        "manner": manner,
        "quiet_until": reads.quiet_until(manner, at=timezone.now()),
        "told": reads.told_to(team) if team and speaks_for(request.user, team) else None,
        "may_change": access.may_set_channels(request.user, owner),
        "kinds": KINDS.values(),
        "form": ChannelForm(),
        "quiet_form": forms.get("quiet_form") or _quiet_form(request, owner, None),
        "quiet_action": reverse("ownership:team_quiet", args=[team.slug]) if team else reverse("ownership:my_quiet"),
        **forms,
    }


def _quiet_form(request: SignedInRequest, owner: Person | Team, data: Any) -> QuietForm:
    kind = TeamQuietForm if isinstance(owner, Team) else QuietForm
    return kind(data, manner=reads.manner_of(owner), zone=timezone.get_current_timezone_name(), auto_id="quiet_%s")


def _one(found: Channel, form: Form) -> dict[str, Any]:
    return {"channel": found, "form": form, "test": reads.last_test(found), "back": _place(found.owner)}


def _place(owner: Person | Team) -> str:
    if isinstance(owner, Team):
        return reverse("ownership:team_channels", args=[owner.slug])
    return reverse("ownership:my_channels")
