"""Giving what somebody left behind to somebody else: asked first, or named at once. All that was chosen, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from ownership import assigning, handing_over
from ownership.assigning import Party
from ownership.models import Assignment, Component, Handover, Membership, Person, Team
from ownership.queries import vacancies
from ownership.vocabulary import AssignmentRole
from web import registry
from web.errors import DomainError, Invalid, translated

PLACE = "wants_owner"


class Refused(DomainError):
    """Nothing was changed, because some of it could not be; untick that and try again."""

    code = "not_all"

    def __init__(self, rows: Collection[str]) -> None:
        super().__init__()
        self.rows = tuple(rows)


class NothingChosen(Invalid):
    """Tick what shall go to somebody else."""

    code = "nothing_chosen"


def ask(rows: Collection[Assignment], *, to: Party, by: Person, now: datetime) -> list[Handover]:
    """Propose to hand over what somebody is accountable for, each on its own; the other roles stay as they are.

    Refused names what could not be proposed.
    """
    accountable = [row for row in rows if row.role == AssignmentRole.ACCOUNTABLE]
    if not accountable:
        raise NothingChosen("Only who is accountable is asked; assign the rest now.")
    made: list[Handover] = []
    with _all_or_nothing() as refusals:
        for row in _in_order(accountable):
            subject = row.subject
            try:
                made.append(handing_over.propose(subject=subject, to=to, by=by, now=now))
            except DomainError as error:
                refusals.append(f"{subject}: {error}")
    return made


def nameable(rows: Collection[Assignment], *, to: Party, now: datetime) -> tuple[list[Assignment], list[str]]:
    """The rows that can go to `to`, and, in words, the others: teams that go on, and of which `to` is no member."""
    teams = {row.team_id for row in rows if vacancies.is_named(row, at=now)}
    known = Membership.objects.filter(person=to, team__in=teams) if teams and isinstance(to, Person) else None
    of = {row.team_id for row in known} if known is not None else set()
    out = [row for row in rows if row.team_id in teams and vacancies.is_named(row, at=now) and row.team_id not in of]
    return [row for row in rows if row not in out], [
        f"{row.subject}: {row.team} keeps it, and {to} is not in that team; name one of its members." for row in out
    ]


def give(rows: Collection[Assignment], *, others: Collection[str] = (), to: Party, by: Person, now: datetime) -> int:
    """From now on `to` holds all of it, for whoever held it is no longer here; returns how much that was.

    `others` are keys of what other rooms added, as `action:12`. Refused names what could not be.
    """
    _require_some([*rows, *others])
    assigning.require_present(to)
    with _all_or_nothing() as refusals:
        for row in _in_order(rows):
            try:
                _give(row, to=to, by=by, now=now)
            except DomainError as error:
                refusals.append(f"{row.subject}: {error}")
        for code, numbers in _by_collector(others).items():
            collector = registry.collectors(PLACE)[code]
            refusals.extend(collector.move(numbers, to=to, by=by, now=now))
    return len(rows) + len(others)


def end(rows: Collection[Assignment], *, others: Collection[str] = (), by: Person, now: datetime) -> int:
    """Nobody needs to hold these roles any more; refused for who is accountable, since somebody always is."""
    _require_some([*rows, *others])
    with _all_or_nothing() as refusals:
        refusals.extend(_only(others, "this is no role that could end; give it to somebody."))
        for row in _in_order(rows):
            try:
                if row.role == AssignmentRole.ACCOUNTABLE:
                    raise Invalid("somebody has to be accountable; give it to somebody.")
                if vacancies.is_named(row, at=now):
                    raise Invalid(f"{row.party} keeps it; name another of its members instead.")
                _require_gone(row, now)
                assigning.end(row, at=now, by=by, now=now)
            except DomainError as error:
                refusals.append(f"{row.subject}: {error}")
    return len(rows)


def look_after(numbers: Collection[int], *, to: Party, by: Person, now: datetime) -> list[str]:
    """A team looks after these components instead of one that was dissolved; for the list of what wants an owner."""
    rows = Component.objects.filter(pk__in=numbers, retired_at=None, custodian__dissolved_at__isnull=False)
    found = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    refusals = ["A component: somebody changed it meanwhile; look again."] * (len(set(numbers)) - len(found))
    if not isinstance(to, Team):
        return refusals + [f"{component}: a team looks after a component, not a person." for component in found]
    Component.objects.filter(pk__in=[component.pk for component in found]).update(custodian=to)
    return refusals


def _give(row: Assignment, *, to: Party, by: Person, now: datetime) -> None:
    if vacancies.is_named(row, at=now):
        if isinstance(to, Team):
            raise Invalid(f"{row.party} keeps it; name one of its members.")
        assigning.name_answering(row, to, by=by, now=now)
        return
    _require_gone(row, now)
    if row.during.upper is not None:
        if row.role == AssignmentRole.ACCOUNTABLE:
            raise handing_over.EndsAlready
        raise Invalid("it ends by itself; name somebody on its page instead.")
    held = Assignment.objects.filter(
        **assigning.subject_columns(row.subject),
        **assigning.party_columns(to),
        role=row.role,
        superseded_at=None,
        during__overlap=(now, None),
    )
    if held.exists():
        raise assigning.AlreadyHolds(f"{to} is {row.get_role_display().lower()} already.")
    begins = row.during.lower
    assigning.replace(row, party=to, at=max(now, begins) if begins else now, by=by, now=now)


def _require_gone(row: Assignment, now: datetime) -> None:
    if row.party.is_here(now):
        raise Invalid(f"{row.party} is still here; ask for a hand-over instead.")


def _require_some(chosen: Collection[object]) -> None:
    if not chosen:
        raise NothingChosen


def _in_order(rows: Collection[Assignment]) -> list[Assignment]:
    """One order of locking for everybody, so that two who do this at once wait instead of meeting in a deadlock."""
    return sorted(
        rows,
        key=lambda row: (
            row.service_id or 0,
            row.component_id or 0,
            row.dependency_id or 0,
            row.role != AssignmentRole.ACCOUNTABLE,  # first, so that who gets both is refused as deputy, and told so
            row.pk,
        ),
    )


def _only(others: Collection[str], why: str) -> Iterator[str]:
    """One refusal for all that other rooms added, by what it is."""
    for code, numbers in _by_collector(others).items():
        yield f"{registry.collectors(PLACE)[code].kind} ({len(numbers)}): {why}"


def _by_collector(keys: Collection[str]) -> dict[str, list[int]]:
    known, found = registry.collectors(PLACE), defaultdict[str, list[int]](list)
    for key in keys:
        code, _, number = key.partition(":")
        if code not in known or not number.isdecimal() or len(number) > 18:
            raise Invalid("Somebody changed this list meanwhile; look again.")
        found[code].append(int(number))
    return found


@contextmanager
def _all_or_nothing() -> Iterator[list[str]]:
    """One transaction; what is put into the list undoes it."""
    refusals: list[str] = []
    with translated():
        yield refusals
        if refusals:
            raise Refused(refusals)
