"""The way from a service or a team to what keeps failing there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse

from ownership.models import Person, Service, Team
from web.registry import Panel

TEMPLATE = "patterns/panel.html"


def on_services(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """A panel for every service; one query."""
    return _panels("service", Service.objects.filter(pk__in=service_ids).values_list("pk", "slug"))


def on_teams(viewer: Person, team_ids: Collection[int]) -> Mapping[int, Panel]:
    """A panel for every team; one query."""
    return _panels("team", Team.objects.filter(pk__in=team_ids).values_list("pk", "slug"))


def _panels(about: str, rows: Any) -> dict[int, Panel]:
    return {
        pk: Panel(TEMPLATE, {"about": about, "url": reverse(f"patterns:{about}", args=[slug])}) for pk, slug in rows
    }
