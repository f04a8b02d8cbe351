"""The law of episodes: whatever the order of arrival, what in-order delivery would have made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from incidents.alerts.episodes import INSTANTS, Episode, Mark, fold
from incidents.alerts.sources.reading import Reading, State
from tests.factories import NOON

Shape = tuple[int, int | None, bool]  # start, end, whether it was seen firing


def mark(state: State, at: int, began: int | None = None, *, received: int = 0) -> Mark:
    start = None if began is None else NOON + timedelta(minutes=began)
    reading = Reading("k", state, f"{state} at {at}")
    return Mark(reading, NOON + timedelta(minutes=at), start, NOON + timedelta(minutes=received))


def fire(at: int, **more: int) -> Mark:
    return mark(State.FIRING, at, at, **more)


def resolve(at: int, began: int | None = None) -> Mark:
    return mark(State.RESOLVED, at, began)


def one_by_one(marks: Sequence[Mark]) -> list[Episode]:
    """Each mark in a batch of its own."""
    episodes: list[Episode] = []
    for one in marks:
        episodes = fold(episodes, [one])
    return episodes


def shapes(episodes: Sequence[Episode]) -> list[Shape]:
    return [
        (minute(one.started_at), minute(one.resolved_at) if one.resolved_at else None, one.times_seen > 0)
        for one in episodes
    ]


def minute(at: datetime) -> int:
    return int((at - NOON).total_seconds() // 60)


def seen(episodes: Sequence[Episode]) -> list[Shape]:
    """Without the resolves that wait for a firing that never came."""
    return [shape for shape in shapes(episodes) if shape[2]]


def test_a_firing_opens_and_its_repeat_counts() -> None:
    (episode,) = one_by_one([fire(0), fire(0, received=3)])
    assert (episode.times_seen, episode.resolved_at) == (2, None)
    assert episode.last_received_at == NOON + timedelta(minutes=3)


def test_the_newest_firing_is_what_is_shown() -> None:
    (episode,) = one_by_one([fire(5), fire(2)])
    assert episode.shown is not None
    assert episode.shown.title == "firing at 5"


def test_no_data_is_no_resolve() -> None:
    assert shapes(one_by_one([fire(0), mark(State.NO_DATA, 5)])) == [(0, None, True)]


def test_an_acknowledgement_opens_nothing() -> None:
    assert one_by_one([mark(State.ACKNOWLEDGED, 5)]) == []


def test_a_resolve_without_a_start_is_held_for_an_older_firing() -> None:
    assert shapes(one_by_one([resolve(5)])) == [(5, 5, False)]
    assert shapes(one_by_one([resolve(5), fire(2)])) == [(2, 5, True)]


def test_a_second_resolve_of_the_same_episode_changes_nothing() -> None:
    assert shapes(one_by_one([fire(0), resolve(5, 0), resolve(7, 0)])) == [(0, 5, True)]


def test_the_earlier_of_two_resolves_wins() -> None:
    assert shapes(one_by_one([fire(0), resolve(7, 0), resolve(5, 0)])) == [(0, 5, True)]


def test_an_instant_counts_as_fired_before_resolved() -> None:
    assert shapes(one_by_one([resolve(5, 5), fire(5)])) == [(5, 5, True)]


def test_a_start_inside_an_ended_episode_begins_where_it_fired() -> None:
    again = mark(State.FIRING, 9, 0)
    assert shapes(one_by_one([fire(0), resolve(5, 0), again])) == [(0, 5, True), (9, None, True)]


@st.composite
def alertmanager_streams(draw: st.DrawFn) -> tuple[list[Mark], list[Mark]]:
    """A problem's life as Alertmanager tells it (each episode keeps its start), in order, and shuffled with repeats."""
    times = sorted(draw(st.lists(st.integers(0, 60), min_size=2, max_size=8, unique=True)))
    in_order = []
    for began, ended in zip(times[::2], times[1::2], strict=False):
        in_order += [fire(began), resolve(ended, began)]
    if len(times) % 2 or draw(st.booleans()):
        in_order.append(fire(times[-1] + 1))
    repeats = draw(st.lists(st.sampled_from(in_order), max_size=4))
    return in_order, draw(st.permutations([*in_order, *repeats]))


@given(alertmanager_streams())
def test_the_order_of_arrival_does_not_matter(stream: tuple[list[Mark], list[Mark]]) -> None:
    in_order, shuffled = stream
    assert shapes(one_by_one(shuffled)) == shapes(one_by_one(in_order))


@given(alertmanager_streams(), st.integers(1, 5))
def test_how_the_stream_is_cut_into_batches_does_not_matter(stream: tuple[list[Mark], list[Mark]], size: int) -> None:
    in_order, shuffled = stream
    episodes: list[Episode] = []
    for start in range(0, len(shuffled), size):
        episodes = fold(episodes, shuffled[start : start + size])
    assert shapes(episodes) == shapes(one_by_one(in_order))


@given(st.data())
def test_senders_that_tell_no_start_end_alike_too(data: st.DataObject) -> None:
    """Firings and resolves take turns, each at its own time: the same episodes in any order of arrival."""
    times = sorted(data.draw(st.lists(st.integers(0, 60), min_size=1, max_size=6, unique=True)))
    states = [State.FIRING if place % 2 == 0 else State.RESOLVED for place in range(len(times))]
    in_order = [mark(state, at) for state, at in zip(states, times, strict=True)]
    shuffled = data.draw(st.permutations(in_order))
    assert seen(one_by_one(shuffled)) == seen(one_by_one(in_order))


@given(alertmanager_streams())
def test_at_most_one_episode_is_open_and_none_overlap(stream: tuple[list[Mark], list[Mark]]) -> None:
    found = shapes(one_by_one(stream[1]))
    assert sum(end is None for _, end, _ in found) <= 1
    for (_, end, _), (start, _, _) in pairwise(found):
        assert end is not None
        assert end <= start


def test_of_a_long_story_the_first_and_the_latest_are_remembered() -> None:
    (episode,) = one_by_one([fire(number) for number in range(200)])
    assert len(episode.firings) == INSTANTS
    assert (episode.times_seen, min(episode.firings), episode.last_event_at) == (
        200,
        NOON,
        NOON + timedelta(minutes=199),
    )


def test_an_acknowledgement_is_news_of_the_episode() -> None:
    (episode,) = one_by_one([fire(0), mark(State.ACKNOWLEDGED, 5, received=6)])
    assert (episode.times_seen, episode.last_received_at) == (1, NOON + timedelta(minutes=6))
