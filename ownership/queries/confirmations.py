"""How fresh the word of those who answer is: when each last said so, until when that holds, and what is stale.

A party's word is the last confirmation of it, and nothing else; putting oneself down and accepting a hand-over write
one (`ownership.speaking`). Who was put down by somebody else has not confirmed yet. Those of all rows of the same
subject and party count, superseded rows too, so that a correction does not lose what was said.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleIn

from ownership.models import Assignment, Confirmation, Membership, Person, Team
from ownership.models.assignments import SUBJECTS
from ownership.queries import owners, vacancies
from ownership.vocabulary import AssignmentRole
from web.pagination import Slice, slice_of

SOON = timedelta(days=14)  # so long before it lapses it is asked for
COUNTED = 100
SHOWN = 25  # of what wants a first yes
AT_ONCE = 500  # more in one query, and the server spends its time compiling it
ORDER = ("known_from", "pk")


@dataclass(frozen=True)
class Standing:
    """When a party last said that it answers, and until when that holds; `due_at` of one who never said so: at once."""

    confirmed_at: datetime | None
    due_at: datetime | None
    at: datetime

    @property
    def is_stale(self) -> bool:
        """True when nobody said so yet, or too long ago."""
        return self.due_at is None or self.due_at <= self.at

    @property
    def is_due_soon(self) -> bool:
        """True when it still holds, but not for much longer."""
        return not self.is_stale and self.due_at is not None and self.due_at <= self.at + ahead()


def lasts() -> timedelta:
    """How long a confirmation holds: the setting CONFIRM_OWNERSHIP_DAYS."""
    return timedelta(days=settings.CONFIRM_OWNERSHIP_DAYS)


def ahead() -> timedelta:
    """How long before it lapses a word is asked for: SOON, but not before half its time is over."""
    return min(SOON, lasts() / 2)


def stale(at: datetime) -> Q:
    """For filtering assignments: their party has not said within `lasts()` before `at` that it answers.

    It looks at any row it is given; narrow to `role=accountable, superseded_at=None, during__contains=at` yourself,
    or take `accountable(at)`. Inside an Exists: `Exists(Assignment.objects.filter(stale(at), service=OuterRef("pk")))`.
    None of its subqueries depends on the row, so that the database answers each once, however many rows there are.
    """
    return _stale_by(at, spoken_by=at)


def _stale_by(at: datetime, *, spoken_by: datetime) -> Q:
    """As `stale`, by what was said up to `spoken_by`."""
    confirmed = Confirmation.objects.filter(at__gt=at - lasts(), at__lte=spoken_by)
    fresh = Q()
    for columns in product(SUBJECTS, ("person", "team")):
        of = [f"assignment__{column}" for column in columns]
        there = {f"{column}__isnull": False for column in of}  # NOT IN knows no answer about NULL
        here = Q(**{f"{column}__isnull": False for column in columns})
        fresh |= here & Q(TupleIn(Tuple(*columns), Subquery(confirmed.filter(**there).values(*of))))
    return ~fresh


def _with_word(rows: QuerySet[Assignment], *, at: datetime) -> QuerySet[Any]:
    """Assignments with `.word_at`: when their party last said that it answers, None when it did not."""
    said = Confirmation.objects.filter(_same_subject(), _same_party(), at__lte=at).order_by()
    latest = said.values(one=Value(1)).annotate(latest=Max("at")).values("latest")
    return rows.annotate(word_at=Subquery(latest, output_field=DateTimeField()))


def standing_of(assignment_ids: Collection[int], at: datetime) -> dict[int, Standing]:
    """How fresh the word behind each assignment is; one query for every AT_ONCE of them."""
    ids, found = list(assignment_ids), {}
    for first in range(0, len(ids), AT_ONCE):
        for row in _with_word(Assignment.objects.filter(pk__in=ids[first : first + AT_ONCE]), at=at):
            spoke = row.word_at
            found[row.pk] = Standing(spoke, spoke + lasts() if spoke else None, at)
    return found


def first_asked(viewer: Person, *, at: datetime) -> QuerySet[Assignment]:
    """What the viewer, or a team of theirs that names nobody else, answers for and never said yes to.

    Only the newest COUNTED of what they answer for are looked at, for every page counts these.
    """
    own = accountable(at).filter(Q(person=viewer) | Q(team__in=Membership.objects.filter(person=viewer).values("team")))
    nobody_else = Q(answering=None) | Q(answering=viewer) | vacancies.NAMED_GONE
    newest = own.alias(names_outsider=owners.NAMES_OUTSIDER).filter(nobody_else).order_by("-pk").values("pk")[:COUNTED]
    return _with_word(Assignment.objects.filter(pk__in=newest), at=at).filter(word_at=None)


def asked_first(viewer: Person, *, at: datetime) -> list[Assignment]:
    """The SHOWN newest of `first_asked`; one query."""
    return list(first_asked(viewer, at=at).select_related(*owners.WHOLE).order_by("-pk")[:SHOWN])


def accountable(at: datetime) -> QuerySet[Assignment]:
    """Accountable assignments, as known now, whose party is here and whose subject lives."""
    return Assignment.objects.filter(
        vacancies.LIVING, owners.PRESENT, role=AssignmentRole.ACCOUNTABLE, superseded_at=None, during__contains=at
    )


def waiting(at: datetime, *, team: Team | None = None) -> QuerySet[Assignment]:
    """Accountable assignments to confirm: stale ones and those that soon will be.

    `team` narrows to what the team or one of its members answers for.
    """
    rows = accountable(at).filter(_stale_by(at + ahead(), spoken_by=at))
    if team is not None:
        rows = rows.filter(Q(team=team) | Q(person__in=team.memberships.values("person")))
    return rows


@dataclass(frozen=True)
class ToConfirm:
    """One line of the list: an assignment and how fresh its party's word is."""

    row: Assignment
    standing: Standing


@dataclass(frozen=True)
class ConfirmationList:
    """A page of what wants confirming, longest unsaid first, and the cursor of the next."""

    rows: list[ToConfirm]
    following: str | None


def listed(*, at: datetime, team: Team | None = None, after: str | None = None) -> ConfirmationList:
    """What is stale or due soon, what was written down first on top; two queries."""
    rows = waiting(at, team=team).select_related(*owners.WHOLE)
    shown: Slice[Assignment] = slice_of(rows, keys=ORDER, after=after)
    standings = standing_of([row.pk for row in shown.rows], at)
    return ConfirmationList([ToConfirm(row, standings[row.pk]) for row in shown.rows], shown.following)


def _same_subject() -> Q:
    """The confirmed row is about what the outer assignment is about; NULL equals nothing."""
    same = Q()
    for subject in SUBJECTS:
        same |= Q(**{f"assignment__{subject}": OuterRef(subject)})
    return same


def _same_party() -> Q:
    return Q(assignment__person=OuterRef("person")) | Q(assignment__team=OuterRef("team"))
