"""The trial of a policy and the digest agree: one pure module decides in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from incidents.alerts import settling
from incidents.alerts.models import Alert, Source
from incidents.alerts.queries import trials
from incidents.response.models import Incident
from incidents.response.policies import Said
from incidents.response.queries import policies
from ownership.models import Person
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

REGIONS = ("eu", "us")
UNTIL = minutes(600)


@dataclass(frozen=True)
class Life:
    """One episode: which problem, when it began, when it ended (None: it still fires), when its firing was repeated."""

    problem: int
    starts: float
    ends: float | None
    repeats: tuple[float, ...] = ()

    def told(self, at: float, *, ended: bool = False) -> dict[str, Any]:
        """As the sender tells it at that minute."""
        assert self.starts <= at
        ends = minutes(self.ends) if ended and self.ends is not None else None
        region = REGIONS[self.problem % 2]
        return am.alert(f"P{self.problem}", starts=minutes(self.starts), ends=ends, service="answers", region=region)


@st.composite
def lives(draw: st.DrawFn) -> list[Life]:
    """Episodes of up to four problems, some of them coming and going, each told as it happens."""
    found = []
    for problem in range(draw(st.integers(1, 4))):
        clock = draw(st.integers(0, 120)) + problem * 0.011
        for _ in range(draw(st.integers(1, 7))):
            ends = clock + draw(st.sampled_from([1, 3, 10, 50]))
            repeats = tuple(clock + (ends - clock) * part for part in draw(st.sampled_from([(), (0.5,), (0.3, 0.7)])))
            found.append(Life(problem, clock, ends, repeats))
            clock = ends + draw(st.sampled_from([1, 2, 6, 11, 25, 70]))
        if draw(st.booleans()):
            found.append(Life(problem, clock, None))
    return found


said = st.builds(
    Said,
    labels=st.sampled_from([[], ["region"]]),
    window_minutes=st.sampled_from([4, 15, 45]),
    quiet_seconds=st.sampled_from([0, 90, 600]),
    reopen_minutes=st.sampled_from([0, 10, 40]),
    longest_minutes=st.sampled_from([60, 240]),
    flap_times=st.sampled_from([0, 2, 3]),
    flap_minutes=st.sampled_from([20, 60]),
    calm_minutes=st.sampled_from([8, 30]),
)


def _moments(of: Sequence[Life]) -> list[tuple[float, dict[str, Any]]]:
    """What the sender posts, in order."""
    found = []
    for life in of:
        found += [(at, life.told(at)) for at in (life.starts, *life.repeats)]
        if life.ends is not None:
            found.append((life.ends, life.told(life.ends, ended=True)))
    return sorted(found, key=lambda one: one[0])


def _together(groups: Sequence[tuple[Any, int]]) -> set[frozenset[Any]]:
    """Which are together, whatever the groups are called."""
    return {frozenset(one for one, group in groups if group == wanted) for _, wanted in groups}


def _digested(source: Source, of: Sequence[Life]) -> None:
    """Each delivery as it comes, settled as often as one comes."""
    for number, (at, one) in enumerate(_moments(of)):
        when = minutes(at) + timedelta(microseconds=number)
        settling.settle(now=when)
        am.send(source, one, at=when)


class TrialsOfPolicies(TestCase):
    """Each example runs in its own rolled-back transaction."""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(of=lives(), said=said)
    def test_a_trial_makes_of_a_stream_what_the_digest_made_of_it(self, of: list[Life], said: Said) -> None:
        """With the policy in force, nothing differs; the same alerts are together."""
        with transaction.atomic(), override_settings(QUIET_SECONDS=60):
            service = make.service("Answers")
            policy = am.policy(service, **asdict(said))
            _digested(am.source(), of)
            rows = Alert.objects.filter(times_seen__gt=0).order_by("started_at", "problem_key")
            became = _together([((one.problem_key, one.started_at), one.incident_id or 0) for one in rows])
            trial = trials.of(Person(role="admin"), service, policy.rules, in_force=policies.rules_of(None), now=UNTIL)
            assert len(became) == Incident.objects.count() == trial.would == trial.was
            assert list(trial.differences) == []
            transaction.set_rollback(True)
