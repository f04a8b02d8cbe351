"""What the board's filters offer to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incidents.response.queries.wanted import DAYS, LABELS, LAYERS, PERIODS, STATES, Wanted
from incidents.response.vocabulary import Severity
from ownership.forms.fields import MOST_OFFERED, person_choices
from ownership.models import Person, Service, Team
from ownership.models.assignments import party_key

WORST = f"{Severity.SEV1},{Severity.SEV2}"
SEVERITIES = [("", "Any severity"), (WORST, "SEV1 or SEV2"), *Severity.choices]
HINTS = {"service": "Service's name", "team": "Team's name", "owner": "E-mail or name"}


@dataclass(frozen=True)
class Choice:
    """One filter: its name in the address, a label, what to choose from and what is chosen.

    Of more than MOST_OFFERED rows nobody chooses: `options` is None then, and one types what `hint` says.
    """

    name: str
    label: str
    chosen: str
    options: Sequence[tuple[str, Any]] | None
    typed: str = ""
    hint: str = ""

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The options under their headings, an empty one for those that have none."""
        groups: list[tuple[str, list[tuple[str, str]]]] = []
        for code, said in self.options or ():
            if not isinstance(said, str):
                groups.append((code, list(said)))
            elif groups and not groups[-1][0]:
                groups[-1][1].append((code, said))
            else:
                groups.append(("", [(code, said)]))
        return groups


def choices(wanted: Wanted) -> list[Choice]:
    """Every filter of the board that is chosen from a list; three queries."""
    severities = SEVERITIES
    if wanted.severity not in dict(SEVERITIES):  # several, of an address that somebody wrote
        severities = [*SEVERITIES, (wanted.severity, " or ".join(s.upper() for s in wanted.severity.split(",")))]
    periods = [("", "Any time"), *((code, label) for code, (label, _) in PERIODS.items()), (DAYS, "From … to …")]
    services = Service.objects.filter(retired_at=None).order_by("name").values_list("slug", "name")[: MOST_OFFERED + 1]
    teams = list(Team.objects.filter(dissolved_at=None).order_by("name", "pk")[: MOST_OFFERED + 1])
    people = person_choices(Person.objects.filter(is_active=True))
    owners = [
        ("People", [(f"person:{number}", name) for number, name in people]),
        ("Teams", [(party_key(team), team.name) for team in teams]),
    ]
    return [
        Choice("state", LABELS["state"], wanted.state, [(code, state.label) for code, state in STATES.items()]),
        Choice("severity", LABELS["severity"], wanted.severity, severities),
        Choice("layer", LABELS["layer"], wanted.layer, [("", "Any layer"), *LAYERS.items()]),
        _of_many("service", wanted, "Any service", list(services)),
        _of_many("team", wanted, "Any team", [(team.slug, team.name) for team in teams]),
        _of_many("owner", wanted, "Any owner", owners),
        Choice("period", LABELS["period"], wanted.period, periods),
    ]


def _of_many(name: str, wanted: Wanted, any_of: str, offered: Sequence[tuple[str, Any]]) -> Choice:
    chosen = getattr(wanted, name)
    called = wanted.names.get(name, "")
    flat = [one for group in offered for one in (group[1] if isinstance(group[1], list) else [group])]
    if len(flat) > MOST_OFFERED:
        return Choice(name, LABELS[name], chosen, None, typed=called, hint=HINTS[name])
    known = chosen in {code for code, _ in flat}
    further = [(chosen, called)] if chosen and not known else []  # retired, dissolved, or no longer here
    return Choice(name, LABELS[name], chosen, [("", any_of), *offered, *further])
