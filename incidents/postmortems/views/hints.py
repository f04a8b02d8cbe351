"""Hints on wording: waving one away, bringing all back, and the page that explains the rules."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from incidents.postmortems import access, quieting, wording
from incidents.postmortems.forms.comments import QuietForm
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import hints
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.views import shown
from incidents.postmortems.vocabulary import SECTION_ANCHOR
from ownership.access import SignedInRequest
from ownership.views.attempts import acting
from web import errors
from web.partials import page, wants_part

ANSWER = "postmortems/hints_answer.html"


@require_safe
def rules(request: SignedInRequest) -> HttpResponse:
    """The eight rules, each with its reason and examples."""
    return page(request, "postmortems/wording_rules.html", {"rules": wording.RULES})


@require_POST
def quiet(request: SignedInRequest, number: int) -> HttpResponse:
    """Not here: the same words at the same place do not bring it back."""
    found = access.editable_postmortem(request.user, number)
    form = QuietForm(request.POST)
    if not form.is_valid():
        raise errors.Invalid("Say which hint is meant.")
    quieting.quiet(found, **form.cleaned_data, **acting(request))
    return _answer(request, found, form.cleaned_data["anchor"])


@require_POST
def bring_back(request: SignedInRequest, number: int) -> HttpResponse:
    """Show those that were waved away again."""
    found = access.editable_postmortem(request.user, number)
    quieting.bring_back(found, **acting(request))
    return _answer(request, found, "wording")


def _answer(request: SignedInRequest, found: Postmortem, anchor: str) -> HttpResponse:
    """For htmx what it aims at, with what stands beside: the hints of one text, or the card with all of them."""
    if not wants_part(request):
        return redirect(f"{shown.url_of(found.incident_id)}#{anchor}")
    review = reviews.of(found)
    seen = hints.of(review)
    places = [f"{SECTION_ANCHOR}{section.key}" for section in review.sections]
    texts = [{"anchor": place, "placed": seen.by_anchor.get(place)} for place in places]
    own = [one for one in texts if one["anchor"] == anchor]
    aimed = own[0] if own and request.headers.get("HX-Target") == f"hints-{anchor}" else None
    context = {"hints": seen, "postmortem": found, "aimed": aimed, "beside": own or texts}
    return page(request, ANSWER, context)
