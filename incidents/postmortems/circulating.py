"""Sending a postmortem to reviewers, their answers, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from incidents.postmortems import freezing
from incidents.postmortems.models import Action, Postmortem, Reviewer
from incidents.postmortems.queries import marks
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.vocabulary import Answer
from incidents.response import participating, timeline
from incidents.response.models import Participation
from incidents.response.queries import visible
from incidents.response.vocabulary import IncidentRole, TimelineKind
from ownership import notifying
from ownership.models import Person
from ownership.vocabulary import NoticeKind
from web.errors import DomainError, Invalid


class NotInReview(DomainError):
    """This postmortem is not in review; send it to its reviewers first."""

    code = "not_in_review"


class NotAsked(DomainError):
    """Only who was asked to review this postmortem answers."""

    status = 403
    code = "not_asked"


def send(
    postmortem: Postmortem,
    *,
    reviewers: Sequence[Person],
    by: Person,
    now: datetime,
    due_on: date | None = None,
    facilitator: Person | None = None,
) -> Postmortem:
    """Ask these people, and nobody else, to review it until `due_on`; while it is in review this changes who is asked.

    Who approved the text as it stands is not asked again; who has answered stays on the record, also when left out.
    """
    wanted = list(dict.fromkeys(reviewers))
    with freezing.draft(postmortem) as current:
        _require(current, wanted, due_on, now)
        fresh = current.sent_at is None
        if fresh:
            current.sent_at, current.sent_by = now, by
        current.review_due_on, current.facilitator = due_on, facilitator
        current.save(update_fields=["sent_at", "sent_by", "review_due_on", "facilitator"])
        asked = _ask(current, wanted, again=fresh, by=by, now=now)
        _let_in(current, [*wanted, *([facilitator] if facilitator else [])], by=by, now=now)
        _leave_out(current, wanted, by=by, now=now)
        if fresh or asked:
            until = f" until {due_on:%-d %b %Y}" if due_on else ""
            named = ", ".join(one.name for one in asked)
            text = f"sent to review{f' by {named}' if named else ''}{until}" if fresh else f"{named} asked to review it"
            _tell(current, text, by=by, now=now)
        _notify(current, asked, f"{by} asks you to review the postmortem", by=by, now=now)
    return current


def _require(current: Postmortem, wanted: Sequence[Person], due_on: date | None, now: datetime) -> None:
    if not wanted:
        raise Invalid("Name at least one reviewer.", field="reviewers")
    if any(one.pk == current.author_id for one in wanted):
        raise Invalid("Nobody reviews their own postmortem; choose somebody else.", field="reviewers")
    gone = [one.name for one in wanted if not one.is_active]
    if gone:
        raise Invalid(f"No longer here: {', '.join(gone)}.", field="reviewers")
    if due_on is not None and due_on < timezone.localdate(now) and due_on != current.review_due_on:
        raise Invalid("That day is over; choose a later one.", field="due_on")


def _ask(current: Postmortem, wanted: Sequence[Person], *, again: bool, by: Person, now: datetime) -> list[Person]:
    """Whom this asks: who was not asked before, and, when it is sent anew, who has not approved what stands now.

    Also who could not see it meanwhile, because it became private: they were asked for nothing.
    """
    known = {one.person_id: one for one in Reviewer.objects.filter(postmortem=current)}
    review = reviews.of(current) if known else None
    hidden = visible.hides(current.incident, wanted)
    asked = []
    for person in wanted:
        row = known.get(person.pk)
        if row is None:
            Reviewer.objects.create(postmortem=current, person=person, asked_at=now, asked_by=by)
            asked.append(person)
            continue
        approved = row.answer == Answer.APPROVED and review is not None and not marks.changed(row.seen, review)
        if (again and not approved) or (row.waiting and person.pk in hidden):
            _want(row, by=by, now=now)
            asked.append(person)
    return asked


def _let_in(current: Postmortem, people: Sequence[Person], *, by: Person, now: datetime) -> None:
    """Who has to do with the review of a private incident sees it."""
    hidden = visible.hides(current.incident, people)
    for person in dict.fromkeys(people):
        if person.pk in hidden:
            participating.let_in(current.incident, person, by=by, now=now)


def _leave_out(current: Postmortem, wanted: Sequence[Person], *, by: Person, now: datetime) -> None:
    """Who has not answered is asked no more, nor sees a private incident any more that only this let them see."""
    others = Reviewer.objects.filter(postmortem=current).exclude(person__in=wanted)
    unanswered = list(others.filter(answer="").select_related("person").order_by("pk"))
    others.filter(answer="").delete()
    others.update(waiting=False)
    for row in unanswered:
        if row.person_id != current.facilitator_id and _only_reviews(current, row):
            participating.take_out(current.incident, row.person, by=by, now=now)


def _only_reviews(current: Postmortem, row: Reviewer) -> bool:
    """Whether asking for this review let somebody in, and they have had nothing else to do since."""
    there = Participation.objects.filter(incident=current.incident_id, person=row.person_id, ended_at=None)
    let_in = {"role": IncidentRole.PARTICIPANT, "since": row.asked_at, "by": row.asked_by_id}
    return (
        there.filter(**let_in).exists()
        and not there.exclude(**let_in).exists()
        and not Action.objects.filter(postmortem=current, owner=row.person_id).exists()
    )


def ask_again(postmortem: Postmortem, person: Person, *, by: Person, now: datetime) -> Reviewer:
    """Want another answer of somebody who has given one; that one stays until then. Twice is once."""
    with _in_review(postmortem) as current:
        row = _row(current, person)
        if not row.waiting:
            _want(row, by=by, now=now)
            _let_in(current, [person], by=by, now=now)
            _tell(current, f"{person} asked to review it again", by=by, now=now)
            _notify(current, [person], f"{by} asks you to look again at the postmortem", by=by, now=now)
    return row


def answer(
    postmortem: Postmortem, *, said: str, by: Person, now: datetime, comment: str = "", seen: Any = None
) -> Reviewer:
    """A reviewer approves, or wants changes and says which. `seen` is what they looked at; else what stands now."""
    comment = comment.strip()
    if said not in Answer.values:
        raise Invalid("Approve it, or say what you want changed.", field="answer")
    if said == Answer.CHANGES and not comment:
        raise Invalid("Say what should change.", field="comment")
    with _in_review(postmortem) as current:
        row = _row(current, by)
        row.answer, row.comment, row.answered_at, row.waiting = said, comment, now, False
        row.seen = dict(seen) if isinstance(seen, Mapping) else marks.of(reviews.of(current))
        row.save(update_fields=["answer", "comment", "answered_at", "waiting", "seen"])
        word = "approved" if said == Answer.APPROVED else "review: wants changes"
        _tell(current, word, why=comment, by=by, now=now)
        told = f"{by} {'approved' if said == Answer.APPROVED else 'wants changes in'} the postmortem"
        _notify(current, [current.author, current.sent_by], told, by=by, now=now)
    return row


def take_back(postmortem: Postmortem, *, reason: str, by: Person, now: datetime) -> Postmortem:
    """From in review back to a draft, and why; what reviewers answered stays. Twice is once."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it goes back.", field="reason")
    with freezing.draft(postmortem) as current:
        if current.sent_at is None:
            return current
        current.sent_at = current.sent_by = current.review_due_on = None
        current.save(update_fields=["sent_at", "sent_by", "review_due_on"])
        _tell(current, "back from review to a draft", why=reason, by=by, now=now)
        rows = Reviewer.objects.filter(postmortem=current, waiting=True).select_related("person").order_by("pk")
        _notify(current, [row.person for row in rows], f"{by} took back the postmortem", by=by, now=now)
    return current


