"""Recording what there is: services, their parts and links, components, their aliases and seams."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack, overload

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Max, ProtectedError

from ownership import slugs
from ownership.models import Alias, Component, ComponentLink, Dependency, Part, Person, Service, ServiceLink, Team
from ownership.vocabulary import DependencyKind, LinkKind
from web.errors import DomainError, Invalid, translated

MOST_LABELS, LONGEST_KEY, LONGEST_VALUE = 50, 80, 200
_is_web_address = URLValidator(schemes=["http", "https"])


class InUse(DomainError):
    """The history refers to this seam, so it cannot be removed; change its details instead."""

    code = "in_use"


class Retired(DomainError):
    """This is retired; bring it back before you change it."""

    code = "retired"


@dataclass(frozen=True)
class Link:
    """Something to have at hand: one of LinkKind, words, address."""

    kind: str
    label: str
    url: str


class Promises(TypedDict, total=False):
    """What sort of system a service is and what it promises; None means that it is not known.

    `objective` is percent of interactions that must be good over 30 days; the budget is in ms at its percentile.
    """

    archetype: str
    objective: Decimal | None
    latency_budget_ms: int | None
    latency_percentile: Decimal | None


class ServiceFacts(Promises, total=False):
    """All that people say about a service itself."""

    name: str
    outcome: str
    tier: str


class ComponentTraits(TypedDict, total=False):
    """What people say about a component beside its name and kind."""

    description: str
    custodian: Team | None
    lifecycle: str
    labels: Mapping[str, str]


class ComponentFacts(ComponentTraits, total=False):
    """All that people say about a component itself."""

    name: str
    kind: str


class SeamTraits(TypedDict, total=False):
    """How one component needs another; None and "" mean that it is not known or not there.

    `attempts` counts the first try; `latency_share` is percent of a service's latency budget for the downstream's own
    time, without what it waits for in turn.
    """

    timeout_ms: int | None
    attempts: int | None
    latency_share: Decimal | None
    contract_url: str
    unit: str
    freshness_minutes: int | None


class SeamFacts(SeamTraits, total=False):
    """All that people say about a seam itself."""

    kind: str


def add_service(
    *,
    name: str,
    outcome: str,
    tier: str,
    by: Person,
    now: datetime,
    links: Collection[Link] = (),
    **promises: Unpack[Promises],
) -> Service:
    """Name an outcome that users see; nobody answers for it until somebody is assigned."""
    name, outcome = named(name), _said(outcome, "outcome")
    with translated():
        service = Service(name=name, slug=slugs.free(name, Service), outcome=outcome, tier=tier, **promises)
        service.save()
        ServiceLink.objects.bulk_create([ServiceLink(service=service, **_link(link)) for link in links])
    return service


def edit_service(service: Service, *, by: Person, now: datetime, **facts: Unpack[ServiceFacts]) -> Service:
    """Change what is given; the slug stays, so that addresses keep working."""
    if "name" in facts:
        facts["name"] = named(facts["name"])
    if "outcome" in facts:
        facts["outcome"] = _said(facts["outcome"], "outcome")
    with _living(service):
        _change(service, facts)
    return service


@overload
def add_link(to: Service, link: Link, *, by: Person, now: datetime) -> ServiceLink: ...
@overload
def add_link(to: Component, link: Link, *, by: Person, now: datetime) -> ComponentLink: ...
def add_link(to: Service | Component, link: Link, *, by: Person, now: datetime) -> ServiceLink | ComponentLink:
    """Put a link at hand for the next incident, or for whoever looks into the component; http and https only."""
    said = _link(link)
    with _living(to):
        return to.links.create(**said)


def remove_link(link: ServiceLink | ComponentLink, *, by: Person, now: datetime) -> None:
    """Take a link away; twice is once."""
    type(link)._default_manager.filter(pk=link.pk).delete()


def add_component(
    *,
    name: str,
    kind: str,
    by: Person,
    now: datetime,
    aliases: Collection[tuple[str, str]] = (),
    **traits: Unpack[ComponentTraits],
) -> Component:
    """Name a part of the system. `aliases` are pairs of a label's name and value."""
    component = Component(name=named(name), kind=kind, **_traits(traits))
    with translated():
        component.save()
        for system, key in aliases:
            _alias(component, system, key)
    return component


def edit_component(component: Component, *, by: Person, now: datetime, **facts: Unpack[ComponentFacts]) -> Component:
    """Change what is given; `labels` replace those that were there."""
    if "name" in facts:
        facts["name"] = named(facts["name"])
    with _living(component):
        _change(component, _traits(facts))
    return component


def add_part(service: Service, component: Component, *, role: str, by: Person, now: datetime) -> Part:
    """Make a component a part of a service, last on its path."""
    with _living(service):
        if Component.objects.select_for_update(no_key=True).get(pk=component.pk).retired_at:
            raise Invalid(f"{component} is retired; choose another component.", field="component")
        last = Part.objects.filter(service=service).aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
        return Part.objects.create(service=service, component=component, role=role, position=position)


def remove_part(part: Part, *, by: Person, now: datetime) -> None:
    """Take a component out of a service; the component itself stays. Twice is once."""
    Part.objects.filter(pk=part.pk).delete()


