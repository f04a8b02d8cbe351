"""Somebody leaves, something is retired, a proposal lapses, while another act about it is under way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from ownership import assigning, cataloguing, handing_over, people, registering, retiring, teams, waiving
from ownership.models import Alias, Assignment, Handover, Notice, Part, Person, Service, Team, Waiver
from tests import factories as make
from tests.factories import NOON
from tests.ownership.proposals import proposal
from tests.threads import PATIENCE, Other
from web.errors import Invalid

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], object]
SOON = NOON + timedelta(hours=1)
LAPSED = NOON + timedelta(days=20)


def during(first: Act, second: Act) -> Exception | None:
    """What `second` raises when it begins once `first` is done but not committed, and waits for that."""
    other = Other(second)
    with transaction.atomic():
        first()
        other.start()
        assert other.waits_for_us()
    other.join(PATIENCE)
    assert not other.is_alive()
    return other.raised


def _assign(row: Assignment, asked: Handover, by: Person) -> Act:
    party = make.person()
    return lambda: assigning.assign(subject=row.subject, role="deputy", party=party, since=NOON, by=by, now=SOON)


def _replace(row: Assignment, asked: Handover, by: Person) -> Act:
    party = make.person()
    return lambda: assigning.replace(row, party=party, at=NOON, by=by, now=SOON)


def _propose(row: Assignment, asked: Handover, by: Person) -> Act:
    party = make.person()
    handing_over.withdraw(asked, by=by, now=NOON)
    return lambda: handing_over.propose(subject=row.subject, to=party, by=by, now=SOON)


def _accept(row: Assignment, asked: Handover, by: Person) -> Act:
    return lambda: handing_over.accept(asked, by=asked.to, now=SOON)


def _edit(row: Assignment, asked: Handover, by: Person) -> Act:
    return lambda: cataloguing.edit_service(row.subject, tier="t1", by=by, now=SOON)


def _join(row: Assignment, asked: Handover, by: Person) -> Act:
    part = registering.NewPart("Cache", "api")
    return lambda: registering.join_part(row.subject, part, by=by, now=SOON)


@pytest.mark.parametrize(
    ("act", "refused"),
    [
        (_assign, Invalid), (_replace, Invalid), (_propose, Invalid), (_accept, handing_over.Decided),
        (_edit, cataloguing.Retired), (_join, cataloguing.Retired),
    ],
)  # fmt: skip
def test_what_is_retired_meanwhile_is_changed_no_more(
    act: Callable[[Assignment, Handover, Person], Act], refused: type[Exception]
) -> None:
    asked, by = proposal(), make.person()
    row = asked.from_assignment
    second = act(row, asked, by)
    read = Service.objects.get(pk=asked.service.pk)
    raised = during(lambda: retiring.retire_service(read, by=by, now=SOON), second)
    assert type(raised) is refused
    assert "retired" in str(raised) or refused is handing_over.Decided
    assert Assignment.objects.get() == row
    assert not Handover.objects.filter(state__in=["proposed", "accepted"]).exists()
    assert not Part.objects.exists()


def test_what_is_retired_meanwhile_is_not_waived() -> None:
    by, service = make.person(), make.service()
    read = Service.objects.get(pk=service.pk)
    raised = during(
        lambda: retiring.retire_service(read, by=by, now=SOON),
        lambda: waiving.waive(service, reason="Ends soon.", by=by, now=SOON),
    )
    assert isinstance(raised, Invalid)
    assert not Waiver.objects.exists()


def test_a_component_that_is_retired_meanwhile_gets_no_alias_and_its_seams_no_proposal() -> None:
    by, end = make.person(), make.component("Cache")
    seam = make.seam(upstream=end)
    make.assignment(seam, by)
    acts: list[Act] = [
        lambda: cataloguing.add_alias(end, system="job", key="cache", by=by, now=SOON),
        lambda: handing_over.propose(subject=seam, to=make.person(), by=by, now=SOON),
    ]
    for act in acts:
        raised = during(lambda: retiring.retire_component(end, by=by, now=SOON), act)
        assert "Cache is retired" in str(raised)
        retiring.restore_component(end, by=by, now=SOON)
    assert (Alias.objects.count(), Handover.objects.count()) == (0, 0)


@pytest.mark.parametrize("kind", ["person", "team"])
def test_who_leaves_meanwhile_gets_nothing(kind: str) -> None:
    by, member = make.person(role="admin"), make.person()
    party: Person | Team = member if kind == "person" else make.team("", member, make.person())
    asked = proposal(party)
    row, free = make.assignment(make.service(), by), make.assignment(make.service(), by)
    acts: list[Act] = [
        lambda: handing_over.accept(asked, by=member, now=SOON),
        lambda: assigning.assign(subject=make.service(), role="deputy", party=party, since=NOON, by=by, now=SOON),
        lambda: assigning.replace(row, party=party, at=NOON, by=by, now=SOON),
        lambda: handing_over.propose(subject=free.subject, to=party, by=by, now=SOON),
    ]

    def leave() -> None:
        if isinstance(party, Team):
            teams.dissolve(Team.objects.get(pk=party.pk), by=by, now=SOON)
        else:
            people.deactivate(Person.objects.get(pk=party.pk), by=by, now=SOON)

    for act in acts:
        assert isinstance(during(leave, act), Invalid | handing_over.Decided)
        type(party)._default_manager.update(**({"is_active": True} if kind == "person" else {"dissolved_at": None}))
    assert not Assignment.objects.filter(**{kind: party}).exists()
    assert [one.state for one in Handover.objects.all()] == ["withdrawn"]


def test_what_lapses_meanwhile_is_not_accepted() -> None:
    asked = proposal()
    raised = during(
        lambda: handing_over.expire(LAPSED), lambda: handing_over.accept(asked, by=asked.to_person, now=SOON)
    )
    assert isinstance(raised, handing_over.Expired)
    asked.refresh_from_db()
    assert asked.state == "expired"
    assert not Assignment.objects.filter(person=asked.to_person).exists()


@pytest.mark.parametrize("what", ["accepted", "expired"])
def test_the_sweep_waits_for_nobody_and_leaves_what_another_decides(what: str) -> None:
    asked = proposal()
    other = Other(lambda: handing_over.expire(LAPSED))
    with transaction.atomic():
        if what == "accepted":
            handing_over.accept(asked, by=asked.to_person, now=SOON)
        else:
            assert handing_over.expire(LAPSED) == 1
        told = Notice.objects.count()
        other.start()
        assert not other.waits_for_us()
        assert not other.is_alive()
    assert (other.answered, other.raised) == (0, None)
    asked.refresh_from_db()
    assert (asked.state, Notice.objects.count()) == (what, told)
