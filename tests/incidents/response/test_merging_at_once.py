"""Two who merge at the same moment: one after the other, no ring, no deadlock, nobody in two places."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from incidents.response import confiding, merging, participating
from incidents.response.models import Incident, IncidentMerge, Participation
from incidents.response.queries import merged
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.ownership.test_concurrency import at_once
from web.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)


def merge(one: Incident, into: Incident, by: Person) -> Callable[[], object]:
    return lambda: merging.merge(one, into=into, by=by, now=NOON)


def codes(raised: list[Exception | None]) -> list[str]:
    return sorted(error.code if isinstance(error, DomainError) else repr(error) for error in raised if error)


def test_into_each_other_only_one_goes() -> None:
    for _ in range(3):
        by = make.person()
        one, other = make.incident(by=by), make.incident(by=by)
        assert codes(at_once(merge(one, other, by), merge(other, one, by))) in (["merge_ring"], ["merged"])
        assert IncidentMerge.objects.filter(merged__in=[one, other], ended_at=None).count() == 1


def test_three_in_a_circle_end_in_one() -> None:
    by = make.person()
    a, b, c = (make.incident(by=by) for _ in range(3))
    raised = at_once(merge(a, b, by), merge(b, c, by), merge(c, a, by))
    assert len(codes(raised)) == 1
    assert len(set(merged.heads([a.pk, b.pk, c.pk]).values())) == 1


def test_one_into_two_goes_to_one() -> None:
    by = make.person()
    one, first, second = (make.incident(by=by) for _ in range(3))
    assert codes(at_once(merge(one, first, by), merge(one, second, by))) == ["merged"]


def test_undone_twice_at_once_is_undone_once() -> None:
    by = make.person()
    one, other = make.incident(by=by), make.incident(by=by)
    merging.merge(one, into=other, by=by, now=NOON)

    def undo() -> object:
        return merging.undo(one, by=by, now=NOON)

    assert codes(at_once(undo, undo)) == ["not_merged"]


def test_a_role_given_to_two_at_once_has_one_holder() -> None:
    incident = make.incident()
    people = [make.person(), make.person()]

    def give(to: Person) -> Callable[[], object]:
        return lambda: participating.give_role(incident, "lead", to=to, by=to, now=NOON)

    assert codes(at_once(*map(give, people))) == []
    assert Participation.objects.filter(incident=incident, role="lead", ended_at=None).count() == 1


def test_what_is_merged_into_one_while_that_becomes_private_is_private_too_or_stays_apart() -> None:
    for _ in range(4):
        by = make.person()
        one, other = make.incident(by=by), make.incident(by=by)

        def confide(head: Incident = other, by: Person = by) -> object:
            return confiding.make_private(head, reason="x", by=by, now=NOON)

        assert codes(at_once(merge(one, other, by), confide)) in ([], ["privacy_differs"])
        one.refresh_from_db()
        assert one.private == (one.merged_into_id is not None)
