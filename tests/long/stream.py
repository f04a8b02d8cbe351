"""A recorded stream of deliveries, two and a half hours of a bad day: what the crash tests replay.

Bursts lie more than a slice of the digest apart, and well away from the delay after which an incident resolves, so that
one clean run has one right answer.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.incidents.alerts import factories as am

BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SOURCES = ("Cluster east", "Cluster west", "Evals")
POISON = "poison"  # a label text that the worker of the tests makes unstorable


@dataclass(frozen=True)
class Recorded:
    """One request: which source posted it, when it came, its bytes; `id` is the same in every replay."""

    id: uuid.UUID
    source: str
    at: datetime
    body: bytes


def recorded() -> list[Recorded]:
    """The whole stream, in the order of receipt."""
    deliveries = [
        Recorded(uuid.UUID(int=0x5EA << 96 | number), source, _at(minute) + timedelta(milliseconds=number), body)
        for number, (minute, source, body) in enumerate(_said())
    ]
    assert deliveries == sorted(deliveries, key=lambda one: one.at)
    return deliveries


def _said() -> Iterator[tuple[float, str, bytes]]:
    yield from _support_answers_burns()
    yield from _late_and_out_of_order()
    yield from _poison()
    yield from _the_next_incident()
    yield from _nobody_answers()
    yield from _long_flapping()


def _support_answers_burns() -> Iterator[tuple[float, str, bytes]]:
    """Thirty instances in batches and one by one, repeats, exact duplicates, a worse member, a second service."""
    east, west, evals = SOURCES
    for group in range(3):
        batch = [_alert("HighLatency", 0, component="answer-api", instance=f"i{group * 10 + n}") for n in range(10)]
        yield 0, east, am.body(*batch)
        yield 0, east, am.body(*batch)  # the sender's retry
    for n in range(12):
        yield 0.5, west, am.body(_alert("ErrorRate", 0.5, service="fraud-score", shard=str(n % 4)))
    yield 2, east, am.body(_alert("Down", 2, component="answer-api", severity="critical"))
    yield 2, evals, am.body(_alert("Faithfulness", 1.5, component="answer-index", severity="info"))
    for group in range(3):
        batch = [_alert("HighLatency", 0, component="answer-api", instance=f"i{group * 10 + n}") for n in range(10)]
        yield 5, east, am.body(*batch)  # repeat_interval
    for n in range(30):
        yield 8, east, am.body(_alert("HighLatency", 0, 7.5, component="answer-api", instance=f"i{n}"))
    yield 9, east, am.body(_alert("Down", 2, 8.7, component="answer-api", severity="critical"))
    yield 9, west, am.body(*[_alert("ErrorRate", 0.5, 8.8, service="fraud-score", shard=str(n)) for n in range(4)])


def _late_and_out_of_order() -> Iterator[tuple[float, str, bytes]]:
    """A resolve before its firing, a firing older than the recorded resolve, a late resolve between two episodes."""
    east, west, evals = SOURCES
    yield 9.4, evals, am.body(_alert("Faithfulness", 1.5, 9.3, component="answer-index", severity="info"))
    for n in range(6):
        yield 9.4, west, am.body(_alert("Drift", 9.1, 9.3, component="answer-index", feature=str(n)))
    for n in range(6):
        yield 9.6, west, am.body(_alert("Drift", 9.1, component="answer-index", feature=str(5 - n)))
    yield (
        9.6,
        east,
        am.body(_alert("HighLatency", 0, component="answer-api", instance="i3")),
    )  # overtaken by its resolve
    yield 9.8, east, am.body(_alert("Restarts", 9.5, component="answer-api", instance="z"))
    yield 9.8, east, am.body(_alert("Restarts", 9.7, component="answer-api", instance="z"))
    yield 9.9, east, am.body(_alert("Restarts", 9.5, 9.6, component="answer-api", instance="z"))
    yield 10, east, am.body(_alert("Restarts", 9.7, 9.9, component="answer-api", instance="z"))


def _poison() -> Iterator[tuple[float, str, bytes]]:
    """What is not JSON, no alert, half readable, or refused by the database: the rest goes on."""
    east, west, evals = SOURCES
    yield 12, west, b"{broken"
    yield 12, west, b'{"labels": {"severity": "warning"}}'
    yield 12, evals, am.body(_alert("Toxicity", 12, service="fraud-score"), {"status": "odd", "labels": {"a": "b"}})
    yield 12, east, am.body(_alert("Refused", 12, service="fraud-score", severity=POISON))
    for n in range(9):
        yield 12, east, am.body(_alert(f"Single{n}", 12, component="scorer"))
    yield 12, west, am.body(_alert("Unstorable", 12, service="fraud-score", summary="a\x00b\ud800"))
    for n in range(9):
        yield 12.4, east, am.body(_alert(f"Single{n}", 12, 12.3, component="scorer"))
    yield 12.4, evals, am.body(_alert("Toxicity", 12, 12.3, service="fraud-score"))


def _the_next_incident() -> Iterator[tuple[float, str, bytes]]:
    """After the quiet delay the same service burns again; past the window of an open one a successor opens."""
    east, west, _ = SOURCES
    for n in range(8):
        yield 16, east, am.body(_alert("HighLatency", 16, component="answer-api", instance=f"i{n}"))
    for n in range(8):
        yield 60, east, am.body(_alert("Saturation", 60, component="answer-api", instance=f"i{n}"))
    yield 60.2, east, am.body(_alert("Saturation", 16.5, component="answer-api", instance="late"))
    for n in range(8):
        yield 75, east, am.body(_alert("HighLatency", 16, 74.5, component="answer-api", instance=f"i{n}"))
        yield 75, east, am.body(_alert("Saturation", 60, 74.6, component="answer-api", instance=f"i{n}"))
    yield 75.1, east, am.body(_alert("Saturation", 16.5, 74.6, component="answer-api", instance="late"))
    yield 77, west, am.body(_alert("ErrorRate", 77, service="fraud-score", shard="0"))
    yield 79, west, am.body(_alert("ErrorRate", 77, 78.5, service="fraud-score", shard="0"))


def _nobody_answers() -> Iterator[tuple[float, str, bytes]]:
    """What resolves to nothing, once for each name, at two sources with the same fingerprints."""
    east, west, _ = SOURCES
    for source in (east, west):
        for name in ("DiskFull", "CertificateExpires"):
            yield 85, source, am.body(*[_alert(name, 85, host=f"h{n}", fingerprint=f"{name}-{n}") for n in range(5)])
    yield (
        86,
        east,
        am.body(*[_alert("DiskFull", 85, 85.9, host=f"h{n}", fingerprint=f"DiskFull-{n}") for n in range(5)]),
    )


def _long_flapping() -> Iterator[tuple[float, str, bytes]]:
    """An alert that comes and goes, each time a new episode; the last stays."""
    _, west, evals = SOURCES
    for n in range(8):
        began = 90 + n * 6
        yield began, evals, am.body(_alert("Faithfulness", began, component="answer-index", severity="critical"))
        if n < 7:
            ended = _alert("Faithfulness", began, began + 0.2, component="answer-index", severity="critical")
            yield began + 0.3, evals, am.body(ended)
        if n % 3 == 0:
            yield began + 0.5, west, am.body(_alert("Budget", began, service="fraud-score", n=str(n)))


def _alert(name: str, starts: float, ends: float | None = None, **said: Any) -> dict[str, Any]:
    return am.alert(name, starts=_at(starts), ends=None if ends is None else _at(ends), **said)


def _at(minute: float) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def as_json(deliveries: list[Recorded]) -> str:
    """The stream as the seeding process reads it."""
    return json.dumps([[str(one.id), one.source, one.at.isoformat(), one.body.decode()] for one in deliveries])
