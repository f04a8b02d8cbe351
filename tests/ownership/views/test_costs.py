"""What the pages about a service, a component and a seam cost in queries: a number, however much there is.

A panel or a mark in the rail that costs one more changes a number here, on purpose.
"""

from __future__ import annotations

import pytest

from ownership.models import Alias, Component, Dependency, Person, ServiceLink, Team
from tests import factories as make
from tests.ownership.conftest import cost, signed_in

pytestmark = pytest.mark.django_db

# Sign-in and rail included. The teammate is of the team that is accountable; editors read what their forms offer, too.
COSTS = {"service": (33, 29), "component": (22, 18), "seam": (18, 15)}


def grow(first: Component, team: Team, *, by: int) -> None:
    """More of everything that one of the pages shows."""
    service = first.services.get()
    for _ in range(by):
        part = make.component(of=service, custodian=make.team("", make.person()))
        Alias.objects.create(component=part, system="job", key=part.name)
        Alias.objects.create(component=first, system="job", key=f"{part.name} too")
        ServiceLink.objects.create(service=service, kind="runbook", label="Runbook", url="https://example.org/r")
        make.seam(first, part, timeout_ms=300)
        make.seam(part, make.component(of=make.service()), timeout_ms=500)
        make.seam(make.component(), first, timeout_ms=100)
        for subject in (service, first, Dependency.objects.earliest("pk")):
            make.assignment(subject, make.person(), role="deputy")
            make.assignment(subject, make.team("", make.person()), role="escalation")


@pytest.mark.parametrize("place", [0, 1], ids=["editor", "teammate"])
def test_each_page_takes_so_many_queries_with_one_of_everything_and_with_many(place: int, editor: Person) -> None:
    mate = make.person()
    team = make.team("Answers team", mate, make.person())
    service = make.service("Answers", archetype="rag")
    seam = make.seam(make.component(of=service), make.component(of=service), timeout_ms=400)
    for subject in (service, seam.upstream, seam):
        make.assignment(subject, team, answering=mate)
    viewer = signed_in((editor, mate)[place])
    for more in (1, 5):
        grow(seam.upstream, team, by=more)
        pages = {
            "service": f"/services/{service.slug}/",
            "component": f"/components/{seam.upstream_id}/",
            "seam": f"/seams/{seam.pk}/",
        }
        found = {name: cost(viewer, url) for name, url in pages.items()}
        assert found == {name: costs[place] for name, costs in COSTS.items()}
