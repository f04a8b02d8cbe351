"""Findings with what shows them, as somebody may see that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.response.models import Finding
from ownership.models import Person
from web import references
from web.references import Shown


@dataclass(frozen=True)
class Exhibit:
    """A finding and the links that show it."""

    finding: Finding
    links: Sequence[Shown]


def of(findings: Sequence[Finding], viewer: Person, *, number: int) -> list[Exhibit]:
    """The findings of one incident in their order, each kind of link asked for once for all of them."""
    targets = references.resolved(viewer, number, [link for finding in findings for link in finding.links])
    return [Exhibit(one, [references.shown(link, targets) for link in one.links]) for one in findings]
