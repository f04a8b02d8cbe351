"""What the page of an incident says about its postmortem, and what a hand-over says about open actions."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.urls import reverse
from django.utils import timezone

from incidents.postmortems import access
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import controls, debts, examples, offers
from incidents.response import withdrawing
from incidents.response.models import Incident
from ownership.models import Person, Team
from web.registry import Item, Panel

TEMPLATE = "postmortems/incident_panel.html"
DEBTS = "postmortems/handover_panel.html"
CONTROLS = "postmortems/controls_panel.html"
EXAMPLES = "postmortems/examples_panel.html"


def on_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each incident: its postmortem, why there is none, or how to start one; six queries at most."""
    begun = Postmortem.objects.filter(incident__in=incident_ids).select_related("author")
    postmortems = {postmortem.incident_id: postmortem for postmortem in begun}
    may_write = access.may_write(viewer)
    incidents = list(Incident.objects.filter(pk__in=incident_ids))
    without = [one for one in incidents if one.pk not in postmortems] if may_write else []
    suggested = offers.suggested(without, offers.every()) if without else {}
    return {
        incident.pk: Panel(
            TEMPLATE,
            {
                "incident": incident,
                "postmortem": postmortems.get(incident.pk),
                "suggestion": suggested.get(incident.pk),
                "may_write": may_write,
                "evidence_url": _evidence_url(postmortems.get(incident.pk), may_write=may_write),
            },
        )
        for incident in incidents
    }


def _evidence_url(postmortem: Postmortem | None, *, may_write: bool) -> str:
    """Where a row of the timeline becomes evidence of a finding, while the postmortem is a draft."""
    if postmortem is None or postmortem.published_at is not None or not may_write:
        return ""
    return reverse("postmortems:add_finding", args=[postmortem.incident_id])


def controls_on_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, Panel]:
    """What earlier postmortems of the same mode decided on, where they did; the reads of `controls.of` for each."""
    today = timezone.localdate()
    found = ((one.pk, controls.of(one, viewer, today=today)) for one in Incident.objects.filter(pk__in=incident_ids))
    return {number: Panel(CONTROLS, {"slot": "controls", "controls": some}) for number, some in found if some}


def examples_on_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each incident: its failing examples, and what people reported that could become one."""
    found = examples.of_incidents(viewer, incident_ids)
    may_write = access.may_write(viewer)
    return {
        number: Panel(EXAMPLES, {"number": number, "of": of, "may_write": may_write}) for number, of in found.items()
    }


def on_handovers(viewer: Person, service_ids: Collection[int]) -> Mapping[int, Panel]:
    """One panel for each service whose incidents left open actions; one query."""
    found = debts.open_actions(viewer, service_ids)
    today = timezone.localdate()
    return {service: Panel(DEBTS, {"actions": rows, "today": today}) for service, rows in found.items()}


def take_back_notices(*, numbers: Collection[int]) -> None:
    """Fewer people see these incidents: what others were told of their postmortems."""
    withdrawing.below(numbers, lambda number: reverse("postmortems:postmortem", args=[number]))


def actions_to_give(viewer: Person, *, party: Person | Team | None, limit: int) -> list[Item]:
    """Open actions whose owner is no longer here, for the list of what wants a new owner; one query."""
    return [
        Item(
            one.pk,
            one.title,
            one.path,
            one.party,
            since=one.created_at,
            note=f"due {one.due_on:%-d %b %Y}" if one.due_on else "no due date",
        )
        for one in debts.orphaned(viewer, party=party, limit=limit)
    ]
