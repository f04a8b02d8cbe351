"""Two people decide on a hand-over at the same moment: exactly one wins, the other gets a clear answer."""

from __future__ import annotations

import pytest

from ownership import assigning, handing_over
from ownership.models import Assignment, Handover
from tests import factories as make
from tests.factories import NOON
from tests.ownership.proposals import proposal
from tests.ownership.test_concurrency import at_once
from web.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_accept_exactly_one_wins() -> None:
    for _ in range(5):
        first, second = make.person(), make.person()
        asked = proposal(make.team("", first, second))
        raised = at_once(
            lambda asked=asked, first=first: handing_over.accept(asked, by=first, now=NOON),
            lambda asked=asked, second=second: handing_over.accept(asked, by=second, now=NOON),
        )
        refused = [error for error in raised if error]
        assert [type(error) for error in refused] == [handing_over.Decided]
        assert "accepted already" in str(refused[0])
        asked.refresh_from_db()
        winner = (first, second)[0 if raised[0] is None else 1]
        assert (asked.state, asked.decided_by) == ("accepted", winner)
        held = Assignment.objects.filter(service=asked.service, superseded_at=None, during__contains=NOON)
        assert [row.party for row in held] == [asked.to]


def test_accepted_or_withdrawn_never_both() -> None:
    for _ in range(5):
        asked = proposal()
        raised = at_once(
            lambda asked=asked: handing_over.accept(asked, by=asked.to, now=NOON),
            lambda asked=asked: handing_over.withdraw(asked, by=asked.proposed_by, now=NOON),
        )
        assert sorted(type(error).__name__ for error in raised if error) == ["Decided"]
        asked.refresh_from_db()
        now_held = Assignment.objects.get(service=asked.service, superseded_at=None, during__contains=NOON)
        assert (asked.state == "accepted") == (now_held.party == asked.to)


def test_accepting_while_an_editor_names_somebody_else_meets_no_deadlock() -> None:
    for _ in range(5):
        asked, other = proposal(), make.person()
        raised = at_once(
            lambda asked=asked: handing_over.accept(asked, by=asked.to, now=NOON),
            lambda asked=asked, other=other: assigning.replace(
                asked.from_assignment, party=other, at=NOON, by=other, now=NOON
            ),
        )
        refused = [error for error in raised if error]
        assert len(refused) == 1
        assert isinstance(refused[0], DomainError)
        held = Assignment.objects.get(service=asked.service, superseded_at=None, during__contains=NOON)
        assert held.party in {asked.to, other}


def test_of_two_proposals_one_wins() -> None:
    owner = make.person()
    service = make.service(owner=owner)
    raised = at_once(
        lambda: proposal(make.person(), subject=service, by=owner),
        lambda: proposal(make.person(), subject=service, by=owner),
    )
    assert [getattr(error, "code", "") for error in raised if error] == ["handover_open"]
    assert Handover.objects.count() == 1
