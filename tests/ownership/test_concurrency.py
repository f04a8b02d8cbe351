"""Two people at the same moment: exactly one wins, the other gets a clear answer, nobody meets a deadlock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections

from ownership import assigning, cataloguing, people, teams
from ownership.assigning import Outdated
from ownership.models import Assignment, Part, Person, Service, Team
from ownership.people import LastAdmin
from ownership.vocabulary import AssignmentRole, Role
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[Exception | None]:
    """Run acts in threads that start together; what each raised."""
    start = threading.Barrier(len(acts))
    raised: list[Exception | None] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        except Exception as error:  # noqa: BLE001 -- handed to the test, which knows which one it wants
            raised[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return raised


def test_of_two_who_name_an_owner_one_wins() -> None:
    for _ in range(5):
        editor, service = make.person(role="editor"), make.service()
        parties = [make.person(), make.person()]

        def assign(party: Person, service: Service = service, editor: Person = editor) -> Callable[[], object]:
            return lambda: assigning.assign(
                subject=service, role=AssignmentRole.ACCOUNTABLE, party=party, since=NOON, by=editor, now=NOON
            )

        raised = [error for error in at_once(*map(assign, parties)) if error]
        assert [(type(error), getattr(error, "code", "")) for error in raised] == [(ConstraintBroken, "already_owned")]
        assert Assignment.objects.filter(service=service, superseded_at=None).count() == 1


def test_the_constraint_holds_also_against_writers_who_bypass_the_acts() -> None:
    editor, service = make.person(), make.service()

    def write() -> object:
        return Assignment.objects.create(
            service=service, role=AssignmentRole.ACCOUNTABLE, person=editor, during=(NOON, None)
        )

    raised = [error for error in at_once(write, write) if error]
    assert len(raised) == 1
    # Without the act's lock the two may also meet in a deadlock, which PostgreSQL ends for one of them.
    assert isinstance(raised[0], IntegrityError) or "deadlock" in str(raised[0])
    assert Assignment.objects.count() == 1


def test_of_two_who_replace_the_owner_one_wins_and_the_other_looks_again() -> None:
    editor, service = make.person(role="editor"), make.service()
    current = make.assignment(service, make.person())
    parties = [make.person(), make.person()]

    def replace(party: Person) -> Callable[[], object]:
        return lambda: assigning.replace(current, party=party, at=NOON, by=editor, now=NOON)

    raised = [error for error in at_once(*map(replace, parties)) if error]
    assert [type(error) for error in raised] == [Outdated]
    held = Assignment.objects.filter(service=service, superseded_at=None, during__contains=NOON)
    assert held.count() == 1
    assert Assignment.objects.filter(superseded_at=None, during__contains=NOON - timedelta(days=1)).count() == 1


def test_parts_added_together_have_their_own_places() -> None:
    editor, service = make.person(role="editor"), make.service()
    components = [make.component() for _ in range(4)]

    def add(number: int) -> Callable[[], object]:
        return lambda: cataloguing.add_part(service, components[number], role="critical", by=editor, now=NOON)

    assert at_once(*map(add, range(4))) == [None] * 4
    assert sorted(Part.objects.values_list("position", flat=True)) == [0, 1, 2, 3]


def test_of_two_who_name_the_same_team_one_wins() -> None:
    editor = make.person(role="editor")

    def create() -> Team:
        return teams.create(name="Search", by=editor, now=NOON)

    raised = [error for error in at_once(create, create) if error]
    assert [getattr(error, "code", "") for error in raised] == ["name_taken"]


def test_two_admins_cannot_both_leave() -> None:
    admins = [make.person(role=Role.ADMIN), make.person(role=Role.ADMIN)]

    def leave(admin: Person) -> Callable[[], object]:
        return lambda: people.deactivate(admin, by=admin, now=NOON)

    raised = [error for error in at_once(*map(leave, admins)) if error]
    assert [type(error) for error in raised] == [LastAdmin]
    assert Person.objects.filter(role=Role.ADMIN, is_active=True).count() == 1
    connection.close()
