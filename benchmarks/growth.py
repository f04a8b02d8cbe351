"""Makes a catalogue of one size, then measures a round of reads for each line that it is given, printed as JSON."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from benchmarks import catalogue
from ownership.models import Component, Person
from ownership.queries import blast, owners, resolving

EACH = 25


def main(size: int) -> None:
    """Fill; then a round for each line of the input. Run by `manage.py shell`, which sets Django up."""
    settings.ALLOWED_HOSTS = ["testserver"]
    begin = time.monotonic()
    catalogue.fill(size)
    print(f"{size} components made in {time.monotonic() - begin:.1f} s", file=sys.stderr, flush=True)
    hub = Component.objects.order_by("pk")[0]
    addresses = _addresses(hub.pk)
    for _ in sys.stdin:
        print(json.dumps(_measure(hub) | _pages(addresses)), flush=True)


def _measure(hub: Component) -> dict[str, dict[str, float]]:
    """Milliseconds of each read, and the rows it returned where that varies."""
    now = timezone.now()
    count = Component.objects.count()
    ordinary = list(Component.objects.order_by("pk")[count // 2 : count // 2 + EACH])

    def labels_to_owner(number: int) -> None:
        (subject,) = resolving.subjects_of([{"job": ordinary[number % EACH].name.lower()}])
        if subject.service is not None:
            owners.of_services([subject.service.pk], at=now)

    def component_to_owner(number: int) -> None:
        blast.of(ordinary[number % EACH], at=now)

    radius = blast.of(hub, at=now)
    rows = len(radius.components) + len(radius.services)
    return {
        "labels to owner": {"ms": _quickest(labels_to_owner)},
        "component to services to owner": {"ms": _quickest(component_to_owner)},
        "blast radius of the most needed": {"ms": _quickest(lambda _: blast.of(hub, at=now), each=3), "rows": rows},
    }


def _pages(addresses: dict[str, str]) -> dict[str, dict[str, float]]:
    """The same of pages, and how many queries each takes."""
    client = Client()
    client.force_login(Person.objects.order_by("pk")[0])
    measured: dict[str, dict[str, float]] = {}
    for name, url in addresses.items():

        def get(_: int, url: str = url) -> None:
            answer = client.get(url)
            if answer.status_code != 200:
                raise LookupError(f"{url}: {answer.status_code}")

        measured[f"page: {name}"] = {"queries": _queries(get), "ms": _quickest(get, each=3)}
    return measured


def _addresses(hub: int) -> dict[str, str]:
    """The pages measured; those that this version does not have are left out."""
    wanted: list[tuple[str, str, list[Any]]] = [
        ("services", "ownership:services", []),
        ("components", "ownership:components", []),
        ("service", "ownership:service", ["service-0050"]),
        ("map", "ownership:service_map", ["service-0050"]),
        ("latency", "ownership:service_latency", ["service-0050"]),
        ("component, the most needed", "ownership:component", [hub]),
        ("me", "ownership:me", []),
        ("blast radius", "ownership:blast_radius", [hub]),
        ("coverage", "ownership:coverage", []),
    ]
    found = {}
    for name, address, given in wanted:
        try:
            found[name] = reverse(address, args=given)
        except NoReverseMatch:
            print(f"no page {address} here, left out", file=sys.stderr, flush=True)
    return found


def _quickest(act: Callable[[int], object], *, each: int = EACH) -> float:
    """Milliseconds of the quickest of some calls: whatever else the machine does only makes them slower."""
    act(0)
    taken = []
    for number in range(each):
        begin = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - begin) * 1000)
    return min(taken)


def _queries(act: Callable[[int], object]) -> int:
    """How many queries one call takes."""
    count = itertools.count()

    def counted(execute: Any, *given: Any) -> Any:
        next(count)
        return execute(*given)

    with connection.execute_wrapper(counted):
        act(0)
    return next(count)
