"""The list of people, one person, oneself, and the link with which somebody joins."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ownership import access, addresses, people, signing, tokens
from ownership.access import SignedInRequest
from ownership.forms.people import InviteForm, JoinForm, NameForm, PersonForm, TokenForm
from ownership.models import Person
from ownership.models.assignments import party_key
from ownership.queries import channels, confirmations, gaps, narrowing, notices
from ownership.queries import people as reads
from ownership.views.attempts import acting, status_of, tried
from ownership.views.confirmations import put_own_lines
from ownership.views.coverage import Few
from ownership.views.leaving import after_leaving, leaving
from web.partials import page

LIST, PERSON, ME, JOIN = (f"ownership/{name}.html" for name in ("people", "person", "me", "join"))
GAPS_SHOWN = 5
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
on_page = require_http_methods(["GET", "HEAD", "POST"])


def _link(request: HttpRequest, secret: str) -> str:
    return request.build_absolute_uri(reverse("ownership:join", args=[secret]))


@never_cache
@on_page
def listed(request: SignedInRequest) -> HttpResponse:
    """Everybody; admins invite here and see the link once."""
    form = InviteForm(request.POST or None)
    context: dict[str, Any] = {}
    if request.method == "POST":
        access.require_admin(request.user)
        made = tried(form, lambda: signing.invite(**form.cleaned_data, **acting(request)))
        if made:
            context = {"invited": made[0], "link": _link(request, made[1])}
            form = InviteForm()
    left = request.GET.get("show") == "left"
    context |= {
        "list": reads.listed(inactive=left, after=request.GET.get("after")),
        "left": left,
        "form": form,
        "may_manage": access.may_manage_people(request.user),
    }
    return page(request, LIST, context, status=status_of(form))


@on_page
def person(request: SignedInRequest, person_id: int) -> HttpResponse:
    """One person and what they answer for; admins correct name, address and role here."""
    found = access.readable_person(request.user, person_id)
    form = PersonForm(request.POST or None, initial={"name": found.name, "email": found.email, "role": found.role})
    if request.method == "POST":
        found = access.manageable_person(request.user, person_id)
        if tried(form, lambda: people.edit(found, **form.cleaned_data, **acting(request))):
            messages.success(request, "Saved.")
            return redirect("ownership:person", person_id)
        found.refresh_from_db()
    return _shown(request, found, form=form)


@never_cache
@on_page
def new_link(request: SignedInRequest, person_id: int) -> HttpResponse:
    """A fresh sign-in link, shown once; the one before stops working."""
    found = access.manageable_person(request.user, person_id)
    if request.method != "POST" or not found.is_active:
        return redirect("ownership:person", person_id)
    secret = signing.new_link(found, **acting(request))
    return _shown(request, found, link=_link(request, secret))


@on_page
def deactivate(request: SignedInRequest, person_id: int) -> HttpResponse:
    """What somebody holds, and the button that ends their access at once; it leads on to who takes it over."""
    found = access.manageable_person(request.user, person_id)
    if request.method == "POST":
        people.deactivate(found, **acting(request))
        messages.success(request, f"{found} can no longer sign in; sessions and tokens ended.")
    elif found.is_active:
        return page(request, "ownership/leaving.html", leaving(request, found))
    return redirect(after_leaving(request, found))


@never_cache
@on_page
def reactivate(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Let somebody back in, with a fresh link shown once."""
    found = access.manageable_person(request.user, person_id)
    if request.method != "POST" or found.is_active:
        return redirect("ownership:person", person_id)
    found, secret = people.reactivate(found, **acting(request))
    return _shown(request, found, link=_link(request, secret))


def _shown(request: SignedInRequest, found: Person, *, link: str = "", form: Form | None = None) -> HttpResponse:
    initial = {"name": found.name, "email": found.email, "role": found.role}
    form = form or PersonForm(initial=initial)
    context = {
        "person": found,
        "page": reads.person_page(found, at=timezone.now(), after=narrowing.cursors(reads.After, request.GET)),
        "form": form,
        "link": link,
        "may_manage": access.may_manage_people(request.user),
        "who_key": party_key(found),
    }
    return page(request, PERSON, context, status=status_of(form))


@on_page
def me(request: SignedInRequest) -> HttpResponse:
    """What waits for me, what I answer for, my name, my tokens."""
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if tried(form, lambda: people.rename(request.user, **form.cleaned_data, **acting(request))):
        messages.success(request, "Saved.")
        return redirect("ownership:me")
    return _my_page(request, form=form)


@never_cache
@on_page
def my_tokens(request: SignedInRequest) -> HttpResponse:
    """Make a token of one's own, shown once."""
    form = TokenForm(request.POST or None)
    made = tried(form, lambda: tokens.make(request.user, **form.cleaned_data, now=timezone.now()))
    if made:
        return _my_page(request, made=made[0], secret=made[1])
    return _my_page(request, **({"token_form": form} if form.is_bound else {}))


@on_page
def revoke_token(request: SignedInRequest, token_id: int) -> HttpResponse:
    """End a token of one's own at once."""
    token = access.own_token(request.user, token_id)
    if request.method == "POST":
        tokens.revoke(token, now=timezone.now())
        messages.success(request, f"The token {token.hint}… no longer works.")
    return redirect("ownership:me")


def _my_page(request: SignedInRequest, **more: Any) -> HttpResponse:
    now = timezone.now()
    missing = gaps.of_person(request.user, at=now)
    context: dict[str, Any] = {
        "form": NameForm(initial={"name": request.user.name}),
        "token_form": TokenForm(),
        "page": reads.person_page(request.user, at=now, after=narrowing.cursors(reads.After, request.GET)),
        "tokens": reads.tokens_of(request.user),
        "gaps": Few.of(missing, request.user, shown=GAPS_SHOWN),
        "waiting": reads.waiting_for(request.user, at=now),
        "told": notices.latest(request.user),
        "channel_fails": channels.is_failing(request.user),
        "first_asked": [
            (row, addresses.page_about(row.subject)) for row in confirmations.asked_first(request.user, at=now)
        ],
        **more,
    }
    held = context["page"]
    put_own_lines([*held.held.rows, *held.through_teams.rows], at=now)
    return page(request, ME, context, status=status_of(context["form"], context["token_form"]))


@login_not_required
@never_cache
@on_page
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """An invited person chooses name and password, and is signed in."""
    try:
        invitation = signing.open_invitation(secret, now=timezone.now())
    except signing.InvitationGone as gone:  # whoever reads this is nobody yet: no rail, no board
        return page(request, "ownership/link_gone.html", {"error": gone}, status=gone.status)
    form = JoinForm(request.POST or None, person=invitation.person, initial={"name": invitation.person.name})

    def use() -> Person:
        data = form.cleaned_data
        return signing.join(secret, name=data["name"], password=data["password"], now=timezone.now())

    joined = tried(form, use)
    if joined:
        login(request, joined, backend=BACKEND)
        return redirect("/")
    context = {"form": form, "person": invitation.person, "invited_by": invitation.invited_by}
    return page(request, JOIN, context, status=status_of(form))
