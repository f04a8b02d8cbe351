"""What an owner of a service takes on: the actions that its incidents left open; and actions that lost their owner."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from incidents.postmortems.models import Action
from incidents.postmortems.models.actions import OPEN
from incidents.response.queries import visible
from ownership.models import Person, Team

SHOWN = 5
ORPHANED = Q(owner__is_active=False) | Q(owner_team__dissolved_at__isnull=False)


@dataclass(frozen=True)
class OpenActions:
    """The SHOWN open actions of a service that are due first, and how many there are in all."""

    rows: list[Action]
    count: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)


def open_actions(viewer: Person, service_ids: Collection[int]) -> dict[int, OpenActions]:
    """Open actions of each service that has some, as the viewer sees them, those due first on top; one query."""
    service = "postmortem__incident__service"
    rows = (
        Action.objects.filter(visible.clause(viewer, of="postmortem__incident"))
        .filter(OPEN, **{f"{service}__in": service_ids})
        .select_related("postmortem__incident", "owner", "owner_team")
        .annotate(
            place=Window(RowNumber(), partition_by=service, order_by=[F("due_on").asc(nulls_last=True), F("pk").asc()]),
            in_all=Window(Count("pk"), partition_by=service),
        )
        .filter(place__lte=SHOWN)
        .order_by("place")
    )
    found: dict[int, list[Action]] = {}
    for action in rows:
        service_id = action.incident.service_id if action.incident else None
        found.setdefault(service_id or 0, []).append(action)
    return {service_id: OpenActions(some, some[0].in_all) for service_id, some in found.items()}  # type: ignore[attr-defined]  # annotated above


def orphaned(viewer: Person, *, party: Person | Team | None, limit: int) -> list[Action]:
    """Open actions of `party`, or, when that is None, of whoever is no longer here, due first on top; one query."""
    shown = Action.objects.filter(visible.clause_or_none(viewer, of="postmortem__incident"), OPEN)
    rows = shown.select_related("postmortem__incident", "pattern_review", "owner", "owner_team")
    if party is None:
        rows = rows.filter(ORPHANED)
    else:
        rows = rows.filter(owner=party) if isinstance(party, Person) else rows.filter(owner_team=party)
    return list(rows.order_by(F("due_on").asc(nulls_last=True), "pk")[:limit])
