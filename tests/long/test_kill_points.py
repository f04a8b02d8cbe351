"""Never lose, never double: whoever dies, whenever, what is in the database in the end is what one clean run makes.

A recorded stream waits in a real PostgreSQL; real processes digest it and are ended with SIGKILL; a last worker does
what is left.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.long import ending, replaying, stream
from tests.long.ending import State
from tests.long.replaying import Postgres, Workers

POINTS = 64
KILLED = -9


@dataclass(frozen=True)
class Clean:
    """What one worker made of it undisturbed, in how many steps and seconds."""

    state: State
    steps: int
    seconds: float


@pytest.fixture(scope="module")
def clean(postgres: Postgres, workers: Workers) -> Clean:
    """The clean run."""
    postgres.copy("clean")
    begin = time.monotonic()
    steps = workers.run(database="clean").steps
    seconds = time.monotonic() - begin
    return Clean(_state(postgres, "clean"), steps, seconds)


@pytest.fixture
def replay(postgres: Postgres, workers: Workers) -> Iterator[str]:
    """A database with the whole stream waiting."""
    yield postgres.copy("replay")
    postgres.drop("replay")


def _state(postgres: Postgres, database: str) -> State:
    with postgres.connect(database) as connection:
        return ending.read(connection)


def test_the_clean_run_is_what_the_stream_tells(clean: Clean) -> None:
    deliveries = {str(row[0]): row for row in clean.state["deliveries"]}
    states = [row[1] for row in deliveries.values()]
    assert len(states) == len(stream.recorded())
    assert (states.count("waiting"), states.count("rejected")) == (0, 3)
    (refused,) = [row for row in deliveries.values() if "could not be digested" in row[2]]
    assert refused[3] == 3
    services = [row[0]["service_id"] for row in clean.state["incidents"]]
    assert len(services) == 15  # of eight episodes that come and go, three in their own and five in one
    assert services.count(None) == 4
    flapping = [row["text"] for _, row in clean.state["timeline"] if row["kind"] == "flapping"]
    assert flapping == ["Faithfulness is firing: 4 times within 1 h 00; quiet until it holds for 30 min"]
    still_open = {(row[0]["name"]) for row in clean.state["alerts"] if row[0]["resolved_at"] is None}
    assert still_open == {"Unstorable", "DiskFull", "CertificateExpires", "Faithfulness", "Budget"}


def test_a_second_clean_run_ends_alike(postgres: Postgres, workers: Workers, clean: Clean, replay: str) -> None:
    assert workers.run(database=replay).steps == clean.steps
    assert ending.difference(_state(postgres, replay), clean.state) == ""


@pytest.mark.parametrize("point", range(POINTS))
def test_killed_at_any_step(postgres: Postgres, workers: Workers, clean: Clean, replay: str, point: int) -> None:
    step = 1 + (clean.steps - 1) * point // (POINTS - 1)
    worker = workers.start(database=replay, die_at=step)
    assert worker.wait() == KILLED
    workers.run(database=replay)
    assert ending.difference(_state(postgres, replay), clean.state) == ""


@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again(postgres: Postgres, workers: Workers, clean: Clean, replay: str, seed: int) -> None:
    """No worker lives for more than a few batches; together they get there."""
    chance, deaths = random.Random(seed), 0
    while workers.start(database=replay, die_at=chance.randint(1, 250)).wait() == KILLED:
        deaths += 1
    assert deaths > 5
    assert ending.difference(_state(postgres, replay), clean.state) == ""


@pytest.mark.parametrize("seed", range(8))
def test_one_of_two_killed_at_any_moment(
    postgres: Postgres, workers: Workers, clean: Clean, replay: str, seed: int
) -> None:
    """Not between statements but in the midst of them, with another worker at it."""
    chance = random.Random(seed)
    other = workers.start(database=replay)
    for _ in range(4):
        victim = workers.start(database=replay)
        time.sleep(chance.uniform(0, clean.seconds / 3))
        victim.kill()
        victim.wait()
    assert other.wait() == 0
    workers.run(database=replay)
    assert ending.difference(_state(postgres, replay), clean.state) == ""


@pytest.mark.parametrize("seed", range(4))
def test_the_database_crashes(postgres: Postgres, workers: Workers, clean: Clean, replay: str, seed: int) -> None:
    """Immediate stops of PostgreSQL, and the end of single sessions, under two workers."""
    chance = random.Random(seed)
    both = [workers.start(database=replay), workers.start(database=replay)]
    for _ in range(2):
        time.sleep(chance.uniform(0, clean.seconds / 2))
        postgres.cut_sessions(replay)
        time.sleep(chance.uniform(0, clean.seconds / 2))
        postgres.crash()
    assert [worker.wait() for worker in both] == [0, 0]
    workers.run(database=replay)
    assert ending.difference(_state(postgres, replay), clean.state) == ""


def test_a_backlog_becomes_what_it_would_have_become_at_once(
    postgres: Postgres, workers: Workers, clean: Clean
) -> None:
    """Each delivery digested as it came and settled every five seconds: the same as all of it hours later.

    Only how the timeline sums up alerts of one sort depends on which came in one batch.
    """
    postgres.copy("live", "furnished")
    workers.run("live", database="live", stream=str(replaying.recording(postgres)))
    live = _state(postgres, "live")
    postgres.drop("live")
    assert ending.difference(ending.without_sums(live), ending.without_sums(clean.state)) == ""


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_size_of_a_batch_does_not_matter(
    postgres: Postgres, workers: Workers, clean: Clean, replay: str, size: int
) -> None:
    workers.run(database=replay, size=size)
    assert ending.difference(ending.without_sums(_state(postgres, replay)), ending.without_sums(clean.state)) == ""
