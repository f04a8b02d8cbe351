"""The traps of catalog-info.yaml, each with a small document of our own."""

from __future__ import annotations

import pytest

from ownership.importing import merging
from ownership.importing.records import Ref
from tests.ownership.importing.reading import HEAD, backstage_of, codes, entity


@pytest.mark.parametrize(
    ("owner", "party"),
    [
        ("search", Ref("group", "default", "search")),
        ("group:search", Ref("group", "default", "search")),
        ("GROUP:Default/Search", Ref("group", "default", "search")),
        ("acme/search", Ref("group", "acme", "search")),
        ("group:acme/search", Ref("group", "acme", "search")),
        ("user:ann", Ref("user", "default", "ann")),
        ("domain:platform", Ref("domain", "default", "platform")),
        ("ann@example.org", None),
        ("a/b/c", None),
    ],
)
def test_whom_an_owner_names(owner: str, party: Ref | None) -> None:
    (claim,) = backstage_of(entity(owner=owner)).claims
    assert (claim.party, claim.owner, claim.line) == (party, owner, 7)


def test_an_owner_that_is_a_domain_is_nobody() -> None:
    catalogue = merging.merged([backstage_of(entity(owner="domain:platform"), entity("Domain", "platform"))])
    assert catalogue.party(catalogue.claims[0]) is None


def test_an_owner_may_be_the_address_of_a_described_user() -> None:
    user = entity("User", "ann", profile="{email: Ann@example.org}")
    catalogue = merging.merged([backstage_of(entity(owner="ann@example.org"), user)])
    assert catalogue.party(catalogue.claims[0]) == Ref("user", "default", "ann")


def test_a_map_as_owner_is_taken_with_a_warning() -> None:
    reading = backstage_of(entity(owner="{kind: Group, name: search}"))
    assert reading.claims[0].party == Ref("group", "default", "search")
    assert codes(reading) == ["compound_ref"]


def test_a_bare_owner_is_sought_in_its_own_namespace_and_then_in_default_with_a_doubt() -> None:
    described = entity(owner="search").replace("  name: r", "  namespace: Edge\n  name: r")
    near, far = (
        entity("Group", "search").replace("  name: s", "  namespace: edge\n  name: s"),
        entity("Group", "search"),
    )
    both, only_far = (
        merging.merged([backstage_of(described, near, far)]),
        merging.merged([backstage_of(described, far)]),
    )
    assert both.party(both.claims[0]) == Ref("group", "edge", "search")
    assert codes(both) == []
    assert only_far.party(only_far.claims[0]) == Ref("group", "default", "search")
    assert codes(only_far) == ["other_namespace"]


def test_keys_differ_in_more_than_case() -> None:
    catalogue = merging.merged([backstage_of(entity(name="vLLM"), entity(name="vllm"), entity("Resource", "vllm"))])
    assert catalogue.unique == 2
    assert [(one.key, len(one.places)) for one in catalogue.duplicates] == [("component:default/vllm", 2)]
    assert catalogue.entities[Ref("component", "default", "vllm")].name == "vLLM"


@pytest.mark.parametrize("name", ["two words", "a--b", "-a", "a" * 64, "ä"])
def test_a_name_that_is_not_allowed_costs_only_its_document(name: str) -> None:
    reading = backstage_of(entity(name=name, owner="search"), entity(name="fine"))
    assert codes(reading) == ["invalid_name"]
    assert [one.reason for one in reading.skipped] == ["invalid_name"]
    assert [one.name for one in reading.entities] == ["fine"]


def test_values_are_text_as_in_yaml_1_2() -> None:
    reading = backstage_of(*(entity(name=name) for name in ("on", "1.10", "2024-01-01", "no")))
    assert [one.name for one in reading.entities] == ["on", "1.10", "2024-01-01", "no"]


def test_a_bare_dependency_is_an_error_that_says_what_to_write() -> None:
    reading = backstage_of(entity(dependsOn="[index, Component:cache]"))
    assert [relation.target.name for relation in reading.entities[0].relations] == ["cache"]
    assert codes(reading) == ["kind_missing"]
    assert "component:index" in reading.problems[0].message


@pytest.mark.parametrize(
    ("kind", "field", "upstream", "downstream"),
    [
        ("Component", "dependsOn: ['api:x']", "retriever", "x"),
        ("Component", "dependencyOf: ['component:x']", "x", "retriever"),
        ("Component", "consumesApis: [x]", "retriever", "x"),
        ("Component", "providesApis: [x]", "x", "retriever"),
        ("API", "apiConsumedBy: [x]", "x", "retriever"),
    ],
)
def test_who_needs_whom(kind: str, field: str, upstream: str, downstream: str) -> None:
    name, _, value = field.partition(": ")
    catalogue = merging.merged([backstage_of(entity(kind, **{name: value}))])
    ((seam, _, _),) = merging.seams(catalogue)
    assert (seam.upstream.name, seam.downstream.name) == (upstream, downstream)


def test_what_stands_for_content_is_kept_as_an_address() -> None:
    reading = backstage_of(entity("API", definition="{$openapi: ./openapi.yaml}"))
    assert reading.entities[0].references == (("spec.definition", "$openapi ./openapi.yaml"),)


def test_alert_keys_become_aliases() -> None:
    text = entity().replace("spec:", "  annotations:\n    pagerduty.com/service-id: P1\n    other/key: x\nspec:")
    assert backstage_of(text).entities[0].aliases == (("pagerduty.com/service-id", "P1"),)


def test_targets_elsewhere_are_not_fetched() -> None:
    text = entity("Location", "all").replace("type: service", "targets: ['https://example.org/x.yaml', './near.yaml']")
    reading = backstage_of(text)
    assert [target.path for target in reading.targets] == ["./near.yaml"]
    assert codes(reading) == ["remote_target"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("apiVersion: v1\nkind: Service\nmetadata: {name: x}\n", "foreign_kind"),
        ("apiVersion: swcat/v1\nkind: Component\nmetadata: {name: x}\n", "foreign_kind"),
        (HEAD + "kind: Template\nmetadata: {name: x}\n", "not_a_system_part"),
        (HEAD + "kind: Component\nmetadata: {}\n", "no_name"),
        ("kind: Component\nmetadata: {name: x}\n", "no_api_version"),
        ("services: {web: {image: x}}\n", "not_an_entity"),
        ("- a\n- b\n", "not_an_entity"),
    ],
)
def test_what_is_no_part_of_a_system_is_skipped_with_its_reason(text: str, reason: str) -> None:
    reading = backstage_of(text)
    assert [one.reason for one in reading.skipped] == [reason]
    assert reading.entities == ()
