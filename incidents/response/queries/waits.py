"""How long each rung is given, as it stands."""

from __future__ import annotations

from collections.abc import Sequence

from incidents.response.models import EscalationWait
from incidents.response.queries.ladder import DEFAULT
from ownership.vocabulary import Tier

SHOWN = 200


def of_tiers() -> dict[str, int | None]:
    """Minutes by tier, None where nobody further is told; one query."""
    said = dict(EscalationWait.objects.exclude(tier="").values_list("tier", "minutes"))
    return {tier: said.get(tier, int(DEFAULT.total_seconds()) // 60) for tier in Tier.values}


def of_services() -> Sequence[EscalationWait]:
    """The services that have a word of their own, up to SHOWN; one query."""
    rows = EscalationWait.objects.filter(service__isnull=False).select_related("service", "by")
    return list(rows.order_by("service__name")[:SHOWN])
