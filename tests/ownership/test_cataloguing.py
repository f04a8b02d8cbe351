"""Recording services, parts, links, components, aliases and seams."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ownership import cataloguing
from ownership.cataloguing import InUse, Link
from ownership.models import Alias, Component, Dependency, Part, Person, Service, ServiceLink
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken, DomainError, Invalid

pytestmark = pytest.mark.django_db


def add_service(by: Person, name: str = "Fraud score", **facts: object) -> Service:
    given = {"outcome": "Each payment is scored in time.", "tier": "t2", **facts}
    return cataloguing.add_service(name=name, by=by, now=NOON, **given)


def test_a_service_has_a_slug_links_and_tidy_words(editor: Person) -> None:
    link = Link("runbook", "", "https://wiki.example.org/fraud")
    service = add_service(editor, "  Fraud   score ", outcome=" Scored \n in time. ", links=[link])
    assert (service.name, service.slug, service.outcome) == ("Fraud score", "fraud-score", "Scored in time.")
    assert [(one.kind, one.label, one.url) for one in service.links.all()] == [("runbook", "Runbook", link.url)]


@pytest.mark.parametrize(("facts", "field"), [({"name": " "}, "name"), ({"outcome": ""}, "outcome")])
def test_a_service_needs_its_words(editor: Person, facts: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        add_service(editor, **facts)
    assert refused.value.field == field


def test_a_name_is_taken_in_whatever_case_and_nothing_of_the_second_stays(editor: Person) -> None:
    add_service(editor)
    with pytest.raises(ConstraintBroken) as refused:
        add_service(editor, "FRAUD score", links=[Link("other", "x", "https://example.org")])
    assert (refused.value.code, refused.value.field, refused.value.status) == ("name_taken", "name", 409)
    assert (Service.objects.count(), ServiceLink.objects.count()) == (1, 0)


def test_names_that_make_the_same_slug_are_numbered(editor: Person) -> None:
    slugs = [add_service(editor, name).slug for name in ("Fraud score", "Fraud-score", "Fraud: score")]
    assert slugs == ["fraud-score", "fraud-score-2", "fraud-score-3"]


def test_the_name_of_a_retired_service_is_free_again(editor: Person) -> None:
    Service.objects.filter(pk=add_service(editor).pk).update(retired_at=NOON)
    assert add_service(editor).slug == "fraud-score-2"


@pytest.mark.parametrize(("name", "slug"), [("New", "new-2"), ("支援", "service"), ("Übersicht", "ubersicht")])
def test_a_slug_never_hides_our_own_addresses_and_is_never_empty(editor: Person, name: str, slug: str) -> None:
    assert add_service(editor, name).slug == slug


def test_a_long_name_leaves_room_for_its_number(editor: Person) -> None:
    first, second = add_service(editor, "x" * 120), add_service(editor, "x" * 118 + " y")
    assert first.slug != second.slug


def test_editing_changes_what_is_given_and_keeps_the_slug(editor: Person) -> None:
    service = add_service(editor)
    cataloguing.edit_service(service, name="Payment risk", by=editor, now=NOON)
    service.refresh_from_db()
    assert (service.name, service.slug, service.tier) == ("Payment risk", "fraud-score", "t2")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.org", "wiki", ""])
def test_links_lead_to_web_addresses_only(editor: Person, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        cataloguing.add_link(add_service(editor), Link("other", "x", url), by=editor, now=NOON)
    assert refused.value.field == "url"


def test_removing_a_link_twice_is_once(editor: Person) -> None:
    link = cataloguing.add_link(add_service(editor), Link("other", "x", "https://example.org"), by=editor, now=NOON)
    for _ in range(2):
        cataloguing.remove_link(link, by=editor, now=NOON)
    assert not ServiceLink.objects.exists()


# ---- components and their aliases ----


def test_a_component_comes_with_its_custodian_and_aliases(editor: Person) -> None:
    team = make.team("Search")
    component = cataloguing.add_component(
        name="Retriever", kind="retrieval_index", custodian=team, aliases=[("job", "retriever")], by=editor, now=NOON
    )
    assert component.custodian == team
    assert str(component.aliases.get()) == "job=retriever"


def test_an_alias_means_one_component(editor: Person) -> None:
    first, second = make.component(), make.component()
    cataloguing.add_alias(first, system="job", key="Retriever", by=editor, now=NOON)
    with pytest.raises(ConstraintBroken) as refused:
        cataloguing.add_alias(second, system="job", key="retriever", by=editor, now=NOON)
    assert (refused.value.code, refused.value.field) == ("alias_taken", "key")


@pytest.mark.parametrize(("system", "key", "field"), [(" ", "x", "system"), ("job", " ", "key")])
def test_an_alias_has_label_and_value(editor: Person, system: str, key: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        cataloguing.add_alias(make.component(), system=system, key=key, by=editor, now=NOON)
    assert refused.value.field == field


def test_a_component_whose_alias_is_taken_is_not_made_at_all(editor: Person) -> None:
    cataloguing.add_alias(make.component(), system="job", key="x", by=editor, now=NOON)
    with pytest.raises(ConstraintBroken):
        cataloguing.add_component(name="Second", kind="api", aliases=[("job", "x")], by=editor, now=NOON)
    assert not Component.objects.filter(name="Second").exists()


def test_an_alias_can_be_taken_away(editor: Person) -> None:
    alias = cataloguing.add_alias(make.component(), system="job", key="x", by=editor, now=NOON)
    cataloguing.remove_alias(alias, by=editor, now=NOON)
    assert not Alias.objects.exists()


def test_a_component_can_be_edited(editor: Person) -> None:
    component = make.component("Old")
    cataloguing.edit_component(
        component, name="New", kind="tool", description=" d ", custodian=None, by=editor, now=NOON
    )
    component.refresh_from_db()
    assert (component.name, component.kind, component.description) == ("New", "tool", "d")


# ---- parts ----


def names_of(service: Service) -> list[str]:
    return list(Part.objects.filter(service=service).order_by("position").values_list("component__name", flat=True))


@pytest.fixture
def path(editor: Person) -> Service:
    service = make.service("Support answers")
    for name in "abcd":
        cataloguing.add_part(service, make.component(name), role="critical", by=editor, now=NOON)
    return service


@pytest.mark.parametrize(
    ("moved", "to", "then"),
    [("a", 3, "bcda"), ("d", 0, "dabc"), ("b", 2, "acbd"), ("b", 99, "acdb"), ("c", -5, "cabd")],
)
def test_parts_move_along_the_path(path: Service, editor: Person, moved: str, to: int, then: str) -> None:
    part = Part.objects.get(component__name=moved)
    cataloguing.move_part(part, to=to, by=editor, now=NOON)
    assert names_of(path) == list(then)
    assert sorted(Part.objects.values_list("position", flat=True)) == [0, 1, 2, 3]


def test_a_new_part_is_last_also_after_one_was_removed(path: Service, editor: Person) -> None:
    cataloguing.remove_part(Part.objects.get(component__name="b"), by=editor, now=NOON)
    cataloguing.add_part(path, make.component("e"), role="fallback", by=editor, now=NOON)
    assert names_of(path) == list("acde")
    assert Component.objects.filter(name="b").exists()


def test_a_component_is_a_part_once(path: Service, editor: Person) -> None:
    with pytest.raises(ConstraintBroken) as refused:
        cataloguing.add_part(path, Component.objects.get(name="a"), role="entry", by=editor, now=NOON)
    assert (refused.value.code, refused.value.field) == ("already_part", "component")


def test_a_retired_component_joins_nothing(path: Service, editor: Person) -> None:
    with pytest.raises(Invalid, match="retired"):
        cataloguing.add_part(path, make.component(retired_at=NOON), role="entry", by=editor, now=NOON)


def test_a_part_can_change_its_role(path: Service, editor: Person) -> None:
    part = Part.objects.get(component__name="a")
    cataloguing.change_part(part, role="entry", by=editor, now=NOON)
    part.refresh_from_db()
    assert part.role == "entry"


# ---- seams ----


def test_a_seam_is_recorded_once_and_edited(editor: Person) -> None:
    upstream, downstream = make.component(), make.component()
    seam = cataloguing.add_seam(upstream, downstream, timeout_ms=250, attempts=3, by=editor, now=NOON)
    with pytest.raises(ConstraintBroken) as refused:
        cataloguing.add_seam(upstream, downstream, by=editor, now=NOON)
    assert refused.value.code == "seam_exists"
    cataloguing.add_seam(downstream, upstream, by=editor, now=NOON)  # cycles are legal
    cataloguing.edit_seam(
        seam, kind="data", timeout_ms=None, attempts=1, contract_url="https://example.org/c", by=editor, now=NOON
    )
    seam.refresh_from_db()
    assert (seam.kind, seam.timeout_ms, seam.attempts, seam.contract_url) == ("data", None, 1, "https://example.org/c")


def test_a_seam_joins_two_components(editor: Person) -> None:
    component = make.component()
    with pytest.raises(ConstraintBroken) as refused:
        cataloguing.add_seam(component, component, by=editor, now=NOON)
    assert (refused.value.code, refused.value.status) == ("same_component", 422)


def test_a_contract_is_a_web_address(editor: Person) -> None:
    with pytest.raises(Invalid) as refused:
        cataloguing.add_seam(make.component(), make.component(), contract_url="x", by=editor, now=NOON)
    assert refused.value.field == "contract_url"


def test_a_seam_that_history_refers_to_stays(editor: Person) -> None:
    seam = cataloguing.add_seam(make.component(), make.component(), by=editor, now=NOON)
    make.finding(make.incident(), dependency=seam)
    with pytest.raises(InUse):
        cataloguing.remove_seam(seam, by=editor, now=NOON)
    assert Dependency.objects.filter(pk=seam.pk).exists()


def test_a_seam_that_nothing_refers_to_can_be_forgotten(editor: Person) -> None:
    seam = cataloguing.add_seam(make.component(), make.component(), by=editor, now=NOON)
    cataloguing.remove_seam(seam, by=editor, now=NOON)
    assert not Dependency.objects.exists()


# ---- promises, lifecycles, labels, links ----


def test_promises_are_kept_and_can_be_taken_back(editor: Person) -> None:
    service = add_service(
        editor, archetype="scoring", objective=Decimal("99.9"), latency_budget_ms=200, latency_percentile=Decimal(99)
    )
    cataloguing.edit_service(service, latency_budget_ms=None, latency_percentile=None, by=editor, now=NOON)
    service.refresh_from_db()
    assert (service.archetype, service.objective, service.latency_budget_ms) == ("scoring", Decimal("99.900"), None)


@pytest.mark.parametrize(
    ("promises", "code"),
    [
        ({"objective": Decimal(100)}, "not_a_share"),
        ({"latency_budget_ms": 200}, "budget_incomplete"),
        ({"latency_percentile": Decimal(95)}, "budget_incomplete"),
        ({"archetype": "blender"}, "unknown_archetype"),
    ],
)
def test_a_promise_that_cannot_be_is_refused(editor: Person, promises: dict[str, object], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        add_service(editor, **promises)
    assert (refused.value.code, refused.value.status) == (code, 422)
    assert not Service.objects.exists()


def test_half_a_budget_cannot_be_taken_back(editor: Person) -> None:
    service = add_service(editor, latency_budget_ms=200, latency_percentile=Decimal(99))
    with pytest.raises(DomainError) as raised:
        cataloguing.edit_service(service, latency_budget_ms=None, by=editor, now=NOON)
    assert raised.value.code == "budget_incomplete"
    service.refresh_from_db()
    assert service.latency_budget_ms == 200


def test_a_component_has_lifecycle_and_tidy_labels(editor: Person) -> None:
    component = cataloguing.add_component(
        name="Cache", kind="database", lifecycle="experimental", labels={" region ": "eu  west"}, by=editor, now=NOON
    )
    cataloguing.edit_component(component, description="Keeps answers.", by=editor, now=NOON)
    component.refresh_from_db()
    assert (component.lifecycle, component.labels, component.name) == ("experimental", {"region": "eu west"}, "Cache")


@pytest.mark.parametrize(
    "labels",
    [
        {"": "x"},
        {"x": " "},
        {"a:b": "x"},
        {"a": "\x00"},
        {"k" * 81: "x"},
        {"k": "v" * 201},
        dict.fromkeys("abc", "x" * 201),
    ],
)
def test_a_label_that_cannot_be_written_on_a_line_is_refused(editor: Person, labels: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        cataloguing.edit_component(make.component(), labels=labels, by=editor, now=NOON)
    assert refused.value.field == "labels"


def test_there_is_an_end_to_labels(editor: Person) -> None:
    with pytest.raises(Invalid, match="at most 50"):
        cataloguing.edit_component(
            make.component(), labels={str(number): "x" for number in range(51)}, by=editor, now=NOON
        )


def test_a_component_has_links_as_a_service_has(editor: Person) -> None:
    component = make.component()
    link = cataloguing.add_link(component, Link("runbook", "", "https://example.org/r"), by=editor, now=NOON)
    assert (link.label, component.links.get()) == ("Runbook", link)
    with pytest.raises(Invalid):
        cataloguing.add_link(component, Link("other", "", "javascript:x"), by=editor, now=NOON)
    for _ in range(2):
        cataloguing.remove_link(link, by=editor, now=NOON)
    assert not component.links.exists()


def test_a_seam_says_what_its_reader_expects_and_editing_keeps_the_rest(editor: Person) -> None:
    seam = cataloguing.add_seam(
        make.component(), make.component(), kind="data", unit=" amounts  in cents ", freshness_minutes=1440,
        latency_share=Decimal("12.5"), by=editor, now=NOON,
    )  # fmt: skip
    cataloguing.edit_seam(seam, timeout_ms=250, by=editor, now=NOON)
    seam.refresh_from_db()
    assert (seam.unit, seam.freshness_minutes, seam.latency_share, seam.timeout_ms, seam.kind) == (
        "amounts in cents", 1440, Decimal("12.5"), 250, "data",
    )  # fmt: skip
    with pytest.raises(ConstraintBroken) as refused:
        cataloguing.edit_seam(seam, latency_share=Decimal(0), by=editor, now=NOON)
    assert (refused.value.code, refused.value.field) == ("not_a_share", "latency_share")
