"""Walks over seams: what is near, what is hit, what softens."""

from __future__ import annotations

from ownership.reckoning import walks
from ownership.reckoning.walks import Seam


def test_what_is_nearest_comes_first() -> None:
    seams = [Seam(1, 1, 2), Seam(2, 2, 3), Seam(3, 1, 3), Seam(4, 3, 1)]
    assert walks.distances([1], seams) == {1: 0, 2: 1, 3: 1}


def test_a_way_is_as_soft_as_its_softest_seam() -> None:
    seams = [Seam(1, 2, 1), Seam(2, 3, 2, "data"), Seam(3, 4, 3), Seam(4, 5, 4, "build")]
    ways = walks.hit_from(1, seams)
    assert ways.hardness == {1: walks.AT_ONCE, 2: walks.AT_ONCE, 3: walks.LATER, 4: walks.LATER, 5: walks.NEXT_BUILD}
    assert ways.way_to(5) == (1, 2, 3, 4, 5)


def test_waits_are_timeouts_times_attempts_where_known() -> None:
    assert [
        Seam(1, 1, 2, timeout_ms=timeout, attempts=attempts).waits_ms
        for timeout, attempts in ((200, 3), (200, None), (None, 3))
    ] == [600, 200, None]


def test_the_softest_role_on_the_way_counts() -> None:
    assert walks.role_on((1, 2, 3), {1: "critical", 3: "supporting"}) == "supporting"
    assert walks.role_on((1, 2, 3), {1: "entry", 2: "fallback", 3: "supporting"}) == "fallback"
