"""The ladder, whoever is killed: each rung is told once, none is forgotten."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.long.replaying import Postgres, Workers
from tests.long.stack import until
from tests.long.test_under_fire import DATABASE, Services, _new_broker

POINTS = 24
KILLED = -9
INCIDENTS = 3
STEPS = """
SELECT escalation.incident_id - (SELECT min(id) FROM incidents_incident), step.rung, step.told, escalation.ended_how
FROM incidents_escalationstep AS step JOIN incidents_escalation AS escalation ON escalation.id = step.escalation_id
ORDER BY 1, 2
"""
NOTICES = "SELECT person_id, text FROM ownership_notice WHERE key LIKE 'incident:%' ORDER BY 1, 2"
ROWS = "SELECT incident_id, text FROM incidents_timelinerow WHERE kind = 'escalated' ORDER BY 1, 2"


def state(postgres: Postgres, database: str) -> list[list[tuple[Any, ...]]]:
    """Who was told what, without the spans of time that stand in words."""
    with postgres.connect(database) as connection:
        steps, notices, rows = (connection.execute(query).fetchall() for query in (STEPS, NOTICES, ROWS))
    return [steps, [(person, text.partition(" within ")[0]) for person, text in notices], rows]


@pytest.fixture(scope="module")
def opened(postgres: Postgres, workers: Workers) -> str:
    """A template with incidents that nobody has taken."""
    name = postgres.copy("opened", "furnished")
    workers.run("ladder", database=name, count=INCIDENTS)
    return name


@pytest.fixture(scope="module")
def clean(postgres: Postgres, workers: Workers, opened: str) -> tuple[list[list[tuple[Any, ...]]], int]:
    """What one worker tells undisturbed, and in how many steps."""
    database = postgres.copy("climbed", opened)
    steps = workers.run("climb", database=database, later=0).steps
    told = state(postgres, database)
    assert [row[1] for row in told[0]] == [1, 2, 3] * INCIDENTS
    assert {row[3] for row in told[0]} == {"exhausted"}
    assert len(told[1]) == INCIDENTS * 4
    return told, steps


@pytest.mark.parametrize("point", range(POINTS))
def test_killed_at_any_step(postgres: Postgres, workers: Workers, opened: str, clean: Any, point: int) -> None:
    told, steps = clean
    database = postgres.copy("killed", opened)
    worker = workers.start("climb", database=database, later=0, die_at=1 + (steps - 1) * point // (POINTS - 1))
    assert worker.wait() == KILLED
    workers.run("climb", database=database, later=60)
    assert state(postgres, database) == told
    postgres.drop(database)


@pytest.fixture
def services(postgres: Postgres, workers: Workers) -> Iterator[Services]:
    """Web, Celery's worker and its scheduler, as they run."""
    postgres.copy(DATABASE, "furnished")
    _new_broker(postgres)
    services = Services(postgres)
    yield services
    services.end()
    postgres.drop(DATABASE)


def _rungs(postgres: Postgres) -> list[int]:
    with postgres.connect(DATABASE) as connection:
        return [
            row[0] for row in connection.execute("SELECT rung FROM incidents_escalationstep ORDER BY id").fetchall()
        ]


def test_a_real_worker_is_killed_between_the_rungs(postgres: Postgres, workers: Workers, services: Services) -> None:
    workers.run("ladder", database=DATABASE, count=1, live=True)
    until(lambda: _rungs(postgres) == [1], 60, saying=services.words())
    chance = random.Random(7)
    for rung in (2, 3):
        services.kill("worker")
        with postgres.connect(DATABASE) as connection:  # a quarter of an hour passes while nobody works
            connection.execute("UPDATE incidents_escalation SET due_at = due_at - interval '15 minutes'")
        time.sleep(6)
        assert _rungs(postgres) == list(range(1, rung))
        services.start("worker")
        time.sleep(chance.uniform(0, 4))
        services.kill("worker")  # perhaps amid the sweep
        services.start("worker")
        until(lambda rung=rung: _rungs(postgres) == list(range(1, rung + 1)), 60, saying=services.words())
    with postgres.connect(DATABASE) as connection:
        told = connection.execute(
            "SELECT person.name, count(*) FROM ownership_notice AS notice"
            " JOIN ownership_person AS person ON person.id = notice.person_id"
            " WHERE notice.key LIKE 'incident:%' GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert told == [("Deputy", 1), ("Next one", 1), ("Next two", 1), ("Owner of Support answers", 1)]
