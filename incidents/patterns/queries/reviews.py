"""Reviews of the patterns: those held, the one before another, what one decided and how far that came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from incidents.patterns.review_models import PatternReview
from incidents.patterns.window import Filters, Window
from incidents.postmortems.models import Action
from incidents.postmortems.queries import histories
from incidents.postmortems.queries.histories import Told
from incidents.postmortems.queries.workboard import Row
from ownership.models import Person

NEWEST_FIRST = ("-held_at", "-pk")
DECISION = ("pattern_review", "owner", "owner_team", "done_by", "verified_by", "verification")


@dataclass(frozen=True)
class Promise:
    """A decision of the review before: as it was kept when the next one was held, and as it is now."""

    kept: Mapping[str, Any]
    now: Told | None  # None once it was taken out of the review before

    @property
    def due_on(self) -> date | None:
        """The day by which it was promised."""
        return date.fromisoformat(self.kept["due_on"]) if self.kept["due_on"] else None

    @property
    def moved(self) -> bool:
        """Whether it stands otherwise since."""
        return self.now is not None and self.now.standing != self.kept["standing"]


@dataclass(frozen=True)
class Compared:
    """What a question was answered the time before, and this time; empty where it was not asked."""

    title: str
    then: str
    now: str


def held() -> QuerySet[PatternReview]:
    """Every review with how much it decided, for lists; everybody who is signed in reads them."""
    open_ones = Q(decisions__verified_at__isnull=True, decisions__declined_at__isnull=True)
    return (
        PatternReview.objects.select_related("held_by", "closed_by")
        .defer("headlines", "promised", "notes")
        .annotate(decided=Count("decisions"), unsettled=Count("decisions", filter=open_ones))
    )


def before(filters: Mapping[str, str]) -> PatternReview | None:
    """The latest review with these filters, else the latest of all; two queries at most."""
    rows = PatternReview.objects.order_by(*NEWEST_FIRST)
    return rows.filter(filters=dict(filters)).first() or rows.first()


def decisions(review: PatternReview, viewer: Person, *, today: date) -> list[Row]:
    """What a review decided, in the order of writing, as the board of actions shows it; two queries."""
    rows = Action.objects.filter(pattern_review=review).select_related(*DECISION).order_by("pk")
    return [Row(told, None) for told in histories.of(rows, viewer, today=today)]


def why(told: Told) -> str:
    """What shows that it holds, or the latest reason why it waits, went back or will not be done."""
    if told.action.verification:
        return told.action.verification.why
    return told.last.why if told.last else ""


def promises(review: PatternReview, viewer: Person, *, today: date) -> list[Promise]:
    """What the review before had promised, with how it stands now; two queries, none for the first review."""
    if not review.promised:
        return []
    numbers = [one["action"] for one in review.promised]
    rows = Action.objects.filter(pk__in=numbers, pattern_review__isnull=False).select_related(*DECISION)
    now = {told.action.pk: told for told in histories.of(rows, viewer, today=today)}
    return [Promise(one, now.get(one["action"])) for one in review.promised]


def compared(review: PatternReview) -> list[Compared]:
    """Every sentence of this review beside that of the one before; one that is asked no more comes last."""
    if review.previous is None:
        return []
    then = {one["slug"]: one for one in review.previous.headlines}
    now = {one["slug"]: one for one in review.headlines}
    return [
        Compared((now.get(slug) or then[slug])["title"], _said(then.get(slug)), _said(now.get(slug)))
        for slug in dict.fromkeys([*now, *then])
    ]


def people(review: PatternReview) -> Sequence[Person]:
    """Who took part besides whoever held it, by name; one query."""
    return [one.person for one in review.people.select_related("person").order_by("person__name", "pk")]


def window(review: PatternReview) -> Window:
    """What the review is about; an address made from it leads to live lists as known when it was frozen."""
    return Window(
        since=review.since,
        until=review.until,
        as_of=review.known_at,
        span=None,
        filters=Filters(**review.filters),
        known_at=review.known_at,
    )


def _said(one: Mapping[str, Any] | None) -> str:
    return str(one["headline"]) if one else ""
