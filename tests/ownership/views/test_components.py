"""The pages about components, their labels and seams."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from ownership.models import Alias, Component, Dependency, Part
from tests import factories as make
from tests.ownership.conftest import cost, text_of

pytestmark = pytest.mark.django_db


def test_the_list_costs_the_same_with_one_and_with_three(as_editor: Client) -> None:
    costs = []
    for more in (1, 2):
        for _ in range(more):
            make.component(of=make.service(), custodian=make.team())
        costs.append(cost(as_editor, "/components/"))
    assert costs[0] == costs[1]


def test_the_list_can_be_narrowed(as_editor: Client) -> None:
    make.component("Retriever", kind="retrieval_index", of=make.service())
    make.component("Lonely", kind="tool")
    assert "Lonely" not in text_of(as_editor, "/components/?kind=retrieval_index")
    assert "Retriever" not in text_of(as_editor, "/components/?show=alone")
    assert "Lonely" not in text_of(as_editor, "/components/?q=TRIEV")
    assert "No component fits" in text_of(as_editor, "/components/?q=nothing")


def test_an_empty_list_leads_to_the_first_service(as_editor: Client) -> None:
    assert "/services/new/" in text_of(as_editor, "/components/")


def test_a_new_component_may_bring_its_label(as_editor: Client) -> None:
    data = {
        "name": "Retriever",
        "kind": "retrieval_index",
        "lifecycle": "production",
        "system": "job",
        "key": "retriever-prod",
    }
    answer = as_editor.post("/components/new/", data)
    made = Component.objects.get()
    assert answer["Location"] == f"/components/{made.pk}/"
    assert [str(alias) for alias in made.aliases.all()] == ["job=retriever-prod"]


def test_a_name_that_is_taken_is_refused_and_nothing_typed_is_lost(as_editor: Client) -> None:
    make.component("Retriever")
    answer = as_editor.post(
        "/components/new/", {"name": "retriever", "kind": "api", "lifecycle": "production", "description": "my words"}
    )
    assert answer.status_code == 422
    assert "A component with this name exists already" in answer.content.decode()
    assert "my words" in answer.content.decode()


def test_the_page_costs_the_same_with_one_seam_and_with_three(as_editor: Client) -> None:
    component = make.component(of=make.service())
    costs = []
    for more in (1, 2):
        for _ in range(more):
            Dependency.objects.create(upstream=component, downstream=make.component())
            Dependency.objects.create(upstream=make.component(), downstream=component)
        costs.append(cost(as_editor, f"/components/{component.pk}/"))
    assert costs[0] == costs[1]


def test_a_seam_is_added_by_name_and_shown_from_both_ends(as_editor: Client) -> None:
    upstream, downstream = make.component("Retriever"), make.component("Search fallback")
    data = {"downstream": "search fallback", "kind": "call", "timeout_ms": "250", "attempts": "3"}
    as_editor.post(f"/components/{upstream.pk}/seams/", data)
    assert "250 ms" in text_of(as_editor, f"/components/{upstream.pk}/")
    assert "Retriever" in text_of(as_editor, f"/components/{downstream.pk}/")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"downstream": "Unknown"}, "No component is called that"),
        ({"downstream": ""}, "required"),
        ({"downstream": "Retriever"}, "A seam joins two different components"),
        ({"timeout_ms": "0"}, "greater than or equal to 1"),
        ({"contract_url": "x y"}, "Enter a valid URL"),
    ],
)
def test_a_seam_that_cannot_be_is_refused(as_editor: Client, given: dict[str, str], words: str) -> None:
    upstream = make.component("Retriever")
    make.component("Search fallback")
    data = {"downstream": "Search fallback", "kind": "call", **given}
    answer = as_editor.post(
        f"/components/{upstream.pk}/seams/", data, headers={"HX-Request": "true", "HX-Target": "seams"}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Dependency.objects.exists()


def test_a_seam_in_the_history_cannot_be_removed(as_editor: Client) -> None:
    seam = Dependency.objects.create(upstream=make.component(), downstream=make.component())
    make.finding(make.incident(), dependency=seam)
    answer = as_editor.post(f"/components/{seam.upstream_id}/seams/{seam.pk}/remove/")
    assert answer.status_code == 409
    assert "The history refers to this seam" in answer.content.decode()


def test_labels_and_seams_of_others_are_out_of_reach(as_editor: Client) -> None:
    seam = Dependency.objects.create(upstream=make.component(), downstream=make.component())
    url = f"/components/{seam.downstream_id}/seams/{seam.pk}/remove/"
    assert as_editor.post(url).status_code == 404
    assert Dependency.objects.exists()


# ---- narrowing, facts, links, retiring ----


def test_the_list_is_narrowed_by_everything_a_component_has(as_editor: Client) -> None:
    team = make.team("Search platform")
    first = make.component("Retriever", custodian=team, labels={"region": "eu: west"}, lifecycle="deprecated")
    Alias.objects.create(component=first, system="job", key="prod-ix")
    make.component("Cache", description="Keeps the last answers.", labels={"region": "us"})
    make.component("Gone", of=make.service(retired_at=timezone.now()), retired_at=timezone.now())

    def found(query: str) -> set[str]:
        shown = text_of(as_editor, f"/components/?{query}")
        return {name for name in ("Retriever", "Cache", "Gone") if f">{name}<" in shown}

    assert found("") == {"Retriever", "Cache"}
    assert found("show=retired") == {"Gone"}
    assert found("show=alone") == {"Retriever", "Cache"}
    assert found("lifecycle=deprecated") == found(f"custodian={team.slug}") == {"Retriever"}
    assert found("label=region:eu:+west") == found("q=PROD-ix") == {"Retriever"}
    assert found("q=last+answers") == found("label=region%3A+us") == {"Cache"}
    assert found("label=region") == found("q=%00nothing") == set()
    assert "Write a label as" in text_of(as_editor, "/components/?label=region")


def test_the_narrowed_list_costs_the_same_with_one_and_with_three(as_editor: Client) -> None:
    costs = []
    for more in (1, 2):
        for _ in range(more):
            component = make.component(of=make.service(), custodian=make.team(), labels={"a": "b"})
            Alias.objects.create(component=component, system="job", key=f"x{component.pk}")
        costs.append(cost(as_editor, "/components/?label=a:b&q=x&lifecycle=production"))
    assert costs[0] == costs[1]


def test_lifecycle_and_labels_are_edited_and_shown(as_editor: Client) -> None:
    component = make.component("Cache", kind="database")
    url = f"/components/{component.pk}/edit/"
    data = {"name": "Cache", "kind": "database", "lifecycle": "experimental"}
    refused = as_editor.post(url, {**data, "labels": "region: eu\nnonsense"})
    assert refused.status_code == 422
    assert "Line 2: write it as key: value." in refused.content.decode()
    assert "region: eu\nnonsense" in refused.content.decode()
    as_editor.post(url, {**data, "labels": "region: eu & west"})
    shown = text_of(as_editor, f"/components/{component.pk}/")
    assert "experimental" in shown
    assert 'href="/components/?label=region%3Aeu%20%26%20west">region: eu &amp; west</a>' in shown
    assert "region: eu &amp; west</textarea>" in text_of(as_editor, url)


def test_links_are_put_at_hand(as_editor: Client) -> None:
    component = make.component()
    data = {"kind": "runbook", "url": "wiki.example.org/r"}
    as_editor.post(f"/components/{component.pk}/links/", data)
    assert 'href="https://wiki.example.org/r"' in text_of(as_editor, f"/components/{component.pk}/")
    link, other = component.links.get(), make.component()
    assert as_editor.post(f"/components/{other.pk}/links/{link.pk}/remove/").status_code == 404


def test_a_data_seam_says_what_its_reader_expects(as_editor: Client) -> None:
    upstream, downstream = make.component("Retriever"), make.component("Documents")
    data = {
        "downstream": "documents", "kind": "data", "unit": "clean text", "freshness_minutes": "1 d",
        "latency_share": "12.5 %",
    }  # fmt: skip
    as_editor.post(f"/components/{upstream.pk}/seams/", data)
    shown = text_of(as_editor, f"/components/{downstream.pk}/")
    assert "clean text" in shown
    assert "at most 1 day old" in shown
    assert "12.5 %" in shown


def test_a_seam_is_edited_on_its_own_page_and_leads_back(as_editor: Client) -> None:
    seam = Dependency.objects.create(
        upstream=make.component(), downstream=make.component(), kind="data", unit="ms", freshness_minutes=120
    )
    url = f"/seams/{seam.pk}/edit/"
    shown = text_of(as_editor, url)
    assert 'value="2 hours"' in shown
    refused = as_editor.post(url, {"kind": "data", "freshness_minutes": "soon", "unit": "seconds"})
    assert refused.status_code == 422
    assert "seconds" in refused.content.decode()
    answer = as_editor.post(url, {"kind": "call", "timeout_ms": "250", "unit": "s", "freshness_minutes": "2 hours"})
    assert answer["Location"] == f"/seams/{seam.pk}/"
    seam.refresh_from_db()
    assert (seam.kind, seam.timeout_ms, seam.unit, seam.freshness_minutes) == ("call", 250, "s", 120)


def test_a_seam_that_is_there_twice_is_refused(as_editor: Client) -> None:
    first = Dependency.objects.create(upstream=make.component(), downstream=make.component(), kind="data")
    Dependency.objects.create(upstream=first.upstream, downstream=first.downstream, kind="call")
    refused = as_editor.post(f"/seams/{first.pk}/edit/", {"kind": "call"})
    assert refused.status_code == 422
    assert "This seam is already recorded." in refused.content.decode()


def test_before_retiring_it_says_where_it_is_still_used(as_editor: Client) -> None:
    component = make.component("Retriever", of=make.service("Support answers"))
    Part.objects.create(service=make.service("Long gone", retired_at=timezone.now()), component=component)
    Alias.objects.create(component=component, system="job", key="retriever")
    shown = text_of(as_editor, f"/components/{component.pk}/retire/")
    assert "It is part of 1 service in use." in shown
    assert "Long gone" not in shown
    assert "job=retriever" in shown
    as_editor.post(f"/components/{component.pk}/retire/")
    shown = text_of(as_editor, f"/components/{component.pk}/")
    main = shown.split("<main")[1].split("</main>")[0]
    assert main.count("<form") == 1
    assert "Bring it back" in main
