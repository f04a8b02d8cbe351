"""Catalogues that other people wrote come out with exactly the counts that were taken by other means."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from ownership.importing import merging
from ownership.importing.merging import Catalogue
from ownership.importing.records import Ref
from tests.ownership.importing.reading import folder, owners, readings

KINDS = {
    "benwilcock__backstage-catalogs": {
        "Component": 372,
        "System": 91,
        "API": 33,
        "Domain": 29,
        "Group": 26,
        "Resource": 6,
        "User": 5,
        "Location": 2,
    },
    "giantswarm__backstage-catalogs": {"Component": 75, "API": 18, "Group": 12, "Template": 4},
    "backstage__backstage": {"User": 5, "Component": 4, "Location": 3, "Group": 2, "AiResource": 2, "API": 1},
    "backstage__demo": {"AiResource": 6, "API": 2, "Component": 1},
    "redhat-ai-dev__model-catalog-example": {"Resource": 5, "Component": 2, "API": 2},
}
# unique keys, keys that stand twice, spellings of owners, (reason, documents) skipped
COUNTS = {
    "benwilcock__backstage-catalogs": (559, 5, 28, {"empty_document": 5}),
    "giantswarm__backstage-catalogs": (100, 8, 13, {"not_a_system_part": 4}),
    "backstage__backstage": (17, 0, 3, {"invalid_name": 1}),
    "backstage__demo": (9, 0, 1, {}),
    "redhat-ai-dev__model-catalog-example": (9, 0, 1, {}),
}


def undefined(catalogue: Catalogue) -> Counter[str]:
    return Counter(claim.owner for claim in catalogue.claims if catalogue.party(claim) is None)


def dependents(catalogue: Catalogue, of: Ref) -> int:
    """How many entities break with this one, through whatever chain."""
    needed_by = defaultdict(set)
    for seam, _, _ in merging.seams(catalogue):
        needed_by[seam.downstream].add(seam.upstream)
    seen, waiting = {of}, [of]
    while waiting:
        fresh = needed_by[waiting.pop()] - seen
        seen |= fresh
        waiting += fresh
    return len(seen) - 1


@pytest.mark.parametrize("name", KINDS)
def test_entities_of_each_kind(shared: Path, name: str) -> None:
    assert folder(shared / "catalogs" / name).kinds == KINDS[name]


@pytest.mark.parametrize("name", COUNTS)
def test_unique_keys_duplicates_owners_and_what_is_skipped(shared: Path, name: str) -> None:
    catalogue = folder(shared / "catalogs" / name)
    spellings = {claim.owner for claim in catalogue.claims}
    skipped = Counter(one.reason for one in catalogue.skipped)
    assert (catalogue.unique, len(catalogue.duplicates), len(spellings), skipped) == COUNTS[name]


def test_the_largest_one_in_detail(shared: Path) -> None:
    catalogue = folder(shared / "catalogs" / "benwilcock__backstage-catalogs")
    assert catalogue.files == 26
    assert undefined(catalogue) == {"user:bwilcock": 5, "group:default/rhdh-team": 1}
    assert {one.key for one in catalogue.duplicates} == {
        "component:default/vllm",
        "component:default/tekton-pipelines",
        "component:default/backstage",
        "resource:default/kubernetes",
        "api:default/cluster-api",
    }
    assert dependents(catalogue, Ref("component", "default", "kubernetes")) == 35
    assert dependents(catalogue, Ref("component", "default", "policy-coverage-query-service")) == 30


def test_every_reference_of_the_largest_one(shared: Path) -> None:
    read = readings(shared / "catalogs" / "benwilcock__backstage-catalogs")
    entities = [entity for reading in read for entity in reading.entities]
    related = [relation.field for entity in entities for relation in entity.relations]
    assert len(related) + sum(len(reading.claims) for reading in read) == 1252
    assert related.count("dependsOn") == 189
    assert sum(len(entity.references) for entity in entities) == 17


def test_indented_dashes_and_two_spellings_of_a_team(shared: Path) -> None:
    catalogue = folder(shared / "catalogs" / "giantswarm__backstage-catalogs")
    shield = [claim for claim in catalogue.claims if "team-shield" in claim.owner]
    assert {claim.owner for claim in shield} == {"group:team-shield", "group:default/team-shield"}
    assert {catalogue.party(claim) for claim in shield} == {Ref("group", "default", "team-shield")}


def test_the_examples_of_the_format_itself(shared: Path) -> None:
    catalogue = folder(shared / "catalogs" / "backstage__backstage")
    assert undefined(catalogue) == {}
    assert {one.ref.namespace for one in catalogue.entities.values() if one.ref.name == "guest"} == {
        "default",
        "development",
    }


def test_a_slash_in_an_owner_is_a_namespace(shared: Path) -> None:
    catalogue = folder(shared / "catalogs" / "backstage__demo")
    assert {claim.party for claim in catalogue.claims} == {Ref("group", "backstage", "maintainers")}
    assert undefined(catalogue) == {"backstage/maintainers": 9}
    assert [one.references for one in catalogue.entities.values() if one.references] == [
        (("spec.definition", "$text https://demo.backstage.io/api/graphql/schema"),)
    ]


@pytest.mark.parametrize(
    ("name", "rules", "named", "clearing"),
    [("MetaMask__core", 314, 22, 0), ("bitwarden__server", 83, 18, 7), ("NVIDIA__warp", 74, 7, 0)],
)
def test_rules_and_owners(shared: Path, name: str, rules: int, named: int, clearing: int) -> None:
    read = owners(shared / "catalogs" / name)
    assert len(read.rules) == rules
    assert len({owner for rule in read.rules for owner in rule.owners}) == named
    assert len([rule for rule in read.rules if not rule.owners]) == clearing
    assert read.problems == ()


def test_a_repeated_pattern_is_shadowed(shared: Path) -> None:
    read = owners(shared / "catalogs" / "MetaMask__core")
    assert [rule.pattern for rule in read.rules if rule.shadowed_by] == ["/packages/kyc-controller"]


def test_sections_of_gitlab(shared: Path) -> None:
    read = owners(shared / "catalogs" / "NVIDIA__warp")
    assert read.dialect == "gitlab"
    assert Counter(section.optional for section in read.sections) == {False: 3, True: 13}
    assert read.of("warp/fem/space.py") == {"FEM Module": ("@gdaviet",)}
    assert read.of("warp/native/mesh.cpp") == {
        "Native C++/CUDA": ("@mmacklin", "@lwawrzyniak", "@ncapens"),
        "BVH and Meshes": ("@mmacklin", "@ankac"),
    }
