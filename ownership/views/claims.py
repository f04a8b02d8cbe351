"""Where imported catalogues and what was agreed here differ, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, importing
from ownership.access import SignedInRequest
from ownership.forms.importing import ClaimFilterForm, DecideForm, MeaningForm
from ownership.models import Claim
from ownership.queries import claims
from ownership.views.attempts import acting, status_of, tried
from ownership.vocabulary import ClaimFormat
from web.partials import done, page, wants_part

LIST, OWNERS = "ownership/claims.html", "ownership/unknown_owners.html"
PARTS = ("claims",)
ACTS: dict[str, tuple[Callable[..., Claim], str]] = {
    "accept": (importing.accept, "accepted"),
    "ignore": (importing.ignore, "ignored"),
    "reconsider": (importing.reconsider, "undecided again"),
}
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """Claims of files that differ from who answers here, and owners nobody knows."""
    return page(request, LIST, _context(request), parts=PARTS)


@on_page
def accept(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """The file is right: its party holds the role from now on."""
    return _decided(request, claim_id, importing.accept)


@on_page
def ignore(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """The file is wrong: what was agreed here stays."""
    return _decided(request, claim_id, importing.ignore)


@on_page
def reconsider(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """Nobody has decided after all."""
    return _decided(request, claim_id, importing.reconsider)


@on_page
def decide(request: SignedInRequest) -> HttpResponse:
    """One decision for every line that is ticked or shown; those that it cannot be done to are told and stay."""
    access.require_editor(request.user)
    form = DecideForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return page(request, LIST, _context(request, decide=form), parts=PARTS, status=status_of(form))
    act, word = ACTS[form.cleaned_data["what"]]
    found = access.decidable_claims(request.user, form.cleaned_data["claim"])
    count, refused = importing.all_of(found, act, **acting(request))
    told = [f"{count} {word}." if count else ""] + [f"Not {word}: {one}. {error.message}" for one, error in refused]
    return _answered(request, [line for line in told if line], bad=bool(refused))


@on_page
def unknown_owners(request: SignedInRequest) -> HttpResponse:
    """Owners that the files name and nobody here is known by; saying whom one means settles all its claims."""
    if request.method == "POST":
        access.require_editor(request.user)
    form = MeaningForm(request.POST if request.method == "POST" else None)
    said = tried(form, lambda: _meant(request, form))
    if said:
        messages.success(request, said)
        return redirect("ownership:unknown_owners")
    after = request.GET.get("after", "")
    context = {"list": claims.unknown_owners(after=after), "meanings": claims.meanings(), "form": form}
    return page(request, OWNERS, {**context, **_chrome(request)}, status=status_of(form))


@on_page
def forget_meaning(request: SignedInRequest, alias_id: int) -> HttpResponse:
    """The text means nobody again."""
    alias = access.forgettable_meaning(request.user, alias_id)
    if request.method == "POST":
        importing.forget(alias, **acting(request))
        messages.success(request, f"{alias.text} means nobody again.")
    return redirect("ownership:unknown_owners")


def _meant(request: SignedInRequest, form: MeaningForm) -> str:
    owners, party = form.cleaned_data["owner"], form.cleaned_data["party"]
    count = importing.mean(owners, party=party, **acting(request))
    verb = "means" if len(owners) == 1 else "mean"
    return f"{', '.join(owners)} {verb} {party}, in {count} claim{'' if count == 1 else 's'} and in those to come."


def _decided(request: SignedInRequest, claim_id: int, act: Callable[..., Claim]) -> HttpResponse:
    claim = access.decidable_claim(request.user, claim_id)
    if request.method == "POST":
        act(claim, **acting(request))
    return _answered(request, [])


def _answered(request: SignedInRequest, told: list[str], *, bad: bool = False) -> HttpResponse:
    """The list as it was narrowed; what there is to tell stands in it, or on the page that comes next."""
    if not wants_part(request):
        for line in told:
            (messages.warning if bad else messages.success)(request, line)
        told = []
    query = request.GET.urlencode()
    to = reverse("ownership:claims") + (f"?{query}" if query else "")
    return done(request, LIST, {**_context(request), "told": told, "told_bad": bad}, parts=PARTS, to=to)


def _context(request: SignedInRequest, **more: Any) -> dict[str, Any]:
    wanted = ClaimFilterForm(request.GET).wanted()
    after = request.GET.get("after")
    return {
        "list": claims.drifting(at=timezone.now(), wanted=wanted, after=after),
        "wanted": wanted,
        "sources": claims.sources(),
        "formats": ClaimFormat.choices,
        "address": reverse("ownership:claims"),
        "query": request.GET.urlencode(),
        **_chrome(request),
        **more,
    }


def _chrome(request: SignedInRequest) -> dict[str, Any]:
    counts = claims.counts(at=timezone.now())
    return {"counts": counts, "most": claims.MOST_COUNTED, "may_edit": access.may_edit(request.user)}
