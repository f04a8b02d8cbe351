"""Whatever is proposed and decided in whatever order: no instant without an owner, none with two."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ownership import handing_over
from ownership.models import Assignment, Handover, Person, Service
from tests import factories as make
from tests.factories import NOON
from web.errors import DomainError

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "accept", "decline", "withdraw", "lapse"]),
        st.integers(0, 2),
        st.one_of(st.none(), st.integers(-400, 400)),
        st.integers(1, 96),
    ),
    min_size=1,
    max_size=5,
)


class HandoversOverTime(TestCase):
    """Each example runs in its own rolled-back transaction."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(steps=STEPS)
    def test_no_instant_is_ownerless_around_a_hand_over(self, steps: list[Any]) -> None:
        """From the first owner's begin on, for ever, exactly one party answers; each accepted one from its time."""
        parties = [make.person() for _ in range(3)]
        service = make.service(owner=parties[0])
        now = NOON
        for decision, party, hours, wait in steps:
            accepted = _step(decision, service, parties[party], hours, now=now, later=now + wait * HOUR)
            now += wait * HOUR
            _assert_unbroken(service)
            if accepted is not None:
                at = accepted.effective_at
                assert at is not None
                assert _owners(service, at) == [accepted.to]
                if accepted.from_assignment.during.lower < at:  # else they never answered, as is known now
                    assert _owners(service, at - TICK) == [accepted.from_assignment.party]


def _step(
    decision: str, service: Service, party: Person, hours: int | None, *, now: datetime, later: datetime
) -> Handover | None:
    at = None if hours is None else now + hours * HOUR
    try:
        asked = handing_over.propose(subject=service, to=party, effective_at=at, by=party, now=now)
        if decision == "accept":
            return handing_over.accept(asked, by=party, now=later)
        if decision == "decline":
            handing_over.decline(asked, reason="No.", by=party, now=later)
        elif decision == "withdraw":
            handing_over.withdraw(asked, by=party, now=later)
        else:
            handing_over.expire(asked.expires_at)
    except DomainError:
        Handover.objects.filter(state="proposed").update(state="expired", decided_at=now)
    return None


def _assert_unbroken(service: Service) -> None:
    """The known rows join without gap or overlap, and the last one has no end."""
    rows = Assignment.objects.filter(service=service, superseded_at=None, role="accountable").order_by("during")
    spans = [row.during for row in rows]
    assert [span.upper for span in spans[:-1]] == [span.lower for span in spans[1:]]
    assert spans[-1].upper is None


def _owners(service: Service, at: datetime) -> list[Any]:
    rows = Assignment.objects.filter(service=service, superseded_at=None, during__contains=at)
    return [row.party for row in rows]
