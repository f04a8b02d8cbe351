"""Times of an incident that a file contradicts itself about, while they stand as it brought them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from incidents.response.models import DoubtedTime, Incident
from incidents.response.vocabulary import Anchor, DeclaredVia

FIELDS = {Anchor.IMPACT: "impact_from"} | {
    anchor: f"{anchor.value}_at" for anchor in Anchor if anchor is not Anchor.IMPACT
}


def of(incident: Incident, *, known_at: datetime | None = None) -> dict[Anchor, str]:
    """Why each doubted time tells nothing, as the end of a sentence; as it was known then, or now.

    One query, and none for an incident that no file brought.
    """
    if incident.declared_via != DeclaredVia.FILE:
        return {}
    standing = Q(superseded_at=None)
    if known_at is not None:
        standing = Q(known_from__lte=known_at) & (standing | Q(superseded_at__gt=known_at))
    rows = DoubtedTime.objects.filter(standing, incident=incident)
    held = {one.field: one.reason for one in rows if one.at == getattr(incident, one.field)}
    return {anchor: _words(held[field]) for anchor, field in FIELDS.items() if field in held}


def _words(reason: str) -> str:
    """`lies after identified_at, so neither is sure` → `lies after cause known`."""
    said = reason.partition(",")[0]
    for anchor, field in FIELDS.items():
        said = said.replace(field, anchor.label.lower())
    return said
