"""Reads for the pages about components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from ownership.models import Alias, Component, ComponentLink, Dependency, Part, Service, Team
from ownership.queries.answers import Answers, answers_of
from web.pagination import Slice, slice_of

SUGGESTED = 200
SEAMS_SHOWN = 25


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
    answers: Answers
    parts: Sequence[Part]
    aliases: Sequence[Alias]
    links: Sequence[ComponentLink]
    needs: Slice[Dependency]
    needed_by: Slice[Dependency]

    @property
    def living_parts(self) -> list[Part]:
        """Its places in services that are in use."""
        return [part for part in self.parts if part.service.retired_at is None]


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; each "" for any.

    `custodian` is a team's slug, `label` is `key: value`; `q` looks into names, descriptions and what alerts call
    them; `show` is `alone` (in no service that is in use) or `retired`.
    """

    kind: str = ""
    lifecycle: str = ""
    custodian: str = ""
    label: str = ""
    q: str = ""
    show: str = ""

    @property
    def narrows(self) -> bool:
        """True when something narrows the list beside `show`."""
        return any((self.kind, self.lifecycle, self.custodian, self.label, self.q))


def listed(wanted: Wanted, *, after: str | None = None) -> ComponentList:
    """Components by name; retired ones only when asked for. Two queries."""
    found: QuerySet[Component] = Component.objects.filter(retired_at__isnull=wanted.show != "retired")
    for name, value in (("kind", wanted.kind), ("lifecycle", wanted.lifecycle), ("custodian__slug", wanted.custodian)):
        if value:
            found = found.filter(**{name: value})
    if wanted.label:
        found = found.filter(labelled(wanted.label))
    if wanted.show == "alone":
        found = found.filter(~Exists(Part.objects.filter(component=OuterRef("pk"), service__retired_at=None)))
    if wanted.q:
        found = found.filter(mentions(wanted.q))
    shown = slice_of(found.select_related("custodian"), keys=("name", "pk"), after=after)
    services: dict[int, list[str]] = {component.pk: [] for component in shown.rows}
    parts = Part.objects.filter(component__in=services, service__retired_at=None).select_related("service")
    for part in parts.order_by("service__name", "pk"):
        services[part.component_id].append(part.service.name)
    return ComponentList([ComponentRow(one, services[one.pk]) for one in shown.rows], shown.following)


def labelled(label: str) -> Q:
    """For filtering components: they carry the label `key: value` (or `key:value`)."""
    key, _, value = (part.strip() for part in label.partition(":"))
    return Q(labels__contains={key: value})


def mentions(text: str) -> Q:
    """For filtering components: the text stands in their name, their description or what alerts call them."""
    called = Alias.objects.filter(component=OuterRef("pk"), key__icontains=text)
    return Q(name__icontains=text) | Q(description__icontains=text) | Q(Exists(called))


def page_of(
    component: Component, *, at: datetime, needs_after: str | None = None, needed_after: str | None = None
) -> ComponentPage:
    """A component's page, with so many of its seams as SEAMS_SHOWN of each side; eight queries."""
    needs = component.seams_out.select_related("downstream")
    needed_by = component.seams_in.select_related("upstream")
    return ComponentPage(
        component=component,
        answers=answers_of(component, at=at),
        parts=list(component.parts.select_related("service").order_by("service__tier", "service__name", "pk")),
        aliases=list(component.aliases.order_by("system", "key", "pk")),
        links=list(component.links.order_by("pk")),
        needs=slice_of(needs, keys=("downstream__name", "pk"), after=needs_after, size=SEAMS_SHOWN),
        needed_by=slice_of(needed_by, keys=("upstream__name", "pk"), after=needed_after, size=SEAMS_SHOWN),
    )


def size() -> dict[str, int]:
    """How many teams, services and components are living; three queries."""
    return {
        "teams": Team.objects.filter(dissolved_at=None).count(),
        "services": Service.objects.filter(retired_at=None).count(),
        "components": Component.objects.filter(retired_at=None).count(),
    }


def suggested_names() -> list[str]:
    """Names to suggest while somebody types one; the first SUGGESTED, for a page must stay light."""
    return list(
        Component.objects.filter(retired_at=None).order_by("name", "pk").values_list("name", flat=True)[:SUGGESTED]
    )
