"""What the page of a postmortem shows of its review, and of what happened after it was published."""

from __future__ import annotations

from typing import Any

from incidents.postmortems import access
from incidents.postmortems.forms.reviewing import AnswerForm, signed
from incidents.postmortems.queries import marks, since
from incidents.postmortems.queries.review import Review
from ownership.access import SignedInRequest


def context(request: SignedInRequest, review: Review) -> dict[str, Any]:
    """Reviewers with what changed since they answered; amendments, marked on the sections, or taken out of them.

    Four queries at most for what is published; none before.
    """
    postmortem = review.postmortem
    amended = since.amendments(postmortem)
    as_published = bool(amended) and request.GET.get("as-of") == "published"
    if as_published:
        since.as_published(review.sections, amended)
    else:
        since.mark(review.sections, amended)
    own = next((one for one in review.reviewers if one.person_id == request.user.pk), None)
    asked = own is not None and postmortem.state == "in_review"
    return {
        "reviewed": [(one, marks.changed(one.seen, review) if one.answer else []) for one in review.reviewers],
        "own_review": own if asked else None,
        "answer_form": AnswerForm(initial={"seen": signed(review, request.user)}) if asked else None,
        "amended": amended,
        "as_published": as_published,
        "later": since.findings(review),
        "may_amend": postmortem.published_at is not None and access.may_write(request.user),
    }
