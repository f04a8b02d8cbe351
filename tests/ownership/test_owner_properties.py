"""Whatever is assigned, replaced, ended and corrected in whatever order: one owner an instant, a past that stays."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ownership import assigning
from ownership.models import Assignment, Person, Service
from ownership.queries import owners
from ownership.vocabulary import AssignmentRole
from tests import factories as make
from tests.factories import NOON
from web.errors import DomainError

DAY = timedelta(days=1)
DAYS = st.integers(min_value=-20, max_value=20)
ACTS = st.lists(
    st.tuples(st.sampled_from(["assign", "replace", "end", "correct"]), st.integers(0, 2), DAYS, st.integers(1, 15)),
    min_size=1,
    max_size=6,
)
INSTANTS = [NOON + days * DAY for days in range(-24, 25, 8)]


class OwnersOverTime(TestCase):
    """Each example runs in its own rolled-back transaction."""

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(acts=ACTS)
    def test_one_owner_an_instant_and_answers_of_the_past_never_change(self, acts: list[Any]) -> None:
        """After each act, every earlier as-of answer is the same as it was when it was given."""
        service, parties = make.service(), [make.person() for _ in range(3)]
        given_answers: dict[Any, list[str | None]] = {}
        for step, (verb, party, day, length) in enumerate(acts):
            now = NOON + step * timedelta(hours=1)
            _try(verb, service, parties[party], day, length, now=now)
            assert max(_owners_at_each(service), default=0) <= 1
            for known_at, answer in given_answers.items():
                assert _answers(service, known_at=known_at) == answer
            given_answers[now] = _answers(service, known_at=now)
            assert _answers(service, known_at=None) == given_answers[now]


def _try(verb: str, service: Service, party: Person, day: int, length: int, *, now: Any) -> None:
    at = NOON + day * DAY
    known = Assignment.objects.filter(service=service, superseded_at=None).order_by("pk").first()
    try:
        if verb == "assign" or known is None:
            assigning.assign(subject=service, role=AssignmentRole.ACCOUNTABLE, party=party, since=at, by=party, now=now)
        elif verb == "replace":
            assigning.replace(known, party=party, at=at, by=party, now=now)
        elif verb == "end":
            assigning.end(known, at=at, by=party, now=now)
        else:
            assigning.correct(known, party=party, since=at, until=at + length * DAY, by=party, now=now)
    except DomainError:
        pass  # a refusal is an answer too; what counts is what it left behind


def _owners_at_each(service: Service) -> list[int]:
    rows = Assignment.objects.filter(service=service, superseded_at=None).values_list("during", flat=True)
    counted = Counter(at for during in rows for at in INSTANTS if at in during)
    return list(counted.values())


def _answers(service: Service, *, known_at: Any) -> list[str | None]:
    told = [owners.of_services([service.pk], at=at, known_at=known_at)[service.pk].accountable for at in INSTANTS]
    return [str(holding.party) if holding else None for holding in told]
