"""What the filters of the board of actions offer to choose from."""

from __future__ import annotations

from incidents.postmortems.queries.workboard import ANYONE, CLOSED_LISTS, ME, Wanted
from incidents.response.forms.narrowing import Choice
from ownership.forms.fields import MOST_OFFERED, party_choices
from ownership.models import Person, Service

LABELS = {"kind": "Kind", "layer": "Layer", "priority": "Priority"}


def choices(wanted: Wanted, *, viewer: Person) -> list[Choice]:
    """Every filter, each chosen from a list; of too many parties or services one types the name. Three queries."""
    found = [
        _owners(wanted),
        _services(wanted),
        Choice("state", "State", wanted.state, list(CLOSED_LISTS["state"].items())),
    ]
    for name, label in LABELS.items():
        options = [("", f"Any {label.lower()}"), *CLOSED_LISTS[name].items()]
        found.append(Choice(name, label, getattr(wanted, name), options))
    return [*found, Choice("group", "Grouped", wanted.group, list(CLOSED_LISTS["group"].items()))]


def _owners(wanted: Wanted) -> Choice:
    first = [(ME, "Mine and my teams’"), (ANYONE, "Anyone’s")]
    groups = party_choices()
    if sum(len(group) for _, group in groups) > MOST_OFFERED:
        typed = wanted.called or wanted.owner
        return Choice("owner", "Owner", wanted.owner, None, typed=typed, hint="me, anyone, e-mail or name")
    known = {code for _, group in groups for code, _ in group} | {ME, ANYONE}
    further = [] if wanted.owner in known else [(wanted.owner, wanted.called)]  # dissolved, or no longer here
    return Choice("owner", "Owner", wanted.owner, [*first, *groups, *further])


def _services(wanted: Wanted) -> Choice:
    living = Service.objects.filter(retired_at=None).order_by("name").values_list("slug", "name")
    offered = list(living[: MOST_OFFERED + 1])
    if len(offered) > MOST_OFFERED:
        return Choice("service", "Service", wanted.service, None, typed=wanted.service, hint="Service’s name")
    further = [(wanted.service, wanted.service)] if wanted.service and wanted.service not in dict(offered) else []
    return Choice("service", "Service", wanted.service, [("", "Any service"), *offered, *further])
