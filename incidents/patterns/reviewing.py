"""Holding a review: the page is frozen, what is decided becomes actions, and once it is closed no more is decided."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from incidents.patterns import freezing
from incidents.patterns.answers.shape import Base
from incidents.patterns.queries import choices, reviews
from incidents.patterns.questions import QUESTIONS
from incidents.patterns.questions.asking import about
from incidents.patterns.review_models import PatternReview, PatternReviewPerson, PatternSnapshot
from incidents.patterns.window import NO_SERVICE, Window
from incidents.postmortems.acting import HasHistory
from incidents.postmortems.models import Action, ActionEvent, ActionKind
from incidents.response.queries import visible
from ownership import notifying
from ownership.models import Person, Team
from ownership.vocabulary import NoticeKind
from web.errors import DomainError, Invalid, translated

LONGEST_TITLE, LONGEST_NOTES = 120, 10_000


class ReviewClosed(DomainError):
    """This review is closed: its decisions and notes stay as they are. Hold the next one to decide more."""

    code = "review_closed"


def hold(
    window: Window, *, title: str, notes: str = "", people: Collection[Person] = (), by: Person, now: datetime
) -> PatternReview:
    """Freeze every answer about this window as everybody may see it: no private incident is counted.

    What is known is as of now, or of the instant that the window asks for. Besides the answers it costs ten queries.
    """
    if not title.strip():
        raise Invalid("Give the review a title.", field="title")
    asked = about(window, visible.everybody())
    answers = [freezing.frozen(one, one.ask(asked)) for one in QUESTIONS]
    before = reviews.before(window.filters.query())
    with translated():
        review = PatternReview.objects.create(
            title=title.strip(),
            notes=notes.strip(),
            held_at=now,
            held_by=by,
            since=window.since,
            until=window.until,
            known_at=window.known_at or _whole(now),
            filters=window.filters.query(),
            filtered=in_words(window),
            base=vars(asked.base),
            headlines=[{name: one[name] for name in ("slug", "title", "headline", "n")} for one in answers],
            previous=before,
            promised=_promised(before, by=by, now=now),
        )
        PatternSnapshot.objects.create(review=review, answers=answers)
        taking_part = {person.pk: person for person in people if person.pk != by.pk}
        PatternReviewPerson.objects.bulk_create(
            PatternReviewPerson(review=review, person=person) for person in taking_part.values()
        )
    return review


def offered_base(window: Window) -> Base:
    """What a review of this window would stand on."""
    return about(window, visible.everybody()).base


def decide(
    review: PatternReview,
    *,
    title: str,
    due_on: date | None,
    by: Person,
    now: datetime,
    kind: str = ActionKind.OTHER,
    owner: Person | None = None,
    owner_team: Team | None = None,
    done_when: str = "",
) -> Action:
    """A decision, with who does it and until when; whoever that is hears of it."""
    if not title.strip():
        raise Invalid("Say what will be done.", field="title")
    if owner is None and owner_team is None:
        raise Invalid("Say who does it.", field="owner")
    if due_on is None:
        raise Invalid("Say until when.", field="due_on")
    if due_on < timezone.localdate(now):
        raise Invalid("This day is over; choose one that comes.", field="due_on")
    with _open(review) as current:
        action = Action.objects.create(
            pattern_review=current,
            title=title.strip(),
            kind=kind,
            owner=owner,
            owner_team=owner_team,
            due_on=due_on,
            done_when=done_when.strip(),
            created_at=now,
            created_by=by,
        )
        text = f"{by} decided in “{current.title}” that you do “{action.title}”, due {due_on:%-d %b %Y}"
        notifying.tell([action.party], kind=NoticeKind.GIVEN, text=text, path=action.path, now=now, besides=by)
    return action


def take_out(action: Action, *, by: Person, now: datetime) -> None:
    """Not decided after all, unless something happened to it: what happened stays. Who was to do it hears of it."""
    if action.pattern_review is None:
        raise Invalid("That was decided in a postmortem, not in a review.")
    with _open(action.pattern_review) as current:
        if ActionEvent.objects.filter(action=action.pk).exists():
            raise HasHistory
        gone, _ = Action.objects.filter(pk=action.pk).delete()
        if gone:
            text = f"{by} took “{action.title}” out of “{current.title}”: it is not yours to do any more"
            notifying.tell([action.party], kind=NoticeKind.GIVEN, text=text, path=action.path, now=now, besides=by)


def note(review: PatternReview, *, notes: str) -> PatternReview:
    """What was said; until the review is closed it can be written anew."""
    if len(notes) > LONGEST_NOTES:
        raise Invalid(f"At most {LONGEST_NOTES:,} characters.", field="notes")
    with _open(review) as current:
        current.notes = notes.strip()
        current.save(update_fields=["notes"])
    return current


def close(review: PatternReview, *, by: Person, now: datetime) -> PatternReview:
    """Its decisions and notes stay as they are now; the actions go on. Twice is once."""
    with translated():
        current = _locked(review)
        if current.is_open:
            current.closed_at, current.closed_by = now, by
            current.save(update_fields=["closed_at", "closed_by"])
    return current


@contextmanager
def _open(review: PatternReview) -> Iterator[PatternReview]:
    """The review's row, locked in a transaction of its own, or ReviewClosed."""
    with translated():
        current = _locked(review)
        if not current.is_open:
            raise ReviewClosed
        yield current


def _locked(review: PatternReview) -> PatternReview:
    return PatternReview.objects.select_for_update(no_key=True).get(pk=review.pk)


def _whole(now: datetime) -> datetime:
    """The end of this second: addresses know no parts of one, and what was just written counts."""
    return now.replace(microsecond=0) + timedelta(seconds=1) if now.microsecond else now


def in_words(window: Window) -> list[str]:
    """What a window is filtered by, in words; two queries."""
    known: Mapping[str, dict[str, str]] = {name: dict(of) for name, of in choices.offered().items()}
    known["service"][NO_SERVICE] = "no service named"
    return [known[name].get(value, value) for name, value in window.filters.query().items()]


def _promised(before: PatternReview | None, *, by: Person, now: datetime) -> list[dict[str, Any]]:
    """How each decision of the review before stands now, as JSON keeps it."""
    if before is None:
        return []
    today = timezone.localdate(now)
    return [
        {
            "action": one.action.pk,
            "title": one.action.title,
            "party": str(one.action.party or ""),
            "due_on": str(one.action.due_on or ""),
            "standing": one.told.standing,
            "why": reviews.why(one.told),
        }
        for one in reviews.decisions(before, by, today=today)
    ]
