"""Pages with more than fits: a page of each list at a time, each with a cursor of its own, none left out or twice."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from ownership.models import Membership, Person
from tests import factories as make
from tests.ownership.api.program import API, Api
from tests.ownership.conftest import cost, signed_in, text_of

pytestmark = pytest.mark.django_db

MANY = 60


def shown(client: Client, url: str, wanted: str, label: str) -> list[list[str]]:
    """What a pattern finds on a page and on all that follow it by the link of this label."""
    pages = []
    while True:
        html = text_of(client, url)
        pages.append(re.findall(wanted, html))
        more = re.search(rf'rel="next" href="([^"]+)">{label}', html)
        if not more:
            return pages
        found = unescape(more.group(1))
        url = url.partition("?")[0] + found if found.startswith("?") else found


def check(pages: list[list[str]], whole: int, most: int) -> None:
    """Everything once, in pages of no more than `most`."""
    flat = [one for page in pages for one in page]
    assert len(pages) > 1
    assert len(flat) == len(set(flat)) == whole
    assert max(len(page) for page in pages) == most


@pytest.fixture
def viewer(db: None) -> Client:
    return signed_in(make.person(role="viewer"))


def test_the_seams_of_a_component_are_paged_on_each_side_by_itself(viewer: Client) -> None:
    hub = make.component("Hub")
    for _ in range(MANY):
        make.seam(hub, make.component())
        make.seam(make.component(), hub)
    url = f"/components/{hub.pk}/"
    needs = shown(viewer, url, r'this →</span> <a class="title" href="/components/(\d+)/"', "More that it needs")
    check(needs, MANY, 25)
    needed = shown(viewer, url, r'href="/components/(\d+)/">[^<]+</a> <span class="soft">→ this', "More that need it")
    check(needed, MANY, 25)


def test_what_a_person_holds_is_paged_and_what_their_teams_hold_apart(viewer: Client) -> None:
    owner = make.person("Priya")
    team = make.team("Search", owner)
    for number in range(MANY):
        make.service(f"Own {number:02}", owner=owner)
        make.assignment(make.component(f"Of the team {number:02}"), team)
    make.assignment(make.seam(make.component("A seam")), owner)
    browsers = [(viewer, f"/people/{owner.pk}/"), (signed_in(owner), "/people/me/")]
    for client, url in browsers:
        held = r'<li>\s*<a class="title" href="[^"]+">(Own \d+|A seam[^<]*)</a>'
        pages = shown(client, url, held, "More of their own")
        check(pages, MANY + 1, 50)
        assert pages[-1][-1].startswith("A seam")  # services first
        check(shown(client, url, r'href="[^"]+">(Of the team \d+)</a>', "More through teams"), MANY, 50)


def test_a_team_pages_its_members_roles_and_components(viewer: Client) -> None:
    team = make.team("Search")
    Membership.objects.bulk_create([Membership(team=team, person=make.person()) for _ in range(MANY)])
    for number in range(MANY):
        make.component(f"Kept {number:02}", custodian=team)
        make.service(f"Held {number:02}", owner=team)
    check(shown(viewer, "/teams/search/", r'<td><a href="/people/(\d+)/">', "More members"), MANY, 50)
    check(shown(viewer, "/teams/search/", r">(Held \d\d)</a>\s*<div class=.meta.>accountable", "More roles"), MANY, 50)
    check(shown(viewer, "/teams/search/", r">(Kept \d\d)</a>", "More components"), MANY, 50)


def test_teams_are_paged_with_their_numbers(viewer: Client) -> None:
    for number in range(MANY):
        make.team(f"Team no {number:02}", make.person())
    pages = shown(viewer, "/teams/", r'row-link title" href="/teams/([^"]+)/"', "More teams")
    check(pages, MANY, 50)
    assert text_of(viewer, "/teams/").count('data-label="Members">1<') == 50


def test_the_teams_of_the_coverage_are_paged(viewer: Client) -> None:
    for number in range(MANY):
        make.component(custodian=make.team(f"Team no {number:02}"))
    first = text_of(viewer, "/coverage/")
    wanted = r'row-link" href="/coverage/\?team=([^"#]+)#gaps"'
    seen = re.findall(wanted, first)
    assert len(seen) == 10
    link = re.search(r'href="(\?teams=[^"#]+)#teams" rel="next">50 more teams', first)
    assert link is not None
    rest = re.findall(wanted, text_of(viewer, f"/coverage/{unescape(link.group(1))}"))
    assert len(rest) == 50
    assert len(set(seen) | set(rest)) == MANY


def test_the_coverage_of_teams_is_paged_over_the_api(editor: Person) -> None:
    for number in range(7):
        make.component(custodian=make.team(f"Team no {number:02}"))
    api, url, seen = Api(editor, "read"), "/coverage/?page_size=3", []
    while url:
        told = api.get(url)
        assert len(told["teams"]) <= 3
        seen += [one["team"] for one in told["teams"]]
        url = (told["next"] or "").removeprefix(f"http://testserver{API}")
    assert seen == [f"team-no-{number:02}" for number in range(7)]
    assert api.refused("GET", "/coverage/?page_size=999")[0] == 422


@pytest.mark.parametrize("url", ["/teams/", "/teams/search/", "/components/{hub}/", "/people/me/"])
def test_a_page_costs_the_same_with_one_of_each_and_with_more_than_it_shows(url: str) -> None:
    owner = make.person()
    hub, team, client = make.component("Hub"), make.team("Search", owner), signed_in(owner)

    def grow(by: int) -> None:
        for _ in range(by):
            make.seam(hub, make.component(custodian=team))
            make.seam(make.component(), hub)
            make.service(owner=owner)
            make.assignment(make.service(), team, answering=owner)
            Membership.objects.create(team=team, person=make.person())
            make.team()

    found = []
    for by in (1, MANY):
        grow(by)
        found.append(cost(client, url.format(hub=hub.pk)))
    assert found[0] == found[1]
