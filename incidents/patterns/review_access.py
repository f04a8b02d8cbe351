"""Who may do what with reviews of the patterns: one named getter each, fetch and refusal together.

Everybody who is signed in reads them: what they froze is what everybody may see.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from incidents.patterns.review_models import PatternReview
from incidents.patterns.reviewing import ReviewClosed
from incidents.postmortems.models import Action
from ownership.models import Person
from ownership.vocabulary import Role

WITH = ("held_by", "closed_by", "previous")


def may_hold(viewer: Person) -> bool:
    """Responders and above hold reviews, decide in them and write their notes."""
    return viewer.may(Role.RESPONDER)


def require_holder(viewer: Person) -> None:
    """Raise PermissionDenied for viewers."""
    if not may_hold(viewer):
        raise PermissionDenied("Responders hold reviews; ask an admin for that role.")


def may_close(viewer: Person, review: PatternReview) -> bool:
    """Whoever held it closes it, and editors."""
    return may_hold(viewer) and (review.held_by_id == viewer.pk or viewer.may(Role.EDITOR))


def readable_review(viewer: Person, number: int) -> PatternReview:
    """A review, for everybody who is signed in; 404 when there is none."""
    return get_object_or_404(PatternReview.objects.select_related(*WITH), pk=number)


def workable_review(viewer: Person, number: int) -> PatternReview:
    """An open review that this person may decide in: 403 for viewers, ReviewClosed (409) once it is closed."""
    review = readable_review(viewer, number)
    require_holder(viewer)
    if not review.is_open:
        raise ReviewClosed
    return review


def closable_review(viewer: Person, number: int) -> PatternReview:
    """A review that this person may close: whoever held it, and editors; closing a closed one changes nothing."""
    review = readable_review(viewer, number)
    if not may_close(viewer, review):
        raise PermissionDenied("A review is closed by whoever held it, and by editors.")
    return review


def removable_decision(viewer: Person, number: int, action_id: int) -> Action:
    """A decision of an open review that `workable_review` would give out."""
    review = workable_review(viewer, number)
    rows = Action.objects.select_related("pattern_review", "owner", "owner_team")
    return get_object_or_404(rows, pattern_review=review, pk=action_id)
