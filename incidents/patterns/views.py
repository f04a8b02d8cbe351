"""The patterns pages: questions answered in words and charts, and the incidents behind each of their marks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from incidents.patterns import exports, framing, problems, review_access, showing, wording
from incidents.patterns.answers import listing as listings
from incidents.patterns.answers import shape
from incidents.patterns.framing import COMPARED, PLACES, Place
from incidents.patterns.queries import choices, facts, listing, marks
from incidents.patterns.questions import BY_SLUG, QUESTIONS
from incidents.patterns.questions.asking import Asked, Question
from incidents.patterns.questions.asking import about as asking
from incidents.patterns.selection import Selection
from incidents.patterns.window import Window
from incidents.response.vocabulary import Layer
from ownership.access import SignedInRequest
from web.pagination import slice_of
from web.partials import page

# Charts are long texts: pages that hold them are compressed (docs/decisions/0065).
NEWEST_FIRST = ("-detected_at", "-pk")
OVERVIEW, INCIDENTS = Place("patterns:overview"), Place("patterns:incidents")


@gzip_page
@require_safe
def overview(request: SignedInRequest, about: str = "", slug: str = "") -> HttpResponse:
    """The questions that a head of platform asks first, of everything or of one service, team or layer.

    A few incidents are listed instead, each by itself: nothing can be inferred from them.
    """
    offered = choices.offered()
    place = Place(f"patterns:{about}", (slug,), {PLACES[about]: slug}) if about else OVERVIEW
    named = dict(offered[PLACES[about]]).get(slug) if about else ""
    if named is None:
        raise Http404
    window = framing.window(request, offered, place)
    asked = asking(window, request.user)
    shown = {
        **framing.frame(request, place, window, offered),
        "about": about,
        "slug": slug,
        "named": named,
        "asked": asked,
        "layers": Layer.values,
        **_answers(asked, compared=COMPARED in request.GET),
        "may_hold": review_access.may_hold(request.user),
    }
    return page(request, "patterns/overview.html", shown, status=422 if window.problems else 200)


@gzip_page
@require_safe
def question(request: SignedInRequest, slug: str) -> HttpResponse:
    """One question with its answer, its rows, and beside it the answer about the time before when that is asked for."""
    one = _question(slug)
    offered = choices.offered()
    place = Place("patterns:question", (slug,))
    window = framing.window(request, offered, place)
    asked = asking(window, request.user)
    before = asking(window.before(), request.user) if COMPARED in request.GET else None
    shown = {
        **framing.frame(request, place, window, offered),
        "asked": asked,
        "card": showing.card(one, one.ask(asked), window, before=one.ask(before) if before else None),
    }
    return page(request, "patterns/question.html", shown, status=422 if window.problems else 200)


@require_safe
def question_csv(request: SignedInRequest, slug: str) -> HttpResponse:
    """The rows of an answer as a file, or 422 when the address cannot be used as it is."""
    one = _question(slug)
    window = framing.window(request, choices.offered(), Place("patterns:question_csv", (slug,)))
    problems.require_usable(window.problems)
    text = exports.as_csv(one.ask(asking(window, request.user)))
    name = f"{slug}-{window.first_day:%Y-%m-%d}-to-{window.last_day:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def incidents_behind(request: SignedInRequest) -> HttpResponse:
    """The incidents behind a mark of a chart, newest first."""
    offered = choices.offered()
    window = framing.window(request, offered, INCIDENTS)
    selection = Selection.from_query(request.GET, known=marks.known())
    whole = urlencode(window.query())
    if selection.month:
        window = window.within(selection.month)
    behind = marks.behind(facts.scope(window, request.user), selection)
    rows = slice_of(behind, keys=NEWEST_FIRST, after=request.GET.get("after"))
    found = marks.found_in([incident.pk for incident in rows.rows])
    following = {**window.query(), **selection.query(), "after": rows.following}
    wrong = (*window.problems, *selection.problems)
    shown = {
        "window": window,
        "selection": selection,
        "said": wording.selected(selection),
        "problems": wrong,
        "filtered": framing.filtered(window, offered),
        "rows": [(incident, found[incident.pk]) for incident in rows.rows],
        "following": framing.address("patterns:incidents", following) if rows.following else "",
        "window_query": whole,
    }
    return page(request, "patterns/incidents.html", shown, status=422 if wrong else 200)


def _answers(asked: Asked, *, compared: bool) -> dict[str, Any]:
    """What the overview shows: cards, or the list of a few incidents; and the ways to the other questions."""
    window, few = asked.window, asked.base.few
    drawn = [] if few else [one for one in QUESTIONS if one.on_overview]
    before = asking(window.before(), asked.viewer) if compared and drawn else None
    return {
        "cards": [
            showing.card(one, one.ask(asked), window, before=one.ask(before) if before else None) for one in drawn
        ],
        "listing": _listed(asked) if few and asked.base.incidents else None,
        "others": [(one, _leading(one, window)) for one in QUESTIONS if one not in drawn],
    }


def _listed(asked: Asked) -> listings.Listing:
    entries = listing.listed(asked.scope, most=shape.ENOUGH)
    return listings.listing(entries, asked.window.months, period=asked.window.period)


def _leading(one: Question, window: Window) -> str:
    return framing.address("patterns:question", window.query(), one.slug)


def _question(slug: str) -> Question:
    if slug not in BY_SLUG:
        raise Http404
    return BY_SLUG[slug]
