"""The alerts that are posted: 2,000 resources × 20 event names, to us one a body or a hundred, to the peer one."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

RESOURCES, NAMES, BATCH = 2000, 20, 100
STARTS = "2026-01-05T12:00:00.000Z"
Bodies = Callable[[int], Iterator[bytes]]


def ours(connection: int) -> Iterator[bytes]:
    """Single alerts, another place to begin for each connection."""
    return _from(_singles(), connection)


def peers(connection: int) -> Iterator[bytes]:
    """The same alerts in the words of the peer's API."""
    return _from(_of_peer(), connection)


def batches(count: int, *, first: int) -> list[bytes]:
    """So many bodies of a hundred alerts, of problems numbered from `first`."""
    return [
        _body(*(_alert(first + number * BATCH + place) for place in range(BATCH))).encode() for number in range(count)
    ]


def service(number: int) -> str:
    """The slug of the service that the alerts of one name are about."""
    return f"bench-{number % NAMES}"


def _from(bodies: list[bytes], connection: int) -> Iterator[bytes]:
    begin = connection * 7919 % len(bodies)
    return itertools.cycle(bodies[begin:] + bodies[:begin])


@functools.cache
def _singles() -> list[bytes]:
    """Made before, not between."""
    return [_body(_alert(number)).encode() for number in range(RESOURCES * NAMES)]


@functools.cache
def _of_peer() -> list[bytes]:
    return [
        json.dumps(
            {
                "resource": f"resource-{number // NAMES}",
                "event": f"Event{number % NAMES}",
                "environment": "Production",
                "severity": "warning",
                "service": [service(number)],
                "text": f"Event{number % NAMES} on resource {number // NAMES}",
                "tags": ["job=bench"],
                "createTime": STARTS,
            }
        ).encode()
        for number in range(RESOURCES * NAMES)
    ]


def _body(*alerts: dict[str, Any]) -> str:
    group = {"version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing", "receiver": "seamline"}
    return json.dumps({**group, "commonLabels": {"job": "bench"}, "alerts": alerts})


def _alert(number: int) -> dict[str, Any]:
    name, resource = f"Event{number % NAMES}", number // NAMES
    return {
        "status": "firing",
        "labels": {
            "alertname": name,
            "instance": f"resource-{resource}",
            "severity": "warning",
            "job": "bench",
            "service": service(number),
        },
        "annotations": {"summary": f"{name} on resource {resource}", "description": "Made by the benchmark."},
        "startsAt": STARTS,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.org/graph?g0.expr=up",
        "fingerprint": f"{number:016x}",
    }
