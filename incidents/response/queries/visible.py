"""Which incidents a person may see: asked for by every list, count, search and drill-down.

Everybody who is signed in sees an incident that is not private. A private one is for those who take part in it, for who
declared it and who has the ball, for whoever is asked about its service, or about its component while it has no service
(accountable, deputy, escalation; of a team all its members), and for admins. Nobody else is told that it is there: see
docs/decisions/0032.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from incidents.response.models import Incident, Participation
from incidents.response.vocabulary import IncidentRole
from ownership.models import Assignment, Membership, Person
from ownership.vocabulary import AssignmentRole, Role

ASKED = (AssignmentRole.ACCOUNTABLE, AssignmentRole.DEPUTY, AssignmentRole.ESCALATION)


def clause(viewer: Person, *, of: str = "") -> Q:
    """The condition on a query over a table whose path to the incident is `of`, such as `"incident"`.

    Where a row may have no incident ask `clause_or_none`. It is never empty, so that it can be joined by `|`.
    """
    if viewer.may(Role.ADMIN):
        return Q(pk__isnull=False)
    path = f"{of}__" if of else ""
    return (
        Q(**{f"{path}private": False})
        | Q(**{f"{path}declared_by": viewer})
        | Q(**{f"{path}ball": viewer})
        | Q(**{f"{of or 'pk'}__in": _taken_part_in(viewer)})
        | Q(**{f"{path}service__in": _asked_about(viewer, "service")})
        | Q(**{f"{path}service__isnull": True, f"{path}component__in": _asked_about(viewer, "component")})
    )


def everybody() -> Person:
    """Stands for whoever is signed in, to ask what all may see: it takes part in nothing and is asked about nothing."""
    return Person(pk=0, role=Role.VIEWER)


def clause_or_none(viewer: Person, *, of: str = "incident") -> Q:
    """The same for a table where a row may have no incident: such rows are everybody's."""
    return Q(**{f"{of}__isnull": True}) | clause(viewer, of=of)


def to(viewer: Person) -> QuerySet[Incident]:
    """The incidents that this person may see."""
    return Incident.objects.filter(clause(viewer))


def standing(viewer: Person) -> QuerySet[Incident]:
    """Of these the ones that lists, counts and charts are about: what was merged into another is told there."""
    return to(viewer).filter(merged_into__isnull=True)


def among(viewer: Person, numbers: Collection[int]) -> set[int]:
    """Those of these incidents that this person may see; one query, none for none."""
    return set(to(viewer).filter(pk__in=numbers).values_list("pk", flat=True)) if numbers else set()


def decides(viewer: Person, incident: Incident) -> bool:
    """Whether this person says who may see it: its lead, who declared it, who is asked about its service, admins."""
    if viewer.may(Role.ADMIN) or incident.declared_by_id == viewer.pk:
        return True
    leading = _taken_part_in(viewer).filter(role=IncidentRole.LEAD)
    subject = "service" if incident.service_id else "component"
    allowed = Q(pk__in=leading) | Q(**{f"{subject}__in": _asked_about(viewer, subject)})
    return Incident.objects.filter(allowed, pk=incident.pk).exists()


def hides(incident: Incident, people: Iterable[Person]) -> set[int]:
    """Those of these people who may not see the incident, by their numbers: they are not told of it."""
    wanted = {person.pk for person in people}
    return {person for person, _ in hidden((person, incident.pk) for person in wanted)} if incident.private else set()


def hidden(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of these pairs (person, incident) where the person may not see the incident; five queries at most."""
    asked = set(pairs)
    rows = Incident.objects.filter(pk__in={number for _, number in asked}, private=True)
    private = {one.pk: one for one in rows.only("pk", "declared_by", "ball", "service", "component")}
    asked = {(person, number) for person, number in asked if number in private}
    if not asked:
        return set()
    people = {person for person, _ in asked}
    admins = set(Person.objects.filter(pk__in=people, role=Role.ADMIN, is_active=True).values_list("pk", flat=True))
    there = Participation.objects.filter(incident__in=private, person__in=people, ended_at=None)
    taking_part = set(there.values_list("person_id", "incident_id"))
    asked_about = _asked_people(private.values(), people)
    return {
        (person, number)
        for person, number in asked
        if person not in admins
        and (person, number) not in taking_part
        and person not in {private[number].declared_by_id, private[number].ball_id}
        and person not in asked_about[_subject(private[number])]
    }


def _taken_part_in(viewer: Person) -> QuerySet[Participation, int]:
    return Participation.objects.filter(person=viewer, ended_at=None).values_list("incident", flat=True)


def _asked_about(viewer: Person, subject: str) -> QuerySet[Assignment, int | None]:
    """The services (or components) that this person is asked about now, by name or as a member of a team."""
    teams = Membership.objects.filter(person=viewer, team__dissolved_at=None).values("team")
    held = _holding().filter(Q(person=viewer) | Q(team__in=teams), **{f"{subject}__isnull": False})
    return held.values_list(subject, flat=True)


Subject = tuple[int | None, int | None]  # a service, or a component


def _subject(incident: Incident) -> Subject:
    """What decides who is asked about an incident: its service, or its component while it has none."""
    return incident.service_id, None if incident.service_id else incident.component_id


def _asked_people(incidents: Iterable[Incident], people: Collection[int]) -> Mapping[Subject, set[int]]:
    """Those of these people who are asked about each subject; two queries."""
    subjects = {_subject(one) for one in incidents}
    about = Q(service__in={one for one, _ in subjects if one}) | Q(component__in={one for _, one in subjects if one})
    held = list(_holding().filter(about).values_list("service", "component", "person", "team"))
    members: dict[int | None, set[int]] = defaultdict(set)
    rows = Membership.objects.filter(team__in={one[3] for one in held if one[3]}, person__in=people)
    for team, person in rows.filter(team__dissolved_at=None).values_list("team", "person"):
        members[team].add(person)
    found: dict[Subject, set[int]] = defaultdict(set)
    for service, component, person, team in held:
        found[service, component] |= {person} if person else members[team]
    return found


def _holding() -> QuerySet[Assignment]:
    return Assignment.objects.filter(role__in=ASKED, superseded_at=None, during__contains=Now())
