"""Who answers for services, components and seams at an instant, as known at an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from ownership.models import Assignment, Membership, Person, Team
from ownership.models.assignments import SUBJECTS, Subject, column_of
from ownership.vocabulary import AssignmentRole


@dataclass(frozen=True)
class Holding:
    """A party and since when it holds its role."""

    party: Person | Team
    since: datetime | None
    row: int | None = None  # the assignment's id
    until: datetime | None = None  # open-ended when None
    answering: Person | None = None  # the one person who answers for a team
    is_vacant: bool = False  # the party is no longer here: on paper the role is held, in truth nobody answers
    names_nobody: bool = False  # a team that names nobody who answers for it, or who is no longer here or in it

    @classmethod
    def of(cls, row: Assignment, *, at: datetime, since: datetime | None) -> Holding:
        """What an assignment says at an instant within its time; `since` is when the party began.

        Rows that were asked for with NAMES_OUTSIDER also say whether who is named is still in the team.
        """
        outsider = getattr(row, "names_outsider", False)
        unnamed = row.team_id is not None and (row.answering is None or not row.answering.is_here(at) or outsider)
        return cls(row.party, since, row.pk, row.during.upper, row.answering, not row.party.is_here(at), unnamed)

    @property
    def is_team(self) -> bool:
        """True when a team holds it."""
        return isinstance(self.party, Team)

    @property
    def words(self) -> str:
        """The party, and who of a team answers: `Payments team (Ada)`."""
        named = self.answering if self.is_team and not self.names_nobody else None
        return f"{self.party} ({named})" if named else str(self.party)

    def as_known(self) -> dict[str, Any]:
        """The snapshot that an incident keeps: kind, id, name, since, and who answers for a team.

        Who was named and has left stands apart, as `answering_left`, so that nobody is called who is not here.
        """
        return {
            "kind": "person" if isinstance(self.party, Person) else "team",
            "id": self.party.pk,
            "name": str(self.party),
            "since": self.since.isoformat() if self.since else None,
            "answering": None if self.names_nobody else _one(self.answering),
            "answering_left": _one(self.answering) if self.names_nobody else None,
        }


@dataclass(frozen=True)
class Answering:
    """Who answers for one service, component or seam."""

    accountable: Holding | None = None
    deputies: tuple[Holding, ...] = ()
    escalation: tuple[Holding, ...] = ()
    custodians: tuple[Holding, ...] = ()

    @property
    def is_answered(self) -> bool:
        """True when somebody who is still here is accountable."""
        return self.accountable is not None and not self.accountable.is_vacant

    @property
    def stand_in(self) -> Holding | None:
        """Who is asked instead while nobody who is here is accountable: the first deputy here, then escalation."""
        if self.is_answered:
            return None
        return next((one for one in (*self.deputies, *self.escalation) if not one.is_vacant), None)

    @property
    def asked(self) -> Holding | None:
        """Whom to ask: the accountable party, else who stands in; None when nobody is left."""
        return self.accountable if self.is_answered else self.stand_in

    @property
    def asked_as(self) -> AssignmentRole | None:
        """The role by which `asked` is asked; None when nobody is left."""
        if self.is_answered:
            return AssignmentRole.ACCOUNTABLE
        if self.stand_in is None:
            return None
        return AssignmentRole.DEPUTY if self.stand_in in self.deputies else AssignmentRole.ESCALATION

    @property
    def words(self) -> str:
        """Who answers, in one sentence without its full stop."""
        if self.is_answered and self.accountable:
            return f"{self.accountable.words} answers"
        missing = f"{self.accountable.party} is no longer here" if self.accountable else "nobody is accountable"
        stands_in = self.stand_in
        if stands_in is None:
            return f"{missing}, and nobody stands in"
        return f"{missing}; {stands_in.words} stands in as {STANDS_IN_AS[str(self.asked_as)]}"


NOBODY = Answering()
STANDS_IN_AS: dict[str, str] = {AssignmentRole.DEPUTY: "deputy", AssignmentRole.ESCALATION: "next to call"}
# Of an assignment whose party is here now.
PRESENT = Q(person__is_active=True) | Q(team__isnull=False, team__dissolved_at__isnull=True)
# Of an assignment whose team names somebody who is in it no more. Nobody keeps who was in a team when: by what is known
# today, it is so at all times; what was known then takes who was named at their word.
NAMES_OUTSIDER = ExpressionWrapper(
    Q(team__isnull=False, answering__isnull=False)
    & ~Exists(Membership.objects.filter(team=OuterRef("team"), person=OuterRef("answering"))),
    output_field=BooleanField(),
)
PARTIES = ("person", "team", "answering")
WHOLE = ("service", "component", "dependency__upstream", "dependency__downstream", *PARTIES)


def of_services(
    service_ids: Collection[int], *, at: datetime, known_at: datetime | None = None
) -> dict[int, Answering]:
    """Who answers for each service at `at`, by what was known at `known_at` (None: by what is known now).

    One query; a service that nobody answers for maps to NOBODY.
    """
    return of_subjects("service", service_ids, at=at, known_at=known_at)


def of_subjects(
    subject: str, ids: Collection[int], *, at: datetime, known_at: datetime | None = None
) -> dict[int, Answering]:
    """As `of_services`, for `subject` service, component or dependency; one query."""
    rows = _whole(_known(known_at)).filter(begun_by(at), **{f"{subject}__in": ids})
    if known_at is None:
        rows = rows.annotate(names_outsider=NAMES_OUTSIDER)
    of_each = _by_subject(rows, subject)
    return {one: told(of_each[one], at=at) for one in ids}


def of_services_at(wanted: Collection[tuple[int, datetime]]) -> dict[tuple[int, datetime], Answering]:
    """Who answers for each service at its own instant, by what is known now; one query for any number of pairs."""
    if not wanted:
        return {}
    rows = _whole(_known(None)).filter(
        begun_by(max(at for _, at in wanted)), service__in={service_id for service_id, _ in wanted}
    )
    rows = rows.annotate(names_outsider=NAMES_OUTSIDER)
    of_each = _by_subject(rows, "service")
    return {(service_id, at): told(of_each[service_id], at=at) for service_id, at in wanted}


def told(rows: Iterable[Assignment], *, at: datetime) -> Answering:
    """What the rows of one subject, in the order they begin, say about `at`.

    A party that goes on from one row to the next, as when its team names another person, holds its role since the
    first of them; that is why rows that ended before `at` are wanted too.
    """
    held: dict[str, list[Holding]] = defaultdict(list)
    runs: dict[tuple[str, int | None, int | None], tuple[datetime | None, datetime | None]] = {}
    for row in rows:
        who = (row.role, row.person_id, row.team_id)
        begins, ends = row.during.lower, row.during.upper
        before = runs.get(who)
        began = before[0] if before and begins is not None and before[1] == begins else begins
        runs[who] = (began, ends)
        if at in row.during:
            held[row.role].append(Holding.of(row, at=at, since=began))
    return _answering(held)


def begun_by(at: datetime) -> Q:
    """For filtering rows for `told`: begun by `at`."""
    return Q(during__startswith__lte=at) | Q(during__lower_inf=True)


def _whole(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    return rows.select_related(*PARTIES).order_by("during", "pk")


def _by_subject(rows: Iterable[Assignment], subject: str) -> dict[int, list[Assignment]]:
    of_each: dict[int, list[Assignment]] = defaultdict(list)
    for row in rows:
        of_each[getattr(row, f"{subject}_id")].append(row)
    return of_each


def answered(*, at: datetime) -> Exists:
    """For filtering services: somebody who is still here is accountable at `at`."""
    return Exists(
        Assignment.objects.filter(
            PRESENT,
            service=OuterRef("pk"),
            role=AssignmentRole.ACCOUNTABLE,
            superseded_at__isnull=True,
            during__contains=at,
        )
    )


def answered_by(person: Person, *, at: datetime) -> Exists:
    """For filtering services: this person, or a team of theirs, is accountable or deputy at `at`."""
    return Exists(
        Assignment.objects.filter(
            Q(person=person) | Q(team__memberships__person=person, team__dissolved_at=None),
            service=OuterRef("pk"),
            role__in=[AssignmentRole.ACCOUNTABLE, AssignmentRole.DEPUTY],
            superseded_at__isnull=True,
            during__contains=at,
        )
    )


def answered_by_team(slug: str, *, at: datetime) -> Exists:
    """For filtering services: this team, or one of its members, is accountable at `at`."""
    return Exists(
        Assignment.objects.filter(
            Q(team__slug=slug) | Q(person__memberships__team__slug=slug),
            service=OuterRef("pk"),
            role=AssignmentRole.ACCOUNTABLE,
            superseded_at__isnull=True,
            during__contains=at,
        )
    )


def held_by(party: Person | Team, *, at: datetime) -> QuerySet[Assignment]:
    """What a person or a team itself holds at `at`, services first."""
    rows = held(at)
    return rows.filter(person=party) if isinstance(party, Person) else rows.filter(team=party)


def held_by_teams_of(person: Person, *, at: datetime) -> QuerySet[Assignment]:
    """What the teams of a person hold at `at`, services first; nothing leads to a team that was dissolved."""
    return held(at).filter(team__memberships__person=person, team__dissolved_at=None)


def held(at: datetime) -> QuerySet[Assignment]:
    """All that is held at `at` of what is not retired, as known now, with parties and subjects, services first."""
    known = _known(None).filter(during__contains=at, service__retired_at=None, component__retired_at=None)
    rows = known.annotate(names_outsider=NAMES_OUTSIDER).select_related(*WHOLE)
    return rows.order_by("service__name", "component__name", "role", "pk")


def same_subjects(rows: Collection[Assignment]) -> Q:
    """For filtering assignments and hand-overs: about what one of these assignments is about."""
    same = Q()
    for subject in SUBJECTS:
        ids = [number for row in rows if (number := getattr(row, f"{subject}_id")) is not None]
        same |= Q(**{f"{subject}__in": ids})
    return same


def history_of(subject: Subject) -> QuerySet[Assignment]:
    """Everything ever known about who answered for a subject, superseded rows too, latest knowledge first."""
    rows = Assignment.objects.filter(**{column_of(subject): subject}).select_related(*PARTIES, "made_by")
    return rows.order_by("-known_from", "-pk")


def _known(known_at: datetime | None) -> QuerySet[Assignment]:
    if known_at is None:
        return Assignment.objects.filter(superseded_at__isnull=True)
    return Assignment.objects.filter(
        Q(superseded_at__isnull=True) | Q(superseded_at__gt=known_at), known_from__lte=known_at
    )


def _one(person: Person | None) -> dict[str, Any] | None:
    return {"id": person.pk, "name": str(person)} if person else None


def _answering(held: dict[str, list[Holding]]) -> Answering:
    accountable = held[AssignmentRole.ACCOUNTABLE]
    return Answering(
        accountable=accountable[0] if accountable else None,
        deputies=tuple(held[AssignmentRole.DEPUTY]),
        escalation=tuple(held[AssignmentRole.ESCALATION]),
        custodians=tuple(held[AssignmentRole.CUSTODIAN]),
    )
