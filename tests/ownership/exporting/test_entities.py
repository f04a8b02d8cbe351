"""The export as Backstage would check it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ownership import exporting
from ownership.exporting import naming
from ownership.models import Alias, CatalogueEntry, Component, Dependency, Membership, Part, Team
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

NAME = re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*")
NAMESPACE = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
REF = re.compile(rf"[a-z]+:{NAMESPACE.pattern}/{NAME.pattern}")
ANNOTATION = re.compile(r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*/)?[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*")
REQUIRED = {
    "Component": {"type", "lifecycle", "owner"},
    "API": {"type", "lifecycle", "owner", "definition"},
    "AiResource": {"type", "lifecycle", "owner"},
    "Resource": {"type", "owner"},
    "System": {"owner"},
    "Group": {"type", "children"},
    "User": {"memberOf"},
}
MAY_DEPEND = {"component", "resource", "api", "airesource"}


def text(kind: str = "backstage") -> str:
    return "".join(exporting.export(kind, at=NOON).pieces)


def documents() -> dict[str, dict[str, Any]]:
    """Every document by kind and title, each checked."""
    read = list(yaml.safe_load_all(text()))
    keys = [(one["kind"], one["metadata"].get("namespace", "default"), one["metadata"]["name"].lower()) for one in read]
    assert len(keys) == len(set(keys))
    for one in read:
        check(one)
    return {f"{one['kind']} {one['metadata']['title']}": one for one in read}


def check(entity: dict[str, Any]) -> None:
    """What the descriptor format asks of an entity of each kind."""
    metadata, spec = entity["metadata"], entity["spec"]
    assert entity["apiVersion"] == "backstage.io/v1alpha1"
    assert NAME.fullmatch(metadata["name"])
    assert len(metadata["name"]) <= 63
    assert NAMESPACE.fullmatch(metadata.get("namespace", "default"))
    for key, value in metadata.get("annotations", {}).items():
        assert ANNOTATION.fullmatch(key)
        assert isinstance(value, str)
    assert REQUIRED[entity["kind"]] <= spec.keys()
    for field in ("type", "lifecycle", "owner"):
        assert isinstance(spec.get(field, "x"), str)
        assert spec.get(field, "x")
    for field in ("dependsOn", "consumesApis", "providesApis", "memberOf"):
        assert all(REF.fullmatch(ref) for ref in spec.get(field, []))
    assert all(ref.partition(":")[0] in MAY_DEPEND for ref in spec.get("dependsOn", []))


def test_teams_people_services_and_components_with_who_answers() -> None:
    ann = make.person("Ann Ode", email="ann.ode@example.org")
    team = make.team("Search & find", ann)
    service = make.service("Support answers", owner=team)
    ranker = make.component("Ranker", kind="model", of=service, description="Orders passages.", lifecycle="deprecated")
    make.assignment(ranker, ann)
    index = make.component("Índex 1", kind="vector_store", of=service, custodian=team)
    Dependency.objects.create(upstream=ranker, downstream=index)
    Alias.objects.create(component=index, system="pagerduty.com/service-id", key="P1")
    found = documents()
    assert found["Group Search & find"]["metadata"]["name"] == "search-find"
    user = found["User Ann Ode"]
    assert (user["spec"]["profile"]["email"], user["spec"]["memberOf"]) == (
        "ann.ode@example.org",
        ["group:default/search-find"],
    )
    system = found["System Support answers"]
    assert (system["spec"]["owner"], system["metadata"]["description"]) == (
        "group:default/search-find",
        service.outcome,
    )
    model = found["Component Ranker"]
    assert model["spec"] == {
        "type": "model-server",
        "lifecycle": "deprecated",
        "owner": "user:default/ann.ode",
        "system": "system:default/support-answers",
        "dependsOn": ["resource:default/index-1"],
    }
    store = found["Resource Índex 1"]
    assert store["spec"]["owner"] == "group:default/search-find"
    assert store["metadata"]["annotations"] == {
        "seamline.dev/kind": "vector_store",
        "seamline.dev/owner-role": "custodian",
        "pagerduty.com/service-id": "P1",
    }


def test_nobody_is_written_as_nobody_and_never_a_team_of_that_name() -> None:
    make.team("Nobody")
    make.service("Answers")
    found = documents()
    assert found["System Answers"]["spec"]["owner"] == "nobody"
    assert found["System Answers"]["metadata"]["annotations"]["seamline.dev/owner-role"] == "none"
    assert found["Group Nobody"]["metadata"]["name"] == "nobody-2"


def test_names_that_meet_are_numbered_and_keep_their_titles() -> None:
    for name in ("Re ranker", "re-ranker", "RE_RANKER", "検索", "x" * 100, "x" * 101):
        make.component(name)
    names = {one["metadata"]["title"]: one["metadata"]["name"] for one in documents().values()}
    assert sorted(names) == sorted(Component.objects.values_list("name", flat=True))
    assert {names["Re ranker"], names["re-ranker"]} == {"re-ranker", "re-ranker-2"}
    assert names["RE_RANKER"] == "re_ranker"
    assert names["検索"].startswith("component-")


def test_what_came_from_a_catalogue_keeps_its_reference() -> None:
    component, service = make.component("Ranker"), make.service("Answers")
    CatalogueEntry.objects.create(ref="api:far-away/rank.er", component=component, first_seen=NOON)
    CatalogueEntry.objects.create(ref="system:csv/answers given", service=service, first_seen=NOON)
    user = make.component("User of it")
    Dependency.objects.create(upstream=user, downstream=component, contract_url="https://example.org/api.yaml")
    Dependency.objects.create(upstream=component, downstream=make.component("Backend"))
    found = documents()
    api = found["API Ranker"]
    assert (api["metadata"]["namespace"], api["metadata"]["name"]) == ("far-away", "rank.er")
    assert api["spec"]["definition"] == {"$text": "https://example.org/api.yaml"}
    assert found["System Answers"]["metadata"]["name"] == "answers"
    assert found["Component User of it"]["spec"]["consumesApis"] == ["api:far-away/rank.er"]
    assert found["Component Backend"]["spec"]["providesApis"] == ["api:far-away/rank.er"]


def test_further_services_stand_in_an_annotation() -> None:
    one, two = make.service("A"), make.service("B")
    shared = make.component("Cache", of=one)
    Part.objects.create(service=two, component=shared)
    found = documents()["Component Cache"]
    assert found["spec"]["system"] == "system:default/a"
    assert found["metadata"]["annotations"]["seamline.dev/systems"] == "system:default/b"


def test_what_is_retired_dissolved_or_gone_is_left_out() -> None:
    gone = make.person(is_active=False)
    team = make.team("Old")
    Team.objects.filter(pk=team.pk).update(dissolved_at=NOON)
    service = make.service("Answers", owner=gone)
    make.service("Before", retired_at=NOON)
    old = make.component("Old one", retired_at=NOON, of=service)
    new = make.component("New one", of=service, custodian=team)
    Dependency.objects.create(upstream=new, downstream=old)
    found = documents()
    assert set(found) == {"System Answers", "Component New one"}
    assert found["System Answers"]["spec"]["owner"] == "nobody"
    assert "dependsOn" not in found["Component New one"]["spec"]


@pytest.mark.parametrize(
    "odd", ["on", "1e3", "0o7", "null", "~", "2024-01-01", "1.10", "yes: no", "#x", "- a", "x\ny", "ünï"]
)
def test_every_reader_of_yaml_takes_names_for_text(odd: str) -> None:
    make.component(odd)
    (entity,) = yaml.safe_load_all(text())
    assert entity["metadata"]["title"] == odd
    line = next(line for line in text().splitlines() if line.startswith("  title:"))
    assert re.search(r"""title: (["'].*|[A-Za-z][A-Za-z .,/:_-]*)$""", line)
    if not odd.isalpha() or odd in {"on", "null"}:
        assert line.startswith(("  title: '", '  title: "'))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Search & find", "search-find"),
        ("a..b", "a-b"),
        ("-x_", "x"),
        ("Ünïcode", "unicode"),
        ("!!", ""),
        ("a" * 80, "a" * 63),
    ],
)
def test_names(words: str, name: str) -> None:
    assert naming.name_of(words) == name


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_an_export_takes_the_same_queries_however_much_there_is(kind: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            text(kind)
        return len(queries)

    def more() -> None:
        person = make.person()
        team = make.team("", person)
        part = make.component(of=make.service(owner=person), custodian=team)
        Dependency.objects.create(upstream=part, downstream=make.component())
        Membership.objects.create(team=make.team(), person=person)

    more()
    one = cost()
    more()
    more()
    assert cost() == one
    assert one <= 10
