"""Recording what there is: services, their parts and links, components, their aliases and seams."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Max, ProtectedError

from ownership import slugs
from ownership.models import Alias, Component, Dependency, Part, Person, Service, ServiceLink, Team
from ownership.vocabulary import DependencyKind, LinkKind
from web.errors import DomainError, Invalid, translated

_is_web_address = URLValidator(schemes=["http", "https"])


class InUse(DomainError):
    """The history refers to this seam, so it cannot be removed; change its details instead."""

    code = "in_use"


@dataclass(frozen=True)
class Link:
    """Something to have at hand: one of LinkKind, words, address."""

    kind: str
    label: str
    url: str


def add_service(
    *, name: str, outcome: str, tier: str, by: Person, now: datetime, links: Collection[Link] = ()
) -> Service:
    """Name an outcome that users see; nobody answers for it until somebody is assigned."""
    name, outcome = _named(name), _said(outcome, "outcome")
    with translated():
        service = Service.objects.create(name=name, slug=slugs.free(name, Service), outcome=outcome, tier=tier)
        for link in links:
            add_link(service, link, by=by, now=now)
    return service


def edit_service(
    service: Service,
    *,
    by: Person,
    now: datetime,
    name: str | None = None,
    outcome: str | None = None,
    tier: str | None = None,
) -> Service:
    """Change what is given; the slug stays, so that addresses keep working."""
    service.name = service.name if name is None else _named(name)
    service.outcome = service.outcome if outcome is None else _said(outcome, "outcome")
    service.tier = service.tier if tier is None else tier
    with translated():
        service.save(update_fields=["name", "outcome", "tier"])
    return service


def add_link(service: Service, link: Link, *, by: Person, now: datetime) -> ServiceLink:
    """Put a link at hand for the next incident; http and https only."""
    url = _web_address(link.url, "url")
    label = " ".join(link.label.split()) or LinkKind(link.kind).label
    with translated():
        return ServiceLink.objects.create(service=service, kind=link.kind, label=label, url=url)


def remove_link(link: ServiceLink, *, by: Person, now: datetime) -> None:
    """Take a link away; twice is once."""
    ServiceLink.objects.filter(pk=link.pk).delete()


def add_component(
    *,
    name: str,
    kind: str,
    by: Person,
    now: datetime,
    description: str = "",
    custodian: Team | None = None,
    aliases: Collection[tuple[str, str]] = (),
) -> Component:
    """Name a part of the system. `aliases` are pairs of a label's name and value."""
    name = _named(name)
    with translated():
        component = Component.objects.create(name=name, kind=kind, description=description.strip(), custodian=custodian)
        for system, key in aliases:
            add_alias(component, system=system, key=key, by=by, now=now)
    return component


def edit_component(
    component: Component,
    *,
    name: str,
    kind: str,
    description: str,
    custodian: Team | None,
    by: Person,
    now: datetime,
) -> Component:
    """Change a component's name, kind, description and custodian team."""
    component.name, component.kind = _named(name), kind
    component.description, component.custodian = description.strip(), custodian
    with translated():
        component.save(update_fields=["name", "kind", "description", "custodian"])
    return component


def add_part(service: Service, component: Component, *, role: str, by: Person, now: datetime) -> Part:
    """Make a component a part of a service, last on its path."""
    if component.retired_at:
        raise Invalid(f"{component} is retired; choose another component.", field="component")
    with translated():
        _lock(service)
        last = Part.objects.filter(service=service).aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
        return Part.objects.create(service=service, component=component, role=role, position=position)


def remove_part(part: Part, *, by: Person, now: datetime) -> None:
    """Take a component out of a service; the component itself stays. Twice is once."""
    Part.objects.filter(pk=part.pk).delete()


def move_part(part: Part, *, to: int, by: Person, now: datetime) -> Part:
    """Move a part to place `to` on its service's path, counted from 0; beyond an end means that end."""
    with translated():
        _lock(part.service)
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
    system, key = system.strip(), key.strip()
    if not system:
        raise Invalid("Give the label's name, such as component or job.", field="system")
    if not key:
        raise Invalid("Give the label's value.", field="key")
    with translated():
        return Alias.objects.create(component=component, system=system, key=key)


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
    timeout_ms: int | None = None,
    attempts: int | None = None,
    contract_url: str = "",
) -> Dependency:
    """Record that `upstream` needs `downstream`. `attempts` counts the first try."""
    seam = Dependency(upstream=upstream, downstream=downstream, kind=kind)
    return edit_seam(
        seam, kind=kind, timeout_ms=timeout_ms, attempts=attempts, contract_url=contract_url, by=by, now=now
    )


def edit_seam(
    seam: Dependency,
    *,
    kind: str,
    timeout_ms: int | None,
    attempts: int | None,
    contract_url: str,
    by: Person,
    now: datetime,
) -> Dependency:
    """Change how one component needs the other; None and "" mean that it is not known or not there."""
    seam.kind, seam.timeout_ms, seam.attempts = kind, timeout_ms, attempts
    seam.contract_url = _web_address(contract_url, "contract_url") if contract_url.strip() else ""
    with translated():
        seam.save()
    return seam


def remove_seam(seam: Dependency, *, by: Person, now: datetime) -> None:
    """Forget a seam that nothing refers to; InUse otherwise. Twice is once."""
    try:
        with translated():
            Dependency.objects.filter(pk=seam.pk).delete()
    except ProtectedError as error:
        raise InUse from error


def _lock(service: Service) -> None:
    """One writer at a time on a service's path."""
    Service.objects.select_for_update(no_key=True).get(pk=service.pk)


def _named(name: str) -> str:
    return _said(name, "name")


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
