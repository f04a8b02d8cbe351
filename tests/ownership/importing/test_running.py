"""Importing whole folders into the database: what comes of it, and that a second time nothing does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ownership import importing
from ownership.importing.report import Report
from ownership.models import Alias, Assignment, CatalogueEntry, Claim, Component, Dependency, Part, Service, Team
from tests import factories as make
from tests.factories import NOON
from tests.ownership.importing.reading import entity

pytestmark = pytest.mark.django_db

ROWS = (Alias, Assignment, CatalogueEntry, Claim, Component, Dependency, Part, Service, Team)
CATALOGUE = "---\n".join(
    [
        entity("System", "answers", owner="search"),
        entity("Component", "retriever", owner="group:search", system="answers", dependsOn="['resource:index']"),
        entity("Resource", "index", owner="user:ann", system="answers").replace("type: service", "type: vector-store"),
        entity("Group", "search"),
        entity("User", "ann", profile="{email: ann@example.org}"),
    ]
)


def run(*paths: Path, days: int = 0, **options: bool) -> Report:
    return importing.run(paths, by=None, now=NOON + timedelta(days=days), **options)


def written(folder: Path, text: str = CATALOGUE, name: str = "catalog-info.yaml") -> Path:
    (folder / name).write_text(text)
    return folder


def everything() -> list[list[dict[str, object]]]:
    moving = {"last_seen"}
    return [
        [
            {key: value for key, value in row.items() if key not in moving}
            for row in model.objects.order_by("pk").values()
        ]
        for model in ROWS
    ]


def test_entities_become_services_components_and_teams(tmp_path: Path) -> None:
    report = run(written(tmp_path))
    service = Service.objects.get()
    assert service.name == "answers"
    assert list(Component.objects.order_by("name").values_list("name", "kind")) == [
        ("index", "vector_store"),
        ("retriever", "api"),
    ]
    assert list(service.parts.order_by("position").values_list("component__name", "position")) == [
        ("retriever", 0),
        ("index", 1),
    ]
    seam = Dependency.objects.get()
    assert (seam.upstream.name, seam.downstream.name, seam.kind) == ("retriever", "index", "data")
    assert Team.objects.get().name == "search"
    assert report.created == {"components": 2, "services": 1, "teams": 1, "parts": 2, "seams": 1, "claims": 3}


def test_owners_become_claims_and_no_assignment_changes(tmp_path: Path) -> None:
    owner = make.team("Other")
    service = make.service("answers", owner=owner)
    before = list(Assignment.objects.values())
    run(written(tmp_path))
    claim = Claim.objects.get(service=service)
    assert (claim.owner, claim.team, claim.state, claim.line, claim.role) == (
        "search",
        Team.objects.get(name="search"),
        "new",
        7,
        "accountable",
    )
    assert list(Assignment.objects.values()) == before


def test_a_second_time_changes_nothing_but_when_it_was_seen(tmp_path: Path) -> None:
    written(tmp_path)
    run(tmp_path)
    before = everything()
    report = run(tmp_path, days=1)
    assert everything() == before
    assert report.created == {}
    assert set(Claim.objects.values_list("last_seen", flat=True)) == {NOON + timedelta(days=1)}


def test_a_dry_run_reports_the_same_and_keeps_nothing(tmp_path: Path) -> None:
    written(tmp_path)
    dry = run(tmp_path, dry_run=True)
    assert [model.objects.count() for model in ROWS] == [0] * len(ROWS)
    assert dry.created == run(tmp_path).created


def test_an_error_costs_its_document_or_everything_as_chosen(tmp_path: Path) -> None:
    written(tmp_path, CATALOGUE + "---\n" + entity(name="two words"))
    refused = run(tmp_path, all_or_nothing=True)
    assert refused.refused
    assert [(one.code, one.line) for one in refused.errors] == [("invalid_name", 46)]
    assert Component.objects.count() == 0
    assert run(tmp_path).created["components"] == 2


def test_a_broken_file_keeps_what_was_imported_from_it(tmp_path: Path) -> None:
    written(tmp_path)
    run(tmp_path)
    before = everything()
    written(tmp_path, "kind: [")
    assert [one.code for one in run(tmp_path).errors] == ["bad_yaml"]
    assert everything() == before


@pytest.mark.parametrize(
    ("owner", "reason"),
    [
        ("nobody", "unknown_party"),
        ("backstage/search", "unknown_party"),
        ("user:ben", "unknown_party"),
        ("domain:search", "not_a_party"),
        ("ben@example.org", "unknown_email"),
        ("a/b/c", "bad_ref"),
        ("[search]", "empty"),
    ],
)
def test_an_owner_nobody_knows_is_listed_and_never_defaulted(tmp_path: Path, owner: str, reason: str) -> None:
    report = run(written(tmp_path, entity(owner=owner) + "---\n" + entity("Group", "search")))
    claim = Claim.objects.get()
    assert [one.reason for one in report.unresolved] == [reason]
    assert (claim.person, claim.team, claim.unresolved, claim.component) == (
        None,
        None,
        reason,
        Component.objects.get(),
    )


def test_owners_are_also_sought_among_those_who_are_here(tmp_path: Path) -> None:
    search, ann = make.team("Search"), make.person(email="Ann@example.org")
    documents = [entity(name="a", owner="search"), entity(name="b", owner="ann@example.org")]
    report = run(written(tmp_path, "---\n".join(documents)))
    assert list(Claim.objects.order_by("subject_name").values_list("team", "person")) == [
        (search.pk, None),
        (None, ann.pk),
    ]
    assert report.unresolved == ()


def test_a_described_user_without_account_is_no_party_yet_and_one_later(tmp_path: Path) -> None:
    written(tmp_path)
    report = run(tmp_path)
    assert [one.claim.owner for one in report.without_account] == ["user:ann"]
    assert report.unresolved == ()
    ann = make.person(email="ANN@example.org")
    run(tmp_path, days=1)
    assert Claim.objects.get(owner="user:ann").person == ann


def test_what_people_renamed_or_wrote_stays(tmp_path: Path) -> None:
    run(written(tmp_path))
    Component.objects.filter(name="index").update(name="Passages", kind="retrieval_index", description="Ours")
    before = everything()
    run(tmp_path)
    assert everything() == before


def test_a_living_component_of_the_name_is_taken_up(tmp_path: Path) -> None:
    made = make.component("Retriever", kind="agent")
    run(written(tmp_path))
    assert CatalogueEntry.objects.get(ref="component:default/retriever").component == made


def test_a_retired_one_stays_retired_and_is_told(tmp_path: Path) -> None:
    run(written(tmp_path))
    Component.objects.filter(name="index").update(retired_at=NOON)
    before = everything()
    report = run(tmp_path)
    assert [one.reason for one in report.skipped] == ["retired_here"]
    assert everything() == before


def test_one_name_for_two_kinds_and_namespaces_makes_two_components(tmp_path: Path) -> None:
    far = entity(name="cache").replace("  name: c", "  namespace: far\n  name: c")
    run(written(tmp_path, "---\n".join([entity(name="cache"), entity("Resource", "Cache"), far])))
    assert list(Component.objects.order_by("pk").values_list("name", flat=True)) == [
        "cache",
        "Cache (resource)",
        "cache (component)",
    ]


def test_references_that_lead_nowhere_are_told_with_a_cure(tmp_path: Path) -> None:
    first = entity(name="a", dependsOn="['component:index', 'resource:gone', 'component:a']", system="none")
    report = run(written(tmp_path, first + "---\n" + entity("Resource", "index")))
    told = {(one.code, one.line): one.message for one in report.problems}
    assert list(told) == [("dangling_ref", 8), ("dangling_ref", 7), ("itself", 7)]
    assert any("did you mean resource:default/index?" in one.message for one in report.problems)
    assert Dependency.objects.count() == 0


def test_an_alias_that_another_component_has_is_told(tmp_path: Path) -> None:
    key = "  annotations: {pagerduty.com/service-id: P1}\nspec:"
    both = [entity(name=name).replace("spec:", key) for name in ("a", "b")]
    report = run(written(tmp_path, "---\n".join(both)))
    assert [(one.system, one.key, one.component.name) for one in Alias.objects.all()] == [
        ("pagerduty.com/service-id", "P1", "a")
    ]
    assert [one.code for one in report.problems] == ["alias_taken"]


def test_locations_are_followed_inside_the_folder_and_each_file_is_read_once(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    (inside / "deep").mkdir(parents=True)
    targets = "targets: [./deep/part.yaml, ../outside.yaml, ./gone.yaml, ./catalog-info.yaml, /etc/passwd]"
    written(inside, entity("Location", "all").replace("type: service", targets))
    written(inside, entity(name="part"), "deep/part.yaml")
    written(tmp_path, entity(name="outside"), "outside.yaml")
    alone, whole = run(inside / "catalog-info.yaml", dry_run=True), run(inside)
    assert alone.created == whole.created == {"components": 1}
    assert [one.code for one in alone.problems] == ["outside", "target_missing", "outside"]
    assert alone.catalogue.files == whole.catalogue.files == 2


def test_an_optional_target_may_be_missing(tmp_path: Path) -> None:
    text = entity("Location", "all").replace("type: service", "target: ./gone.yaml\n  presence: optional")
    assert run(written(tmp_path, text)).problems == ()


def test_codeowners_are_claims_about_custodians_of_paths(tmp_path: Path) -> None:
    search = make.team("Search")
    written(tmp_path, "* @acme/search @ann\n/docs\n", "CODEOWNERS")
    report = run(tmp_path)
    claims = Claim.objects.order_by("owner")
    assert [(one.owner, one.team, one.role, one.component, one.service) for one in claims] == [
        ("@acme/search", search, "custodian", None, None),
        ("@ann", None, "custodian", None, None),
    ]
    assert [one.claim.owner for one in report.unresolved] == ["@ann"]
    assert Component.objects.count() == Service.objects.count() == 0


def test_a_table_becomes_services_components_and_seams(tmp_path: Path) -> None:
    table = (
        "kind,name,owner,service,depends_on\nservice,Answers,Search,,\nmodel,Ranker,,Answers,Index\ndataset,Index,,,\n"
    )
    make.team("Search")
    report = run(written(tmp_path, table, "parts.csv"))
    assert report.created == {"components": 2, "services": 1, "parts": 1, "seams": 1, "claims": 1}
    assert Claim.objects.get().team == Team.objects.get()


def test_text_that_no_column_holds_is_cut(tmp_path: Path) -> None:
    long = "x" * 5_000
    run(
        written(
            tmp_path,
            entity("System", "a", owner=long).replace("spec:", f"  title: {long}\n  description: {long}\nspec:"),
        )
    )
    assert len(Service.objects.get().name) == 120
    assert len(Claim.objects.get().owner) == 300


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(importing.CannotRead, match="nothing-here"):
        run(tmp_path / "nothing-here")
