"""The patterns pages: questions answered in words and charts, and the incidents behind each of their marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from incidents.patterns import exports, problems, review_access, showing
from incidents.patterns.queries import choices, facts, marks
from incidents.patterns.questions import BY_SLUG, QUESTIONS
from incidents.patterns.questions.asking import Question, about
from incidents.patterns.selection import Selection
from incidents.patterns.window import NO_SERVICE, SPANS, Window
from ownership.access import SignedInRequest
from web.pagination import slice_of
from web.partials import page

NEWEST_FIRST = ("-detected_at", "-pk")
COMPARED = "compare"
FILTER_WORDS = {
    "service": ("Service", "All services"),
    "team": ("Team that answers", "All teams"),
    "tier": ("Tier", "All tiers"),
    "archetype": ("Kind of system", "All kinds of system"),
    "severity": ("Severity", "Any severity"),
    "detected_by": ("Who noticed", "Noticed by anybody"),
    "failing": ("Layer that failed", "Any layer"),
}


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    """The questions that a head of platform asks first, each answered and drawn; the others are led to."""
    offered = choices.offered()
    window = _window(request, offered)
    asked = about(window, request.user)
    drawn = [one for one in QUESTIONS if one.on_overview]
    shown = {
        **_frame(request, "patterns:overview", window, offered),
        "asked": asked,
        "may_hold": review_access.may_hold(request.user),
        "cards": [showing.card(one, one.ask(asked), window) for one in drawn] if asked.base.incidents else [],
        "others": [
            (one, _address("patterns:question", window.query(), one.slug)) for one in QUESTIONS if one not in drawn
        ],
    }
    return page(request, "patterns/overview.html", shown, status=422 if window.problems else 200)


@require_safe
def question(request: SignedInRequest, slug: str) -> HttpResponse:
    """One question with its answer, its rows, and beside it the answer about the time before when that is asked for."""
    one = _question(slug)
    offered = choices.offered()
    window = _window(request, offered)
    asked = about(window, request.user)
    before = one.ask(about(window.before(), request.user)) if COMPARED in request.GET else None
    shown = {
        **_frame(request, "patterns:question", window, offered, slug),
        "asked": asked,
        "card": showing.card(one, one.ask(asked), window, before=before),
    }
    return page(request, "patterns/question.html", shown, status=422 if window.problems else 200)


@require_safe
def question_csv(request: SignedInRequest, slug: str) -> HttpResponse:
    """The rows of an answer as a file, or 422 when the address cannot be used as it is."""
    one = _question(slug)
    window = _window(request, choices.offered())
    problems.require_usable(window.problems)
    text = exports.as_csv(one.ask(about(window, request.user)))
    name = f"{slug}-{window.first_day:%Y-%m-%d}-to-{window.last_day:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def incidents_behind(request: SignedInRequest) -> HttpResponse:
    """The incidents behind a mark of a chart, newest first."""
    offered = choices.offered()
    window = _window(request, offered)
    selection = Selection.from_query(request.GET, known=marks.known())
    whole = urlencode(window.query())
    if selection.month:
        window = window.within(selection.month)
    asked = facts.scope(window, request.user)
    rows = slice_of(marks.behind(asked, selection), keys=NEWEST_FIRST, after=request.GET.get("after"))
    found = marks.found_in([incident.pk for incident in rows.rows])
    query = window.query() | selection.query()
    wrong = (*window.problems, *selection.problems)
    shown = {
        "window": window,
        "selection": selection,
        "problems": wrong,
        "filtered": _filtered(window, offered),
        "rows": [(incident, found[incident.pk]) for incident in rows.rows],
        "following": f"{reverse('patterns:incidents')}?{urlencode({**query, 'after': rows.following})}"
        if rows.following
        else "",
        "window_query": whole,
    }
    return page(request, "patterns/incidents.html", shown, status=422 if wrong else 200)


def _question(slug: str) -> Question:
    if slug not in BY_SLUG:
        raise Http404
    return BY_SLUG[slug]


def _window(request: SignedInRequest, offered: Mapping[str, choices.Choices]) -> Window:
    known = {name: [value for value, _ in of] for name, of in offered.items()}
    return Window.from_query(request.GET, timezone.now()).among({**known, "service": [*known["service"], NO_SERVICE]})


def _frame(
    request: SignedInRequest, name: str, window: Window, offered: Mapping[str, choices.Choices], *args: str
) -> dict[str, Any]:
    """What stands around the charts: period, filters, and where they lead."""
    compared = {COMPARED: "1"} if COMPARED in request.GET else {}
    kept = {**window.filter_query(), **compared}
    return {
        "window": window,
        "here": reverse(name, args=args),
        "offered": [(one, *FILTER_WORDS[one], of, getattr(window.filters, one)) for one, of in offered.items()],
        "no_service": NO_SERVICE,
        "spans": [(span, _address(name, {"months": str(span), **kept}, *args)) for span in SPANS],
        "compared": bool(compared),
        "compare_url": _address(name, {**window.query(), **({} if compared else {COMPARED: "1"})}, *args),
        "filtered": _filtered(window, offered),
        "window_query": urlencode(window.query()),
    }


def _filtered(window: Window, offered: Mapping[str, choices.Choices]) -> list[str]:
    """What is filtered by, in words."""
    words = {name: dict(of) for name, of in offered.items()}
    words["service"][NO_SERVICE] = "no service named"
    return [words[name][value] for name, value in window.filters.query().items()]


def _address(name: str, query: Mapping[str, str], *args: str) -> str:
    return f"{reverse(name, args=args)}?{urlencode(query)}" if query else reverse(name, args=args)
