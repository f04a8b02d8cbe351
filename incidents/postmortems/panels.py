"""What the page of an incident says about its postmortem."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from incidents.postmortems import access
from incidents.postmortems.models import Postmortem
from incidents.response.models import Incident
from ownership.models import Person
from web.registry import Panel

TEMPLATE = "postmortems/incident_panel.html"


def on_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each incident: its postmortem, why there is none, or how to start one; two queries."""
    begun = Postmortem.objects.filter(incident__in=incident_ids).select_related("author")
    postmortems = {postmortem.incident_id: postmortem for postmortem in begun}
    may_write = access.may_write(viewer)
    return {
        incident.pk: Panel(
            TEMPLATE,
            {"incident": incident, "postmortem": postmortems.get(incident.pk), "may_write": may_write},
        )
        for incident in Incident.objects.filter(pk__in=incident_ids)
    }
