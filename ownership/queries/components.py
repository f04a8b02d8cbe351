"""Reads for the pages about components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from ownership.models import Alias, Component, Dependency, Part
from web.pagination import slice_of

SUGGESTED = 200


@dataclass(frozen=True)
class ComponentRow:
    """One line of the list."""

    component: Component
    services: Sequence[str]


@dataclass(frozen=True)
class ComponentList:
    """A page of the list and the cursor of the next."""

    rows: Sequence[ComponentRow]
    following: str | None


@dataclass(frozen=True)
class ComponentPage:
    """All that a component's page shows of its own."""

    component: Component
    parts: Sequence[Part]
    aliases: Sequence[Alias]
    needs: Sequence[Dependency]
    needed_by: Sequence[Dependency]


def listed(*, kind: str = "", alone: bool = False, named: str = "", after: str | None = None) -> ComponentList:
    """Living components by name; `alone` keeps those in no service. Two queries."""
    wanted: QuerySet[Component] = Component.objects.filter(retired_at=None).select_related("custodian")
    if kind:
        wanted = wanted.filter(kind=kind)
    if alone:
        wanted = wanted.filter(parts=None)
    if named:
        wanted = wanted.filter(name__icontains=named)
    shown = slice_of(wanted, keys=("name", "pk"), after=after)
    services: dict[int, list[str]] = {component.pk: [] for component in shown.rows}
    for part in Part.objects.filter(component__in=services).select_related("service").order_by("service__name", "pk"):
        services[part.component_id].append(part.service.name)
    return ComponentList([ComponentRow(one, services[one.pk]) for one in shown.rows], shown.following)


def page_of(component: Component) -> ComponentPage:
    """A component's page; four queries."""
    return ComponentPage(
        component=component,
        parts=list(component.parts.select_related("service").order_by("service__tier", "service__name", "pk")),
        aliases=list(component.aliases.order_by("system", "key", "pk")),
        needs=list(component.seams_out.select_related("downstream").order_by("downstream__name", "pk")),
        needed_by=list(component.seams_in.select_related("upstream").order_by("upstream__name", "pk")),
    )


def suggested_names() -> list[str]:
    """Names to suggest while somebody types one; the first SUGGESTED, for a page must stay light."""
    return list(
        Component.objects.filter(retired_at=None).order_by("name", "pk").values_list("name", flat=True)[:SUGGESTED]
    )
