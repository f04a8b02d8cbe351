"""Grouping policies as they stand and as they stood."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db.models import Q

from incidents.response.grouping import Rules
from incidents.response.models import GroupingPolicy
from ownership.models import Service
from web.wording import duration

SHOWN = 50
Wanted = tuple[int | None, datetime]  # a service's id, and an instant of receipt


def in_force(wanted: Collection[Wanted]) -> dict[Wanted, GroupingPolicy | None]:
    """The version that held for a service at an instant; None: the built-in one. One query for any number."""
    if not wanted:
        return {}
    services = {service for service, _ in wanted}
    versions = list(
        GroupingPolicy.objects.filter(
            Q(service__in=services - {None}) | Q(service=None), known_from__lte=_latest(wanted)
        )
        .filter(Q(superseded_at=None) | Q(superseded_at__gt=min(at for _, at in wanted)))
        .select_related("service")
        .order_by("known_from", "pk")
    )
    found = {}
    for service, at in wanted:
        held = [
            one for one in versions if one.known_from <= at and (one.superseded_at is None or at < one.superseded_at)
        ]
        own = [one for one in held if one.service_id is not None and one.service_id == service]
        found[service, at] = next(iter(own or [one for one in held if one.service_id is None]), None)
    return found


def current(service: Service | None) -> GroupingPolicy | None:
    """The version that a service has of its own now, or that of all others; None when there is none."""
    return GroupingPolicy.objects.select_related("service", "by").filter(service=service, superseded_at=None).first()


def versions(service: Service | None) -> Sequence[GroupingPolicy]:
    """The latest versions, the newest first."""
    found = GroupingPolicy.objects.filter(service=service).select_related("service", "by").order_by("-version")
    return list(found[:SHOWN])


def rules_of(policy: GroupingPolicy | None) -> Rules:
    """The rules of a version, or the built-in ones."""
    return policy.rules if policy else _built_in(settings.QUIET_SECONDS)


@cache
def _built_in(quiet_seconds: float) -> Rules:
    return Rules(quiet=timedelta(seconds=quiet_seconds))


def named(policy: GroupingPolicy | None) -> str:
    """As explanations call it: `policy v3 of Support answers`."""
    return str(policy) if policy else "the built-in policy"


def words(policy: GroupingPolicy | None) -> str:
    """What it groups by, in one line: `policy v3 of Support answers: service + label region, within 30 min`."""
    rules = rules_of(policy)
    labels = f" + label{'s' if len(rules.labels) > 1 else ''} {', '.join(rules.labels)}" if rules.labels else ""
    return f"{named(policy)}: service{labels}, within {duration(rules.window)}"


def _latest(wanted: Collection[Wanted]) -> datetime:
    return max(at for _, at in wanted)
