"""Writes the catalogue as the table that `importing.csvfile` reads."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator

from ownership.exporting.reading import Party, Snapshot
from ownership.importing import csvfile
from ownership.models import Component, Person, Service

LONGEST = 100_000  # of a cell; readers of tables stop at 131,072


def lines(found: Snapshot) -> Iterator[str]:
    """The table, row by row: its header, teams, services, components."""
    services = {one.pk: one.name for one in found.services}
    components = {one.pk: one.name for one in found.components}
    needs: dict[int, list[str]] = defaultdict(list)
    for upstream, downstream in found.seams:
        needs[upstream].append(components[downstream])
    yield _line(dict(zip(csvfile.COLUMNS, csvfile.COLUMNS, strict=True)))
    for team in found.teams:
        yield _line({"kind": "team", "name": team.name})
    for service in found.services:
        said = {"kind": "service", "name": service.name, "description": service.outcome}
        yield _line({**said, **_held(found, service)})
    for component in found.components:
        yield _line(
            {
                "kind": component.kind,
                "name": component.name,
                "description": component.description,
                "lifecycle": component.lifecycle,
                "service": csvfile.joined(services[key] for key in found.services_of.get(component.pk, ())),
                "depends_on": csvfile.joined(needs[component.pk]),
                **_held(found, component),
            }
        )


def _held(found: Snapshot, subject: Service | Component) -> dict[str, str]:
    owner = found.accountable.get(subject)
    custodians = found.custodians.get(subject, ())
    return {
        "owner": _party(owner) if owner else "",
        "custodian": csvfile.joined(_party(one) for one in custodians),
    }


def _party(party: Party) -> str:
    return party.email if isinstance(party, Person) else party.name


def _line(cells: dict[str, str]) -> str:
    into = io.StringIO()
    csv.writer(into).writerow([csvfile.safe(cells.get(name, "")[:LONGEST]) for name in csvfile.COLUMNS])
    return into.getvalue()
