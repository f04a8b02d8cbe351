"""The pages about components, their labels and seams."""

from __future__ import annotations

import pytest
from django.test import Client

from ownership.models import Component, Dependency
from tests import factories as make
from tests.ownership.conftest import cost

pytestmark = pytest.mark.django_db


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


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
    data = {"name": "Retriever", "kind": "retrieval_index", "system": "job", "key": "retriever-prod"}
    answer = as_editor.post("/components/new/", data)
    made = Component.objects.get()
    assert answer["Location"] == f"/components/{made.pk}/"
    assert [str(alias) for alias in made.aliases.all()] == ["job=retriever-prod"]


def test_a_name_that_is_taken_is_refused_and_nothing_typed_is_lost(as_editor: Client) -> None:
    make.component("Retriever")
    answer = as_editor.post("/components/new/", {"name": "retriever", "kind": "api", "description": "my words"})
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
