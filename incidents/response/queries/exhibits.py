"""Findings with what shows them, as somebody may see that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from incidents.response.models import Finding
from ownership.models import Person
from web import references
from web.references import LOST, URL, Reference, Shown

NO_INCIDENT = 0  # no number of one: only what the viewer may see by itself is found


@dataclass(frozen=True)
class Exhibit:
    """A finding and the links that show it."""

    finding: Finding
    links: Sequence[Shown]


def of(findings: Sequence[Finding], viewer: Person, *, number: int) -> list[Exhibit]:
    """The findings of one incident in their order, each kind of link asked for once for all of them."""
    targets = references.resolved(viewer, number, [link for finding in findings for link in finding.links])
    return [Exhibit(one, [references.shown(link, targets) for link in one.links]) for one in findings]


def open_to(viewer: Person, findings: Sequence[Finding]) -> list[list[dict[str, str]]]:
    """The links of each finding as they are kept, of any incidents that the viewer may see.

    Of what is gone or not theirs to see only the kind is given, and `lost`. Each kind is asked once for all of them,
    and once more for an incident where something was not found: what was merged into it is read by whoever reads it.
    """
    targets = references.resolved(viewer, NO_INCIDENT, [link for one in findings for link in one.links])
    missing: dict[int, list[Reference]] = defaultdict(list)
    for one in findings:
        missing[one.incident_id] += [link for link in one.links if not _is_open(link, targets)]
    found = {number: {*targets, *references.resolved(viewer, number, lost)} for number, lost in missing.items()}
    return [
        [
            dict(link) if _is_open(link, found[one.incident_id]) else {"kind": link["kind"], "lost": LOST}
            for link in one.links
        ]
        for one in findings
    ]


def _is_open(link: Reference, targets: Collection[str]) -> bool:
    return link["kind"] == URL or references.key_of(link) in targets
