"""Whose word it is: who speaks for a person or a team, who of a team answers, and the yes of somebody who does.

A yes is a row of its own, written in the act by which it is said. Who changed a row, or is in a team today, says
nothing about it.
"""

from __future__ import annotations

from datetime import datetime

from ownership.models import Assignment, Confirmation, Membership, Person, Team
from ownership.vocabulary import AssignmentRole
from web.errors import Invalid

ALONE = "A person answers for themselves; name somebody here only for a team."


def speaks_for(person: Person, party: Person | Team) -> bool:
    """This person is the party, or in the team that is; nobody speaks for a team that was dissolved."""
    if isinstance(party, Team):
        return party.dissolved_at is None and Membership.objects.filter(team=party, person=person).exists()
    return party == person


def say_yes(row: Assignment, *, by: Person, now: datetime) -> Confirmation | None:
    """Keep that the party said yes to what was just given to it, when whoever gave it speaks for it; else nothing.

    Only of who is accountable, and not of what is over: nobody promises the past.
    """
    is_over = row.during.upper is not None and row.during.upper <= now
    if row.role != AssignmentRole.ACCOUNTABLE or is_over or not speaks_for(by, row.party):
        return None
    return Confirmation.objects.create(assignment=row, by=by, at=now)


def voice_of(row: Assignment) -> Person | Team:
    """Whom to tell of an assignment: the person; of a team who answers for it while they are in it, else all of it."""
    if row.team is None or row.answering is None:
        return row.party
    return row.answering if row.answering.is_active and speaks_for(row.answering, row.team) else row.team


def answering_of(party: Person | Team, chosen: Person | None, *, required: bool = False) -> Person | None:
    """Who answers when this party holds a role: the chosen member of a team, else its only member, else nobody yet.

    Invalid when the choice is no member, and with `required` when a team names nobody; the error names the cure.
    """
    if isinstance(party, Person):
        if chosen is not None and chosen != party:
            raise Invalid(ALONE, field="answering")
        return None
    members = Person.objects.filter(memberships__team=party, is_active=True)
    if chosen is not None:
        if not members.filter(pk=chosen.pk).exists():
            raise Invalid(
                f"{chosen} is not in {party}: choose one of its members, or add them to the team first.",
                field="answering",
            )
        return chosen
    few = list(members[:2])
    if len(few) == 1:
        return few[0]
    if required:
        cure = "choose one of its members" if few else "nobody is in it yet, so add somebody to the team first"
        raise Invalid(f"Say who answers for {party}: {cure}.", field="answering")
    return None