def require_in_review(postmortem: Postmortem) -> None:
    """Raise Frozen for a published postmortem, NotInReview for a draft that was not sent."""
    freezing.require_draft(postmortem)
    if postmortem.sent_at is None:
        raise NotInReview


@contextmanager
def _in_review(postmortem: Postmortem) -> Iterator[Postmortem]:
    with freezing.draft(postmortem) as current:
        require_in_review(current)
        yield current


def _row(current: Postmortem, person: Person) -> Reviewer:
    row = Reviewer.objects.filter(postmortem=current, person=person).select_related("person").first()
    if row is None:
        raise NotAsked
    return row


def _want(row: Reviewer, *, by: Person, now: datetime) -> None:
    row.waiting, row.asked_at, row.asked_by = True, now, by
    row.save(update_fields=["waiting", "asked_at", "asked_by"])


def _tell(current: Postmortem, text: str, *, by: Person, now: datetime, why: str = "") -> None:
    timeline.add(current.incident, TimelineKind.POSTMORTEM, at=now, now=now, by=by, text=text, why=why)


def _notify(current: Postmortem, people: Sequence[Person | None], said: str, *, by: Person, now: datetime) -> None:
    """Of a private incident nobody hears who may not see it."""
    named = [one for one in people if one is not None]
    hidden = visible.hides(current.incident, named)
    path = reverse("postmortems:postmortem", args=[current.incident_id])
    text = f"{said} of {current.incident.ref}: {current.title}"
    told = [one for one in named if one.pk not in hidden]
    notifying.tell(told, kind=NoticeKind.GIVEN, text=text, path=path, now=now, besides=by)
