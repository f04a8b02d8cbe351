"""Whatever is assigned, replaced, ended and corrected in whatever order: one owner an instant, a past that stays."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ownership import assigning
from ownership.models import Assignment, Person, Team
from ownership.models.assignments import SUBJECTS, Subject, column_of
from ownership.queries import asof, owners
from ownership.vocabulary import AssignmentRole
from tests import factories as make
from tests.factories import NOON
from web.errors import DomainError

DAY = timedelta(days=1)
DAYS = st.integers(min_value=-20, max_value=20)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["assign", "replace", "end", "correct", "retract", "name"]),
        st.integers(0, 3),
        DAYS,
        st.integers(1, 15),
    ),
    min_size=1,
    max_size=6,
)
INSTANTS = [NOON + days * DAY for days in range(-24, 25, 8)]


class OwnersOverTime(TestCase):
    """Each example runs in its own rolled-back transaction."""

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(acts=ACTS, kind=st.sampled_from(SUBJECTS))
    def test_one_owner_an_instant_and_answers_of_the_past_never_change(self, acts: list[Any], kind: str) -> None:
        """After each act, every earlier as-of answer is the same as it was when it was given."""
        service = {"service": make.service, "component": make.component, "dependency": make.seam}[kind]()
        members = [make.person() for _ in range(2)]
        parties = [make.person(), make.team("", *members), *members]
        given_answers: dict[Any, list[str | None]] = {}
        for step, (verb, party, day, length) in enumerate(acts):
            now = NOON + step * timedelta(hours=1)
            _try(verb, service, parties[party], day, length, now=now)
            assert max(_owners_at_each(service), default=0) <= 1
            for known_at, answer in given_answers.items():
                assert _answers(service, known_at=known_at) == answer
            given_answers[now] = _answers(service, known_at=now)
            assert _answers(service, known_at=None) == given_answers[now]


def _try(verb: str, service: Subject, party: Person | Team, day: int, length: int, *, now: Any) -> None:
    at, by = NOON + day * DAY, make.person()
    known = Assignment.objects.filter(**{column_of(service): service}, superseded_at=None).order_by("pk").first()
    try:
        if verb == "assign" or known is None:
            assigning.assign(subject=service, role=AssignmentRole.ACCOUNTABLE, party=party, since=at, by=by, now=now)
        elif verb == "replace":
            assigning.replace(known, party=party, at=at, by=by, now=now)
        elif verb == "retract":
            assigning.retract(known, by=by, now=now)
        elif verb == "name" and isinstance(party, Person):
            assigning.name_answering(known, party, at=at, by=by, now=now)
        elif verb == "end":
            assigning.end(known, at=at, by=by, now=now)
        else:
            assigning.correct(known, party=party, since=at, until=at + length * DAY, by=by, now=now)
    except DomainError:
        pass  # a refusal is an answer too; what counts is what it left behind


def _owners_at_each(service: Subject) -> list[int]:
    rows = Assignment.objects.filter(**{column_of(service): service}, superseded_at=None).values_list(
        "during", flat=True
    )
    counted = Counter(at for during in rows for at in INSTANTS if at in during)
    return list(counted.values())


def _answers(service: Subject, *, known_at: Any) -> list[str | None]:
    """With who of a team answers and since when, and the same as the page of an instant says."""
    kind = column_of(service)
    told = [owners.of_subjects(kind, [service.pk], at=at, known_at=known_at)[service.pk] for at in INSTANTS]
    if known_at is not None:
        page = [asof.as_of(service, at=at, known_at=known_at, now=known_at) for at in INSTANTS]
        assert [one.then for one in page] == told
    return [f"{one.accountable.words} {one.accountable.since}" if one.accountable else None for one in told]
