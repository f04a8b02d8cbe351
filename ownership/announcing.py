"""What people are told about who answers for what: the words, and whom they concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from ownership import addresses, notifying, speaking
from ownership.models import Assignment, Handover, Membership, Person, Team
from ownership.models.assignments import Subject, party_key
from ownership.queries import owners
from ownership.vocabulary import AssignmentRole, HandoverState, NoticeKind, Role

AS_WORDS = {
    AssignmentRole.ACCOUNTABLE: "accountable for",
    AssignmentRole.DEPUTY: "deputy for",
    AssignmentRole.ESCALATION: "next to call for",
    AssignmentRole.CUSTODIAN: "custodian of",
}
HAPPENED = {
    HandoverState.ACCEPTED: "accepted",
    HandoverState.WITHDRAWN: "withdrew",
}


def said(party: Person | Team, role: str, subject: Subject) -> str:
    """What an editor reads once it is done: `Ann Ode is accountable for Answers.`"""
    return f"{party} is {AS_WORDS[AssignmentRole(role)]} {subject}."


def assigned(row: Assignment, *, by: Person, now: datetime, before: Sequence[Person | Team] = ()) -> None:
    """Somebody gave a role to a party, perhaps in the place of others: tell all of them, but not who did it."""
    instead = f", instead of {_listed(before)}" if before else ""
    notifying.tell(
        [speaking.voice_of(row), *before],
        kind=NoticeKind.ASSIGNED,
        text=f"{by} made {row.party} {_role(row)}{instead}",
        path=addresses.page_about(row.subject),
        now=now,
        besides=by,
    )


def ended(row: Assignment, *, by: Person, now: datetime) -> None:
    """Somebody ended a party's role."""
    text = f"{by} said that {row.party} is no longer {_role(row)}"
    notifying.tell(
        [speaking.voice_of(row)],
        kind=NoticeKind.ASSIGNED,
        text=text,
        path=addresses.page_about(row.subject),
        now=now,
        besides=by,
    )


def corrected(row: Assignment, *, before: Person | Team, by: Person, now: datetime) -> None:
    """Somebody said that it was otherwise all along: tell who is named now, and who was."""
    text = f"{by} corrected the record: {row.party} is {_role(row)} since {row.during.lower:%Y-%m-%d}"
    notifying.tell(
        [speaking.voice_of(row), before],
        kind=NoticeKind.CORRECTED,
        text=text,
        path=addresses.page_about(row.subject),
        now=now,
        besides=by,
    )


def retracted(row: Assignment, *, by: Person, now: datetime) -> None:
    """Somebody said that a party never had the role: tell it."""
    notifying.tell(
        [speaking.voice_of(row)],
        kind=NoticeKind.CORRECTED,
        text=f"{by} corrected the record: {row.party} never was {_role(row)}",
        path=addresses.page_about(row.subject),
        now=now,
        besides=by,
    )


def proposed(handover: Handover, *, now: datetime) -> None:
    """Somebody is asked to take over."""
    whom = "you" if isinstance(handover.to, Person) else handover.to
    notifying.tell(
        [handover.to],
        kind=NoticeKind.HANDOVER_PROPOSED,
        text=f"{handover.proposed_by} asks {whom} to take over {handover.subject}",
        path=_page(handover),
        now=now,
        besides=handover.proposed_by,
    )


def decided(handover: Handover, *, now: datetime) -> None:
    """Accepted, declined or withdrawn: tell both sides and who proposed it, but not who decided."""
    by = handover.decided_by
    if handover.state == HandoverState.DECLINED:
        whom = "" if handover.to == by else f" for {handover.to}"
        what = f"declined to take over {handover.subject}{whom}: {handover.reason}"
    else:
        whom = "" if handover.to == by else f" to {handover.to}"
        what = f"{HAPPENED[HandoverState(handover.state)]} the hand-over of {handover.subject}{whom}"
    notifying.tell(
        _sides(handover),
        kind=NoticeKind.HANDOVER_DECIDED,
        text=f"{by} {what}",
        path=_page(handover),
        now=now,
        besides=by,
    )


