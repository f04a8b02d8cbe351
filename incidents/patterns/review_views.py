"""The pages of reviews: holding one, the frozen page, its decisions, closing it, and the list."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.patterns import exports, freezing, review_access, review_showing, reviewing
from incidents.patterns.queries import choices, reviews
from incidents.patterns.review_forms import DecisionForm, HoldForm, NotesForm
from incidents.patterns.review_models import PatternReview
from incidents.patterns.window import NO_SERVICE, Window
from ownership.access import SignedInRequest
from web import errors
from web.pagination import slice_of
from web.partials import page

LIST, HOLD, REVIEW = "patterns/reviews/list.html", "patterns/reviews/hold.html", "patterns/reviews/review.html"


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """Every review, the latest first."""
    after = request.GET.get("after")
    part = slice_of(reviews.held(), keys=reviews.NEWEST_FIRST, after=after, size=30)
    shown = {
        "reviews": part.rows,
        "following": f"?{urlencode({'after': part.following})}" if part.following else "",
        "may_hold": review_access.may_hold(request.user),
    }
    return page(request, LIST, shown)


@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: SignedInRequest) -> HttpResponse:
    """Hold a review of the window that the address names; GET shows what would be frozen."""
    review_access.require_holder(request.user)
    now = timezone.now()
    window = _window(request)
    form = HoldForm(request.POST or None, title=f"Patterns, {timezone.localtime(now):%B %Y}")
    if form.is_valid() and not window.problems:
        try:
            return redirect(reviewing.hold(window, **form.said, by=request.user, now=now))
        except errors.DomainError as error:
            errors.put_on(form, error)
    shown = {
        "form": form,
        "window": window,
        "window_query": urlencode(window.query()),
        "base": reviewing.offered_base(window),
        "filtered": reviewing.in_words(window),
        "before": reviews.before(window.filters.query()),
    }
    return page(request, HOLD, shown, status=422 if form.is_bound or window.problems else 200)


@require_safe
def review(request: SignedInRequest, number: int) -> HttpResponse:
    """A review as it was frozen, with what became of its decisions."""
    return _shown(request, review_access.readable_review(request.user, number))


@require_safe
def review_csv(request: SignedInRequest, number: int, slug: str) -> HttpResponse:
    """The frozen rows of one of its answers as a file."""
    found = review_access.readable_review(request.user, number)
    answer = review_showing.answers(found).get(slug)
    if answer is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="review-{found.pk}-{slug}.csv"'}
    return HttpResponse(exports.as_csv(answer), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
def decide(request: SignedInRequest, number: int) -> HttpResponse:
    """Write down a decision; a refusal keeps what was typed."""
    found = review_access.workable_review(request.user, number)
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            action = reviewing.decide(found, **form.said, by=request.user, now=timezone.now())
            return redirect(f"{found.get_absolute_url()}#action-{action.pk}")
        except errors.DomainError as error:
            if error.status != 422:
                raise
            errors.put_on(form, error)
    return _shown(request, found, decision_form=form, status=422)


@require_POST
def take_out(request: SignedInRequest, number: int, action_id: int) -> HttpResponse:
    """Take a decision out of an open review."""
    action = review_access.removable_decision(request.user, number, action_id)
    reviewing.take_out(action, by=request.user, now=timezone.now())
    return redirect(f"{action.path}#decisions")


@require_POST
def note(request: SignedInRequest, number: int) -> HttpResponse:
    """Write the notes anew."""
    found = review_access.workable_review(request.user, number)
    form = NotesForm(request.POST, review=found)
    if not form.is_valid():
        return _shown(request, found, notes_form=form, status=422)
    reviewing.note(found, notes=form.cleaned_data["notes"])
    return redirect(f"{found.get_absolute_url()}#notes")


@require_POST
def close(request: SignedInRequest, number: int) -> HttpResponse:
    """Close it: decisions and notes stay, the actions go on."""
    found = review_access.closable_review(request.user, number)
    return redirect(reviewing.close(found, by=request.user, now=timezone.now()))


def _shown(request: SignedInRequest, found: PatternReview, *, status: int = 200, **forms: Any) -> HttpResponse:
    viewer, today = request.user, timezone.localdate()
    may_step = review_access.may_hold(viewer)
    may_write = found.is_open and may_step
    drawn = {"decision_form": DecisionForm(), "notes_form": NotesForm(review=found)} if may_write else {}
    shown = {
        "review": found,
        "window": reviews.window(found),
        "base": freezing.base_of(found.base),
        "people": reviews.people(found),
        "promises": reviews.promises(found, viewer, today=today),
        "compared": reviews.compared(found),
        "cards": review_showing.cards(found),
        "decisions": reviews.decisions(found, viewer, today=today),
        "may_step": may_step,
        "may_write": may_write,
        "may_close": found.is_open and review_access.may_close(viewer, found),
        **drawn,
        **forms,
    }
    return page(request, REVIEW, shown, status=status)


def _window(request: SignedInRequest) -> Window:
    known = {name: [value for value, _ in of] for name, of in choices.offered().items()}
    return Window.from_query(request.GET, timezone.now()).among({**known, "service": [*known["service"], NO_SERVICE]})
