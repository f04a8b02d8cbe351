"""Pictures of the system: a service's map, its latency budget, and a component's blast radius."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ownership import access
from ownership.access import SignedInRequest
from ownership.queries import blast, latencies, maps
from ownership.views import latency_words, pictures, waterfalls
from ownership.vocabulary import DependencyKind
from web.partials import page

FEW = 100  # rows that a table shows before it asks whether you want all


@require_safe
def service_map(request: SignedInRequest, slug: str) -> HttpResponse:
    """A service's parts and all that they need, as a picture and as a list."""
    service = access.readable_service(request.user, slug)
    found = maps.of(service, at=timezone.now())
    context = {
        "service": service,
        "map": found,
        "picture": pictures.of_map(found),
        "narrow": pictures.of_map(found, pictures.NARROW) if len(found.pictured) < pictures.MANY else None,
        "branches": maps.branches_of(found),
        "kinds": DependencyKind.choices,
        "may_edit": access.may_edit(request.user) and service.retired_at is None,
    }
    return page(request, "ownership/service_map.html", context)


@require_safe
def service_latency(request: SignedInRequest, slug: str) -> HttpResponse:
    """Where a service's latency budget goes, and which seams wait too long or try too often."""
    service = access.readable_service(request.user, slug)
    entry = request.GET.get("entry", "")
    found = latencies.of(service, entry=int(entry) if entry.isdecimal() and len(entry) < 19 else None)
    context = {
        "service": service,
        "found": found,
        "reckoning": found.reckoning,
        "waterfall": waterfalls.of(found),
        **latency_words.context_of(found),
        "may_edit": access.may_edit(request.user) and service.retired_at is None,
    }
    return page(request, "ownership/service_latency.html", context)


@require_safe
def blast_radius(request: SignedInRequest, component_id: int) -> HttpResponse:
    """Who is hit when a component fails."""
    component = access.readable_component(request.user, component_id)
    found = blast.of(component, at=timezone.now())
    few = None if request.GET.get("show") == "all" else FEW
    picture, left_out = pictures.of_blast(found)
    context = {
        "component": component,
        "found": found,
        "picture": picture,
        "narrow": pictures.of_blast(found, pictures.NARROW)[0] if len(picture.boxes) < pictures.MANY else None,
        "left_out": left_out,
        "services": found.services[:few],
        "components": found.components[:few],
        "cut": few is not None and max(len(found.services), len(found.components)) > few,
        "kinds": DependencyKind.choices,
    }
    return page(request, "ownership/blast_radius.html", context)
