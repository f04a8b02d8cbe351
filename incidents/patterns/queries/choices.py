"""What the filters of the charts offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incidents.response.vocabulary import DetectedBy, Layer, Severity
from ownership.models import Service, Team
from ownership.vocabulary import Archetype, Tier

Choices = Sequence[tuple[str, str]]  # (value in the URL, words)


def offered() -> Mapping[str, Choices]:
    """The choices of every filter, by its name: services and teams also when they are gone, for the past keeps them."""
    services = Service.objects.order_by("name", "pk").values_list("slug", "name", "retired_at")
    teams = Team.objects.order_by("name", "pk").values_list("slug", "name", "dissolved_at")
    return {
        "service": [(slug, f"{name} (retired)" if gone else name) for slug, name, gone in services],
        "team": [(slug, f"{name} (dissolved)" if gone else name) for slug, name, gone in teams],
        "tier": [(tier.value, tier.short) for tier in Tier],
        "archetype": list(Archetype.choices),
        "severity": list(Severity.choices),
        "detected_by": list(DetectedBy.choices),
        "failing": list(Layer.choices),
    }
