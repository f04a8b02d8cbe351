"""What goes out comes in again: the same things, and every owner as a claim."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ownership import exporting, importing
from ownership.importing import csvfile
from ownership.models import (
    Assignment,
    CatalogueEntry,
    Claim,
    Component,
    Dependency,
    Membership,
    Part,
    Person,
    Service,
    Team,
)
from ownership.queries import claims
from ownership.vocabulary import ComponentKind, Lifecycle
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

# Case and width that fold onto each other are one name in a catalogue; what is tried here keeps them apart.
NAMES = st.text(alphabet="abcdefgh =+-@'|\\.,:\"#ä検", min_size=1, max_size=12).map(lambda text: " ".join(text.split()))
NAMES = NAMES.filter(lambda text: bool(text) and not text.startswith("'"))


@st.composite
def catalogues(draw: st.DrawFn) -> dict[str, object]:
    """Names of teams, services and components; who holds what, by number; parts and seams, by number."""
    names = st.lists(NAMES, unique_by=str.lower, max_size=4)
    parts = draw(
        st.lists(
            st.tuples(NAMES, st.sampled_from(ComponentKind.values)), unique_by=lambda one: one[0].lower(), max_size=5
        )
    )
    number = st.integers(0, 5)
    return {
        "teams": draw(names),
        "services": draw(names),
        "components": [(name, kind, draw(st.sampled_from(Lifecycle.values))) for name, kind in parts],
        "owners": draw(st.lists(st.integers(-2, 5), min_size=10, max_size=10)),
        "custodians": draw(st.lists(st.integers(-2, 5), min_size=10, max_size=10)),
        "parts": draw(st.sets(st.tuples(number, number), max_size=6)),
        "seams": draw(st.sets(st.tuples(number, number), max_size=6)),
    }


def build(wanted: dict[str, object]) -> None:
    teams = [Team.objects.create(name=name, slug=f"t{at}") for at, name in enumerate(wanted["teams"])]
    people = [Person.objects.create(name="Ann", email=f"ann@example.{end}") for end in ("org", "net")]
    parties = [*people, *teams]
    services = [
        Service.objects.create(name=name, slug=f"s{at}", outcome=f"={name}")
        for at, name in enumerate(wanted["services"])
    ]
    components = [
        Component.objects.create(name=name, kind=kind, lifecycle=life, description=f"@{name}\n{kind}")
        for name, kind, life in wanted["components"]
    ]
    for at, subject in enumerate([*services, *components]):
        owner, custodian = wanted["owners"][at], wanted["custodians"][at]
        if 0 <= owner < len(parties):
            make.assignment(subject, parties[owner])
        if 0 <= custodian < len(teams) and isinstance(subject, Component):
            Component.objects.filter(pk=subject.pk).update(custodian=teams[custodian])
    for service, component in wanted["parts"]:
        if service < len(services) and component < len(components):
            Part.objects.create(service=services[service], component=components[component])
    for upstream, downstream in wanted["seams"]:
        if upstream != downstream and max(upstream, downstream) < len(components):
            Dependency.objects.create(upstream=components[upstream], downstream=components[downstream])


def things() -> dict[str, object]:
    """What an export promises to carry."""
    return {
        "teams": set(Team.objects.values_list("name", flat=True)),
        "services": set(Service.objects.values_list("name", "outcome")),
        "components": set(Component.objects.values_list("name", "kind", "lifecycle", "description")),
        "parts": set(Part.objects.values_list("service__name", "component__name")),
        "seams": set(Dependency.objects.values_list("upstream__name", "downstream__name")),
    }


def held() -> set[tuple[object, ...]]:
    rows = Assignment.objects.filter(superseded_at=None).values_list(
        "service__name", "component__name", "role", "team__name", "person__email"
    )
    named = Component.objects.exclude(custodian=None).values_list("name", "custodian__name")
    return {*rows, *((None, name, "custodian", team, None) for name, team in named)}


def said() -> set[tuple[object, ...]]:
    return set(Claim.objects.values_list("service__name", "component__name", "role", "team__name", "person__email"))


def emptied() -> None:
    for model in (Claim, CatalogueEntry, Dependency, Part, Assignment, Component, Service, Membership, Team):
        model._default_manager.all().delete()


def brought(kind: str, text: str) -> importing.Report:
    name = "catalogue.csv" if kind == "csv" else "catalog-info.yaml"
    _, pieces = importing.read({name: text.encode()})
    return importing.run_pieces(pieces, folder="export", by=None, now=NOON)


def exported(kind: str) -> str:
    return "".join(exporting.export(kind, at=NOON).pieces)


@pytest.mark.parametrize("kind", exporting.FORMATS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=catalogues())
def test_into_an_empty_installation(kind: str, wanted: dict[str, object]) -> None:
    with transaction.atomic():
        build(wanted)
        before, owners, text = things(), held(), exported(kind)
        again = brought(kind, text)
        assert things() == before  # where it came from, it changes nothing but that claims are noted
        assert {key for key in again.created if key != "claims"} == set()
        assert claims.drift(at=NOON).count() == 0
        emptied()
        report = brought(kind, text)
        assert report.problems == ()
        assert things() == before
        assert said() == owners
        assert report.unresolved == ()
        transaction.set_rollback(True)


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_the_same_export_of_the_same_catalogue(kind: str) -> None:
    make.component("Ranker", of=make.service(owner=make.team()))
    text = exported(kind)
    brought(kind, text)
    assert brought(kind, text).nothing_to_do


FORMULAS = ["=1+1", "+1", "-1", "@x", "'=1", "''@x", "'x", "x"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula_and_none_is_lost(cell: str) -> None:
    assert csvfile.safe(cell)[0] not in "=+-@\t\r"
    assert csvfile.plain(csvfile.safe(cell)) == cell


def test_the_table_holds_no_formula_anywhere() -> None:
    team = make.team("@everyone")
    make.component("=cmd()", of=make.service("+1", owner=team), description="-2", custodian=team)
    rows = list(csv.reader(io.StringIO(exported("csv"))))
    assert rows[0] == list(csvfile.COLUMNS)
    assert [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@"}] == []
    assert "'=cmd()" in rows[3]


@pytest.mark.parametrize("names", [["a|b", "c\\d", "\\|"], ["x"], [], ["a\\\\b", "|"]])
def test_several_names_in_one_cell(names: list[str]) -> None:
    several: Callable[[str], list[str]] = csvfile._several
    assert several(csvfile.joined(names)) == names