def move_part(part: Part, *, to: int, by: Person, now: datetime) -> Part:
    """Move a part to place `to` on its service's path, counted from 0; beyond an end means that end."""
    with _living(part.service):
        others = list(Part.objects.filter(service=part.service).exclude(pk=part.pk).order_by("position", "pk"))
        others.insert(max(to, 0), part)
        for position, one in enumerate(others):
            one.position = position
        Part.objects.bulk_update(others, ["position"])
    return part


def change_part(part: Part, *, role: str, by: Person, now: datetime) -> Part:
    """Change what a component is to a service."""
    part.role = role
    with translated():
        part.save(update_fields=["role"])
    return part


def add_alias(component: Component, *, system: str, key: str, by: Person, now: datetime) -> Alias:
    """Alerts whose label `system` has the value `key` are about this component from now on."""
    with _living(component):
        return _alias(component, system, key)


def remove_alias(alias: Alias, *, by: Person, now: datetime) -> None:
    """Alerts with this label no longer mean the component; twice is once."""
    Alias.objects.filter(pk=alias.pk).delete()


def add_seam(
    upstream: Component,
    downstream: Component,
    *,
    by: Person,
    now: datetime,
    kind: str = DependencyKind.CALL,
    **traits: Unpack[SeamTraits],
) -> Dependency:
    """Record that `upstream` needs `downstream`."""
    seam = Dependency(upstream=upstream, downstream=downstream, kind=kind, **seam_traits(traits))
    with translated():
        gone = Component.objects.filter(pk__in=[upstream.pk, downstream.pk], retired_at__isnull=False).first()
        if gone is not None:
            field = "upstream" if gone == upstream else "downstream"
            raise Invalid(f"{gone} is retired; choose another component.", field=field)
        seam.save()
    return seam


def edit_seam(seam: Dependency, *, by: Person, now: datetime, **facts: Unpack[SeamFacts]) -> Dependency:
    """Change what is given about how one component needs the other."""
    _change(seam, seam_traits(facts))
    return seam


def remove_seam(seam: Dependency, *, by: Person, now: datetime) -> None:
    """Forget a seam that nothing refers to; InUse otherwise. Twice is once."""
    try:
        with translated():
            Dependency.objects.filter(pk=seam.pk).delete()
    except ProtectedError as error:
        raise InUse from error


@contextmanager
def _living(row: Service | Component) -> Iterator[None]:
    """One transaction in which nobody else changes or retires the row, nor a service's path; Retired when it is."""
    with translated():
        if type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk).retired_at:
            raise Retired(f"{row} is retired; bring it back before you change it.")
        yield


def _alias(component: Component, system: str, key: str) -> Alias:
    system, key = system.strip(), key.strip()
    if not system:
        raise Invalid("Give the label's name, such as component or job.", field="system")
    if not key:
        raise Invalid("Give the label's value.", field="key")
    return Alias.objects.create(component=component, system=system, key=key)


def named(name: str) -> str:
    """A name as it is kept: single spaces, and not empty."""
    return _said(name, "name")


def seam_traits(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said about a seam as it is kept."""
    kept = dict(said)
    if "contract_url" in kept:
        kept["contract_url"] = (
            _web_address(kept["contract_url"], "contract_url") if kept["contract_url"].strip() else ""
        )
    if "unit" in kept:
        kept["unit"] = " ".join(kept["unit"].split())
    return kept


def _traits(said: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(said)
    if "description" in kept:
        kept["description"] = kept["description"].strip()
    if "labels" in kept:
        kept["labels"] = _labels(kept["labels"])
    return kept


def _labels(said: Mapping[str, str]) -> dict[str, str]:
    """Labels as they are kept; a key has no colon, so that `key: value` on one line can be read back."""
    kept = {" ".join(key.split()): " ".join(value.split()) for key, value in said.items()}
    if len(kept) > MOST_LABELS:
        raise Invalid(f"A component carries at most {MOST_LABELS} labels.", field="labels")
    for key, value in kept.items():
        if not key or not value or ":" in key or "\x00" in key + value:
            raise Invalid("A label is a key without a colon and its value, such as team: search.", field="labels")
        if len(key) > LONGEST_KEY or len(value) > LONGEST_VALUE:
            message = f"A label's key has at most {LONGEST_KEY} characters, its value {LONGEST_VALUE}."
            raise Invalid(message, field="labels")
    return kept


def _link(link: Link) -> dict[str, str]:
    label = " ".join(link.label.split()) or LinkKind(link.kind).label
    return {"kind": link.kind, "label": label, "url": _web_address(link.url, "url")}


def _change(row: Service | Component | Dependency, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        setattr(row, name, value)
    with translated():
        row.save(update_fields=list(facts))


def _said(text: str, field: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise Invalid(f"Fill in the {field}.", field=field)
    return text


def _web_address(url: str, field: str) -> str:
    url = url.strip()
    try:
        _is_web_address(url)
    except ValidationError as error:
        raise Invalid("Give a whole address that begins with https:// or http://.", field=field) from error
    return url
