"""The archetypes' plans can be kept as they are proposed."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from ownership import archetypes
from ownership.archetypes import ArchetypePlan, PlannedSeam
from ownership.vocabulary import Archetype, DependencyKind, PartRole

every = pytest.mark.parametrize("plan", archetypes.every(), ids=lambda plan: plan.archetype)


def _walks(plan: ArchetypePlan, key: str, walked: tuple[PlannedSeam, ...] = ()) -> list[tuple[PlannedSeam, ...]]:
    calls = [seam for seam in plan.seams if seam.upstream == key and seam.kind == DependencyKind.CALL]
    onward = [walk for seam in calls for walk in _walks(plan, seam.downstream, (*walked, seam))]
    return onward or [walked]


def test_each_word_of_the_vocabulary_has_its_plan() -> None:
    assert [plan.archetype for plan in archetypes.every()] == list(Archetype)


def test_another_word_is_refused() -> None:
    with pytest.raises(ValueError, match="blender"):
        archetypes.of("blender")


@every
def test_seams_join_two_different_parts_of_the_plan_once(plan: ArchetypePlan) -> None:
    keys = [part.key for part in plan.parts]
    assert len(set(keys)) == len(keys)
    assert len({part.name.lower() for part in plan.parts}) == len(keys)
    assert {end for seam in plan.seams for end in (seam.upstream, seam.downstream)} <= set(keys)
    assert all(seam.upstream != seam.downstream for seam in plan.seams)
    assert len({(seam.upstream, seam.downstream, seam.kind) for seam in plan.seams}) == len(plan.seams)


@every
def test_nothing_that_is_planned_would_be_called_missing(plan: ArchetypePlan) -> None:
    assert plan.expected <= {part.kind for part in plan.parts}


@every
def test_a_request_enters_at_one_place(plan: ArchetypePlan) -> None:
    assert [part.role for part in plan.parts].count(PartRole.ENTRY) == 1
    assert plan.parts[0].role == PartRole.ENTRY


@every
def test_the_shares_leave_something_of_the_budget(plan: ArchetypePlan) -> None:
    assert sum((seam.latency_share or Decimal(0) for seam in plan.seams), Decimal(0)) < 100
    assert 0 < plan.objective < 100
    assert 0 < plan.latency_percentile < 100


@every
def test_no_inner_call_outlives_the_outer_one(plan: ArchetypePlan) -> None:
    for walk in _walks(plan, plan.parts[0].key):
        for outer, inner in pairwise(walk):
            assert (inner.timeout_ms or 0) * (inner.attempts or 1) <= (outer.timeout_ms or 0)
        assert all((seam.timeout_ms or 0) * (seam.attempts or 1) <= plan.latency_budget_ms for seam in walk)


@every
def test_data_seams_say_what_the_reader_expects(plan: ArchetypePlan) -> None:
    for seam in plan.seams:
        assert bool(seam.unit and seam.freshness_minutes) == (seam.kind == DependencyKind.DATA)


def test_no_plan_is_without_its_reasons() -> None:
    assert all(part.why.endswith(".") for plan in archetypes.every() for part in plan.parts)
