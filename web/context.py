"""What base.html needs on every page: the rail, the top bar, whether mail is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from web import registry
from web.partials import wants_part


@dataclass(frozen=True)
class NavLink:
    """A place in the rail as this page shows it."""

    label: str
    url: str
    icon: str
    current: bool
    count: int | None


@dataclass(frozen=True)
class ActionLink:
    """A button of the top bar."""

    label: str
    url: str


def chrome(request: HttpRequest) -> dict[str, Any]:
    """The rail and the top bar for people who are signed in; nothing of it for parts and strangers."""
    shown: dict[str, Any] = {"mail_configured": settings.EMAIL_CONFIGURED}
    viewer = getattr(request, "user", None)
    if viewer is None or not viewer.is_authenticated or wants_part(request):
        return shown
    counted = _counted(viewer)
    shown["nav"] = [
        NavLink(
            label=item.label,
            url=reverse(item.url_name),
            icon=item.icon,
            current=request.path == reverse(item.url_name) or request.path.startswith(item.prefixes),
            count=counted.get(item.url_name),
        )
        for item in registry.nav()
    ]
    shown["own_count"] = registry.own_count(viewer)
    shown["top_actions"] = [
        ActionLink(action.label, reverse(action.url_name))
        for action in registry.top_actions()
        if action.allowed(viewer)
    ]
    return shown


def _counted(viewer: Any) -> dict[str, int | None]:
    """How many things wait at each place that counts them; what counts several is asked once."""
    places = {item.url_name: item.count for item in registry.nav() if item.count}
    answers = {count: count(viewer) for count in set(places.values())}
    found: dict[str, int | None] = {}
    for place, count in places.items():
        said = answers[count]
        found[place] = said.get(place) if isinstance(said, Mapping) else said
    return found
