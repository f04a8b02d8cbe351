"""No address breaks on the one character that the database cannot hold, in whatever parameter it comes."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any

import pytest
from django.test import Client

from tests import factories as make
from tests.house.test_doors import SAMPLES, Door, doors

pytestmark = pytest.mark.django_db

READ = re.compile(r"""(?:GET|query_params|asked|query)(?:\.get(?:list)?\(|\[)"(\w+)\"""")
EVERYWHERE = {"after"}  # read for every list
THERE = 10**9  # a number that no sequence comes to
BUILT_WITH = [door for door in doors() if not door.path.startswith(("/hooks/", "/v2/"))]


def parameters(browser: Client) -> dict[str, set[str]]:
    """What each address of the API reads of its query, by the address with `{}` for what varies."""
    schema: dict[str, Any] = browser.get("/api/v1/schema/?format=json").json()
    return {
        re.sub(r"\{\w+\}", "{}", path): {one["name"] for one in call["get"]["parameters"] if one["in"] == "query"}
        for path, call in schema["paths"].items()
        if "parameters" in call.get("get", {})
    }


def names_of(door: Door, told: dict[str, set[str]]) -> set[str]:
    """What this address may read of its query: as the schema says, else as the module of the view does."""
    if door.path.startswith("/api/"):
        return told.get("/" + re.sub(r"<\w+>", "{}", door.route), set())
    module = sys.modules[inspect.unwrap(door.callback).__module__]
    return EVERYWHERE | set(READ.findall(inspect.getsource(module)))


@pytest.fixture
def browser() -> Client:
    """An admin's, where the samples of `doors` name something that is there."""
    make.service(SAMPLES[0], owner=make.person(pk=THERE))
    make.team(SAMPLES[0])
    make.seam(make.component(pk=THERE), pk=THERE)
    client = Client(raise_request_exception=False)
    client.force_login(make.person(role="admin"))
    return client


def test_the_names_are_found(browser: Client) -> None:
    told = parameters(browser)
    found = {door.route: names_of(door, told) for door in BUILT_WITH}
    assert {"team", "service", "gap", "tier", "show"} <= found["coverage/"]
    assert {"alias", "search", "custodian"} <= found["api/v1/components/"]
    assert {"at", "known_at"} <= found["api/v1/services/<slug>/owner/"]


def test_no_parameter_breaks_a_page_or_a_list(browser: Client) -> None:
    told = parameters(browser)
    broken = []
    for door in BUILT_WITH:
        for name in sorted(names_of(door, told)):
            path = re.sub(r"/1(?=/)", f"/{THERE}", door.path)
            status = browser.get(f"{path}?{name}=a%00").status_code
            if status == 500 or (door.path.startswith("/api/") and status == 200):
                broken.append((door.route, name, status))
    assert broken == []


def test_no_path_breaks(browser: Client) -> None:
    broken = []
    for door in BUILT_WITH:
        path = re.sub(rf"/{SAMPLES[0]}(?=[/.]|$)", "/a%00", door.path)
        if path != door.path and browser.get(path).status_code == 500:
            broken.append(door.route)
    assert broken == []


def test_a_program_is_told_which_parameter_it_was(browser: Client) -> None:
    answer = browser.get("/api/v1/components/?search=a%00&kind=api")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["code"] == "invalid"
    assert answer.json()["errors"] == {"search": ["Null characters are not allowed."]}


def test_pages_go_on_without_it(browser: Client) -> None:
    assert browser.get("/coverage/?team=js%00on").context["team"].slug == "json"
    assert browser.get("/teams/a%00/").status_code == 404
