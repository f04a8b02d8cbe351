"""Actions that a file brings: they hang on a draft of the incident's postmortem, set-wise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from incidents.postmortems import asking, laying_out
from incidents.postmortems.models import Action, ActionEvent, ActionStep, Postmortem
from incidents.postmortems.queries import offers
from incidents.response.models import Incident
from ownership.models import Person, Team

Said = Sequence[Mapping[str, Any]]


def promise(asked: Sequence[tuple[Incident, Said]], *, by: Person, now: datetime) -> dict[int, list[int]]:
    """Write the actions of incidents, by their titles: what is there is brought up to date, the rest is new.

    Returns the numbers of each incident's actions, by its number. A fixed number of statements; none for no actions.
    """
    wanted = {incident.pk: (incident, said) for incident, said in asked if said}
    if not wanted:
        return {}
    drafts = _drafts({number: incident for number, (incident, _) in wanted.items()}, by=by, now=now)
    people, teams = _parties([one for _, said in wanted.values() for one in said])
    rows = Action.objects.filter(postmortem__in=[draft.pk for draft in drafts.values()]).select_for_update()
    there = {(one.postmortem_id, one.title): one for one in rows.order_by("pk")}
    found: dict[int, list[Action]] = {number: [] for number in wanted}
    done: list[ActionEvent] = []
    for number, (_, said) in wanted.items():
        for one in said:
            draft = drafts[number]
            fresh = Action(postmortem=draft, title=one["title"], created_at=now, created_by=by)
            action = there.get((draft.pk, one["title"])) or fresh
            was_done = action.done_at is not None
            _say(action, one, people, teams, by)
            found[number].append(action)
            if action.done_at is not None and not was_done:
                done.append(ActionEvent(action=action, kind=ActionStep.DONE, at=action.done_at, by=by))
    every = [action for some in found.values() for action in some]
    known = [one for one in every if one.pk is not None]
    Action.objects.bulk_create(one for one in every if one.pk is None)
    Action.objects.bulk_update(known, ["kind", "owner", "owner_team", "due_on", "done_at", "done_by"])
    ActionEvent.objects.bulk_create(done)
    return {number: [one.pk for one in some] for number, some in found.items()}


def _drafts(incidents: Mapping[int, Incident], *, by: Person, now: datetime) -> dict[int, Postmortem]:
    """The review of each incident, begun where there is none."""
    there = Postmortem.objects.filter(incident__in=incidents).select_related("incident")
    found = {one.incident_id: one for one in there}
    template = next(one.template for one in offers.offered(offers.every()))
    new = [
        Postmortem(incident=incident, template=template, title=incident.title, author=by, started_at=now)
        for number, incident in incidents.items()
        if number not in found
    ]
    Postmortem.objects.bulk_create(new)
    laying_out.lay_out_bare(new)
    asking.lay_out(new)
    return found | {one.incident_id: one for one in new}


def _parties(actions: Said) -> tuple[dict[str, Person], dict[str, Team]]:
    named = {one["owner"] for one in actions if one["owner"]}
    people = {one.email: one for one in Person.objects.filter(email__in=named)}
    return people, {one.slug: one for one in Team.objects.filter(slug__in=named)}


def _say(action: Action, said: Mapping[str, Any], people: Any, teams: Any, by: Person) -> None:
    action.kind = said["kind"]
    action.owner, action.owner_team = people.get(said["owner"]), teams.get(said["owner"])
    action.due_on = date.fromisoformat(said["due_on"]) if said["due_on"] else None
    if said["done_on"]:
        # The file knows the day; noon of it is that day in most zones.
        action.done_at = datetime.combine(date.fromisoformat(said["done_on"]), time(12), UTC)
        action.done_by = by
