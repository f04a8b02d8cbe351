"""Publishing: the stamp that freezes the text, once the checklist lacks nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from incidents.postmortems import concluding, freezing
from incidents.postmortems.checking import Item, checklist
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.review import Review
from incidents.postmortems.vocabulary import Answer
from incidents.response import closing, findings, timeline
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person
from web.errors import DomainError, Doubted, translated


class NotReady(DomainError):
    """This postmortem is not ready to be published; the checklist names what is missing."""

    status = 422
    code = "not_ready"

    def __init__(self, missing: Sequence[Item]) -> None:
        super().__init__(f"Not ready to be published. Missing: {'; '.join(item.label for item in missing)}.")
        self.missing = missing


CHANGES_WANTED = "changes_wanted"


def publish(postmortem: Postmortem, *, by: Person, now: datetime, despite: Collection[str] = ()) -> Postmortem:
    """Publish and freeze, or NotReady; the incident is closed with it. Twice is once.

    While a reviewer wants changes it is Doubted, unless `despite` names CHANGES_WANTED.
    """
    with translated():
        current = freezing.lock(postmortem)  # with its incident: nobody reopens that before the stamp
        if current.published_at is not None:
            return current
        review = reviews.of(current)
        missing = [item for item in checklist(review) if item.missing]
        if missing:
            raise NotReady(missing)
        unhappy = [one.person.name for one in review.reviewers if one.answer == Answer.CHANGES]
        if unhappy and CHANGES_WANTED not in despite:
            raise Doubted(CHANGES_WANTED, f"Wants changes: {', '.join(unhappy)}. Publish it all the same?")
        now = findings.as_of(current.incident, now=now)  # others wrote while this waited, and the checklist saw it
        current.published_at, current.published_by = now, by
        current.save(update_fields=["published_at", "published_by"])
        timeline.add(
            current.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text="published", why=_reviewed(review)
        )
        closing.end(current.incident, by=by, now=now, why="its postmortem was published")
        concluding.settle(current, by=by, now=now)
    return current


def _reviewed(review: Review) -> str:
    """Who had read it by then, as the timeline keeps it."""
    approved = [one.person.name for one in review.reviewers if one.answer == Answer.APPROVED]
    unhappy = [one.person.name for one in review.reviewers if one.answer == Answer.CHANGES]
    told = [f"approved by {', '.join(approved)}"] if approved else []
    told += [f"although {', '.join(unhappy)} wanted changes"] if unhappy else []
    return "; ".join(told) or "nobody reviewed it"