def expired(handovers: Collection[Handover], *, now: datetime) -> None:
    """Nobody answered in time: tell both sides and who proposed it. Three queries for any number."""
    told = [
        notifying.Telling(
            _sides(handover),
            f"The hand-over of {handover.subject} to {handover.to} expired; nobody answered",
            _page(handover),
        )
        for handover in handovers
    ]
    if told:
        notifying.tell_each(told, kind=NoticeKind.HANDOVER_DECIDED, now=now)


def left(gone: Person | Team, *, by: Person, now: datetime) -> None:
    """Somebody is no longer here: tell who stands in, who worked with them, and the admins, if anything is vacant."""
    vacant = list(owners.held_by(gone, at=now).filter(role=AssignmentRole.ACCOUNTABLE))
    if not vacant:
        return
    said = {
        person: (
            f"{gone} is no longer here, and you stand in for {_listed(subjects)}",
            addresses.page_about(subjects[0]),
        )
        for person, subjects in _stand_ins(vacant, at=now).items()
    }
    nobody = f"{gone} is no longer here, so nobody is accountable for {_listed([row.subject for row in vacant])}"
    path = f"{reverse('ownership:reassign')}?who={party_key(gone)}"
    others = Person.objects.filter(_works_with(gone) | Q(role=Role.ADMIN), is_active=True)
    for person in others.values_list("pk", flat=True):
        said.setdefault(person, (nobody, path))
    leaving = {by.pk, gone.pk if isinstance(gone, Person) else by.pk}
    notifying.write(
        [
            notifying.notice(person, kind=NoticeKind.OWNER_LEFT, text=text, path=where, now=now)
            for person, (text, where) in sorted(said.items())
            if person not in leaving
        ]
    )


def _works_with(gone: Person | Team) -> Q:
    if isinstance(gone, Team):
        return Q(memberships__team=gone)
    teams = Membership.objects.filter(person=gone, team__dissolved_at=None)
    return Q(memberships__team__in=teams.values("team"))


def _stand_ins(vacant: Sequence[Assignment], *, at: datetime) -> dict[int, list[Subject]]:
    """The people who are deputies, or next to call, of these subjects, and for which; two queries."""
    roles = [AssignmentRole.DEPUTY, AssignmentRole.ESCALATION]
    rows = list(owners.held(at).filter(owners.same_subjects(vacant), owners.PRESENT, role__in=roles))
    members = members_of({row.team_id for row in rows if row.team_id})
    found: dict[int, list[Subject]] = {}
    for row in rows:
        for person in people_behind(row, members):
            subjects = found.setdefault(person, [])
            if row.subject not in subjects:
                subjects.append(row.subject)
    return found


def members_of(teams: Collection[int]) -> dict[int, list[int]]:
    """The members of each team who are here; one query."""
    members: dict[int, list[int]] = defaultdict(list)
    here = Membership.objects.filter(team__in=teams, person__is_active=True)
    for team, person in here.values_list("team", "person"):
        members[team].append(person)
    return members


def people_behind(row: Assignment, members: Mapping[int, list[int]]) -> list[int]:
    """Who is told of an assignment: the person; for a team who answers for it while in it, else its members."""
    if row.person_id is not None:
        return [row.person_id]
    here = members.get(row.team_id or 0, [])
    return [row.answering_id] if row.answering_id in here else here


def _listed(subjects: Sequence[object], shown: int = 3) -> str:
    """`Answers, Scores and 4 more`."""
    names = [str(one) for one in subjects]
    if len(names) > shown:
        return f"{', '.join(names[:shown])} and {len(names) - shown} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _sides(handover: Handover) -> list[Person | Team]:
    held = handover.from_assignment
    return [speaking.voice_of(held), handover.to, handover.proposed_by]


def _page(handover: Handover) -> str:
    return reverse("ownership:handover", args=[handover.pk])


def _role(row: Assignment) -> str:
    return f"{AS_WORDS[AssignmentRole(row.role)]} {row.subject}"
