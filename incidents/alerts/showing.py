"""What the page of a source shows, for every view that answers with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from incidents.alerts import access, addresses, remapping, tallying, throttling
from incidents.alerts.forms import SilenceForm
from incidents.alerts.models import Source
from incidents.alerts.queries import rates, rejections, trust
from incidents.alerts.queries import sources as queries
from incidents.alerts.sources import registry
from incidents.alerts.trust_forms import KeyForm
from ownership.access import SignedInRequest
from ownership.models import Person

SOURCE, PARTS = "alerts/source.html", ("deliveries",)


def source(
    request: SignedInRequest, found: Source, *, key: str = "", silence_form: SilenceForm | None = None
) -> dict[str, Any]:
    """The context of alerts/source.html; `key` is a new key, shown now only."""
    now = timezone.now()
    show, cause = request.GET.get("show", "all"), request.GET.get("cause", "")
    show = show if show in queries.SHOWN else "all"
    unit: rates.Unit = "day" if request.GET.get("rate") == "day" else "hour"
    hook_url = addresses.hook_url(found, key or addresses.PLACEHOLDER)
    return {
        "source": found,
        "page": queries.page(found, request.user, show=show, cause=cause, after=request.GET.get("after"), now=now),
        "show": show,
        "cause": cause if show == "rejected" else "",
        "rejected": rejections.of(found),
        "rate": rates.of([found.pk], unit=unit, now=now)[found.pk],
        "key": key,
        "hook_url": hook_url,
        "snippet": registry.adapter(found.kind).config_snippet(hook_url) if found.kind in registry.KINDS else "",
        "days": settings.KEEP_BODIES_DAYS,
        "takes_mapping": registry.takes_mapping(found.kind),
        "mapping": remapping.current_of([found.pk]).get(found.pk) if registry.takes_mapping(found.kind) else None,
        "may_tend": access.may_manage(request.user),
        "may_manage": access.may_manage(request.user) and not found.built_in,
        **_trust(found, viewer=request.user, now=now),
        "silence_form": silence_form or SilenceForm(initial={"expected_hours": found.expected_hours}),
    }


def _trust(found: Source, *, viewer: Person, now: datetime) -> dict[str, Any]:
    """What editors see of keys, signature and limit."""
    if not access.may_manage(viewer) or found.built_in:
        return {}
    return {
        "trust": trust.of(found, now=now),
        "key_form": KeyForm(),
        "throttle": throttling.rate_of(found.rate_limit),
        "tally": tallying.of(found.pk),
    }
