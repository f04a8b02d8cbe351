"""Who answered for a subject at an instant: as was known then, as is known now, and what was corrected between."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ownership.models import Assignment, Dependency, Person
from ownership.models.assignments import Subject
from ownership.queries import owners
from ownership.queries.owners import Answering
from ownership.vocabulary import AssignmentRole

Span = tuple[datetime, datetime]
ALL_ALONG = datetime.min.replace(tzinfo=UTC)  # who left at a time nobody noted counts as gone from the beginning


@dataclass(frozen=True)
class Stretch:
    """A time in which one party was accountable, or nobody (`words` is then why, `holder` None)."""

    begins: datetime
    ends: datetime
    holder: str | None
    words: str
    is_open: bool = False


@dataclass(frozen=True)
class Correction:
    """One change of what is known about the instant: when, by whom, what no longer held and what held instead."""

    at: datetime
    by: Person | None
    gone: Sequence[Assignment]
    come: Sequence[Assignment]


@dataclass(frozen=True)
class AsOf:
    """Both answers about one instant, and the pictures of all times that each knowledge draws."""

    at: datetime
    known_at: datetime
    then: Answering
    now: Answering
    corrections: Sequence[Correction]
    span: Span
    known_then: Sequence[Stretch]
    known_now: Sequence[Stretch]
    unowned: timedelta
    rows: Sequence[Assignment]


def as_of(subject: Subject, *, at: datetime, known_at: datetime, now: datetime) -> AsOf:
    """What was answered about `at` with the knowledge of `known_at`, beside what is known at `now`; one query."""
    rows = list(owners.history_of(subject))
    then, today = _known(rows, known_at), _known(rows, now)
    span = _span(rows, _beginning(subject), (at, now))
    began = min([_beginning(subject), *(lower for lower in _lowers(rows))])
    known_now = list(_stretches(today, (began, span[1])))
    return AsOf(
        at=at,
        known_at=known_at,
        then=owners.told(then, at=at),
        now=owners.told(today, at=at),
        corrections=_corrections(rows, at=at, after=known_at),
        span=span,
        known_then=list(_stretches(then, (began, span[1]))),
        known_now=known_now,
        unowned=_unowned(known_now, until=now),
        rows=rows,
    )


def _known(rows: Collection[Assignment], known_at: datetime) -> list[Assignment]:
    """The rows that were known at an instant, in the order they begin."""
    known = [
        row
        for row in rows
        if row.known_from <= known_at and (row.superseded_at is None or row.superseded_at > known_at)
    ]
    return sorted(known, key=lambda row: (row.during.lower is not None, row.during.lower or row.known_from, row.pk))


def _corrections(rows: Collection[Assignment], *, at: datetime, after: datetime) -> list[Correction]:
    """What became known about `at` after an instant, in the order it did."""
    about = [row for row in rows if at in row.during]
    moments = {row.known_from for row in about} | {row.superseded_at for row in about if row.superseded_at}
    # Who shortened a row stands on the shorter one, which may not reach the instant asked about.
    by = {row.known_from: row.made_by for row in rows}
    found = []
    for moment in sorted(moment for moment in moments if moment > after):
        gone = [row for row in about if row.superseded_at == moment]
        come = [row for row in about if row.known_from == moment]
        kept = {_said(row) for row in gone} & {_said(row) for row in come}
        gone = [row for row in gone if _said(row) not in kept]
        come = [row for row in come if _said(row) not in kept]
        if gone or come:
            found.append(Correction(moment, by.get(moment), gone, come))
    return found


def _said(row: Assignment) -> tuple[str, int | None, int | None, int | None]:
    return row.role, row.person_id, row.team_id, row.answering_id


def _beginning(subject: Subject) -> datetime:
    """When the subject came to be; a seam, with the later of its two ends."""
    if isinstance(subject, Dependency):
        return max(subject.upstream.created_at, subject.downstream.created_at)
    return subject.created_at


def _lowers(rows: Collection[Assignment]) -> list[datetime]:
    return [row.during.lower for row in _accountable(rows) if row.during.lower is not None]


def _span(rows: Collection[Assignment], began: datetime, instants: tuple[datetime, ...]) -> Span:
    """What the picture shows: from the beginning to the last thing known, with a little room at both ends."""
    uppers = [row.during.upper for row in _accountable(rows) if row.during.upper is not None]
    first, last = min([began, *instants, *_lowers(rows)]), max([*instants, *uppers])
    room = max((last - first) / 25, timedelta(hours=1))
    return first - room, last + room


def _accountable(rows: Collection[Assignment]) -> list[Assignment]:
    return [row for row in rows if row.role == AssignmentRole.ACCOUNTABLE]


def _stretches(rows: Collection[Assignment], span: Span) -> Iterator[Stretch]:
    """The span cut into who was accountable and when nobody was, in order; `rows` known at one instant."""
    at, last = span
    for row in _accountable(rows):
        begins, ends = row.during.lower or span[0], row.during.upper or last
        if begins > at:
            yield Stretch(at, begins, None, "nobody")
        left = _left(row)
        stays = min(ends, max(left, begins)) if left else ends
        if stays > begins:
            yield Stretch(begins, stays, str(row.party), _words(row), row.during.upper is None and stays == ends)
        if ends > stays:
            yield Stretch(stays, ends, None, f"{row.party} had left")
        at = max(at, ends)
    if at < last:
        yield Stretch(at, last, None, "nobody")


def _left(row: Assignment) -> datetime | None:
    """When the party of a row left, if it did."""
    if row.person is not None:
        return None if row.person.is_active else row.person.left_at or ALL_ALONG
    return row.team.dissolved_at if row.team else None


def _words(row: Assignment) -> str:
    return f"{row.party} ({row.answering})" if row.answering else str(row.party)


def _unowned(stretches: Collection[Stretch], *, until: datetime) -> timedelta:
    """How long nobody answered, up to now, by what is known now."""
    gaps = [max(min(one.ends, until) - one.begins, timedelta()) for one in stretches if one.holder is None]
    return sum(gaps, timedelta())
