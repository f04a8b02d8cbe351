"""Makers of small graphs: components in a row, seams between them, their places in services."""

from __future__ import annotations

from itertools import pairwise

from ownership.models import Component, Dependency, Part, Service
from tests import factories as make


def seam(upstream: Component, downstream: Component, kind: str = "call", **facts: object) -> Dependency:
    """The first needs the second."""
    return Dependency.objects.create(upstream=upstream, downstream=downstream, kind=kind, **facts)


def chain(*names: str, kind: str = "call") -> list[Component]:
    """Components that each need the next."""
    made = [make.component(name) for name in names]
    for upstream, downstream in pairwise(made):
        seam(upstream, downstream, kind)
    return made


def join(service: Service, component: Component, role: str = "critical") -> None:
    """The component becomes a part of the service."""
    Part.objects.create(service=service, component=component, role=role)
