"""A review as its page shows it: the cards of its frozen answers, drawn without asking anything anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.urls import reverse

from incidents.patterns import freezing, showing
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import reviews
from incidents.patterns.review_models import PatternReview, PatternSnapshot
from incidents.patterns.showing import Card


def cards(review: PatternReview) -> list[Card]:
    """Every answer in the order of the review; its marks lead to live lists, as known when it was frozen. One query."""
    window = reviews.window(review)
    return [
        replace(
            showing.card(freezing.question_of(kept), freezing.thawed(kept), window),
            csv_url=reverse("patterns:review_csv", args=[review.pk, kept["slug"]]),
        )
        for kept in _kept(review)
    ]


def answers(review: PatternReview) -> Mapping[str, Answer]:
    """Every answer by the name of its question, in the order of the review; one query."""
    return {kept["slug"]: freezing.thawed(kept) for kept in _kept(review)}


def _kept(review: PatternReview) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = PatternSnapshot.objects.values_list("answers", flat=True).get(review=review)
    return rows
