"""The patterns pages: a chart that answers in words, and the incidents behind each of its marks."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from incidents.patterns import exports, queries, reports
from incidents.patterns.figures import strips
from incidents.patterns.rows import Row
from incidents.patterns.selection import Selection
from incidents.patterns.window import NO_SERVICE, SPANS, Window
from incidents.response.vocabulary import Layer
from ownership.access import SignedInRequest
from web.pagination import slice_of
from web.partials import page

NEWEST_FIRST = ("-detected_at", "-pk")


@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    """Findings per layer and month, of the period and service in the address."""
    choices = queries.services()
    window = Window.from_query(request.GET, timezone.now()).among([choice.slug for choice in choices])
    report = reports.findings_by_layer(window, request.user)
    shown = {
        "report": report,
        "window": window,
        "choices": choices,
        "spans": [(span, _address("patterns:overview", {"months": span}, window.service_query())) for span in SPANS],
        "no_service": NO_SERVICE,
        "mark_query": urlencode(_mark(window)),
        "window_query": urlencode(window.query()),
        "figure": strips.findings_by_layer(report.rows, link=lambda row, state: _behind(window, row, state)),
    }
    return page(request, "patterns/overview.html", shown, status=422 if window.problems else 200)


@require_safe
def findings_by_layer_csv(request: SignedInRequest) -> HttpResponse:
    """The rows of the chart as a file, or 422 when the address cannot be used as it is."""
    choices = {choice.slug: choice.name for choice in queries.services()}
    window = Window.from_query(request.GET, timezone.now()).among(choices)
    reports.require_usable(window.problems)
    service = choices.get(window.service, "none named" if window.service else "all")
    text = exports.findings_by_layer(reports.findings_by_layer(window, request.user), service=service)
    name = f"findings-by-layer-{window.first_day:%Y-%m-%d}-to-{window.last_day:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def incidents_behind(request: SignedInRequest) -> HttpResponse:
    """The incidents behind a mark of the chart, newest first."""
    choices = {choice.slug: choice.name for choice in queries.services()}
    window = Window.from_query(request.GET, timezone.now()).among(choices)
    selection = Selection.from_query(request.GET, layers=Layer.values)
    whole = urlencode(window.query())
    if selection.month:
        window = window.within(selection.month)
    rows = slice_of(queries.behind(window, selection, request.user), keys=NEWEST_FIRST, after=request.GET.get("after"))
    found = queries.found_in([incident.pk for incident in rows.rows])
    asked = window.query() | selection.query()
    problems = (*window.problems, *selection.problems)
    shown = {
        "window": window,
        "selection": selection,
        "problems": problems,
        "service": choices.get(window.service, "no service named" if window.service else ""),
        "rows": [(incident, found[incident.pk]) for incident in rows.rows],
        "following": _address("patterns:incidents", asked, {"after": rows.following}) if rows.following else "",
        "window_query": whole,
    }
    return page(request, "patterns/incidents.html", shown, status=422 if problems else 200)


def _behind(window: Window, row: Row, state: str) -> str:
    mark = {"layer": row.layer, "month": f"{row.month:%Y-%m}", "state": state}
    return _address("patterns:incidents", mark, _mark(window))


def _mark(window: Window) -> dict[str, str]:
    """What a link to one month keeps of the window: a span would move on with the calendar, a month does not."""
    return window.days_query() | window.service_query()


def _address(name: str, *parts: Mapping[str, str | int]) -> str:
    query = urlencode([pair for part in parts for pair in part.items()])
    return f"{reverse(name)}?{query}" if query else reverse(name)
