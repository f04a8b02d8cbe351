"""What speaks against closing an incident: its review."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Exists, OuterRef

from incidents.postmortems.models import Postmortem
from incidents.response.models import Incident
from web.registry import Guard

LEFT = Guard(
    code="not_reviewed",
    label="Its review is not done",
    hint="Publish its postmortem, or say why it needs none.",
    said="",
)


def of_closing(incident_ids: Collection[int]) -> Mapping[int, Guard]:
    """Incidents without a published postmortem and without a reason for none; one query for any number."""
    published = Postmortem.objects.filter(incident=OuterRef("pk"), published_at__isnull=False)
    waiting = Incident.objects.filter(~Exists(published), pk__in=incident_ids, no_postmortem_reason="")
    return dict.fromkeys(waiting.values_list("pk", flat=True), LEFT)
