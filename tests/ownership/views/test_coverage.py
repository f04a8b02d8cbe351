"""The coverage page, its worklist, and marking something as deliberately unowned."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from ownership import assigning
from ownership.models import Dependency, Person, Waiver
from ownership.queries import gaps
from tests import factories as make
from tests.ownership.conftest import HTMX, cost, signed_in

pytestmark = pytest.mark.django_db


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    page = answer.content.decode()
    return " ".join(page[page.index("<main") : page.index("</main>")].split())


def grow(count: int) -> None:
    for _ in range(count):
        team = make.team("", make.person())
        service = make.service(archetype="rag", tier="t1")
        upstream, downstream = make.component(of=service, custodian=team), make.component(of=service)
        Dependency.objects.create(upstream=upstream, downstream=downstream, kind="data")
        make.assignment(make.service(), team)
        make.component()


@pytest.mark.parametrize(
    "url",
    ["/coverage/", "/coverage/?gap=no_unit&tier=t1&show=mine&teams=all", "/people/me/", "/services/", "/teams/"],
)
def test_a_page_costs_the_same_however_large_the_catalogue(as_editor: Client, url: str) -> None:
    grow(1)
    few = cost(as_editor, url)
    grow(5)
    assert cost(as_editor, url) == few


def test_the_page_of_a_service_costs_the_same_with_any_number_of_gaps(as_editor: Client) -> None:
    service = make.service("Support answers", archetype="rag")
    first = make.component(of=service)
    few = cost(as_editor, "/services/support-answers/")
    for _ in range(6):
        Dependency.objects.create(upstream=first, downstream=make.component(of=service), kind="data")
    assert cost(as_editor, "/services/support-answers/") == few


def test_an_empty_catalogue_has_no_score(as_editor: Client) -> None:
    page = shown(as_editor, "/coverage/")
    assert "Nothing to cover yet" in page
    assert "%" not in page


def test_the_page_says_the_score_in_words_and_counts_beside_every_percent(as_editor: Client, editor: Person) -> None:
    make.service("Unowned")
    owned = make.service("Owned")
    assigning.assign(subject=owned, role="accountable", party=editor, since=make.NOON, by=editor, now=make.NOON)
    page = shown(as_editor, "/coverage/")
    assert "1 of 2 services have somebody who said yes; 1 has nobody." in page
    assert '<b>50 %</b> <span class="soft">covered, 1 of 2</span>' in page


def test_the_picture_adds_up_and_leads_to_the_gaps_of_a_service(as_editor: Client) -> None:
    make.service("Support answers", archetype="scoring")
    page = shown(as_editor, "/coverage/")
    assert "1 service has gaps, most of them about parts." in page
    assert 'href="/coverage/?service=support-answers#gaps"' in page
    assert "6 gaps in Support answers" in shown(as_editor, "/coverage/?service=support-answers")


def test_a_service_without_gaps_says_so(as_editor: Client, editor: Person) -> None:
    service = make.service("Support answers")
    for role, party in (("accountable", editor), ("deputy", make.person())):
        assigning.assign(subject=service, role=role, party=party, since=make.NOON, by=editor, now=make.NOON)
    assert "Nothing is missing" in shown(as_editor, "/services/support-answers/")
    assert "Nothing is missing here" in shown(as_editor, "/coverage/?service=support-answers")


@pytest.mark.parametrize("url", ["/coverage/?team=none", "/coverage/?service=none", "/coverage/waive/team/1/"])
def test_what_is_not_there_is_not_found(as_editor: Client, url: str) -> None:
    assert as_editor.get(url).status_code == 404


def test_words_of_nobodys_making_narrow_nothing(as_editor: Client) -> None:
    make.service()
    assert "2 gaps in all" in shown(as_editor, "/coverage/?gap=x&tier=t7&after=y")


def test_more_gaps_follow_by_a_link(as_editor: Client) -> None:
    for _ in range(20):
        make.service()
    page = shown(as_editor, "/coverage/")
    start = page.index('rel="next" href="') + len('rel="next" href="')
    following = page[start : page.index('"', start)]
    assert page.count('<td class="keep"') + shown(as_editor, f"/coverage/{following}").count('<td class="keep"') == 40


def test_readers_see_the_cure_but_not_how_to_waive() -> None:
    make.service("Support answers")
    page = shown(signed_in(make.person(role="responder")), "/coverage/")
    assert "An editor can say who answers." in page
    assert "/waive/" not in page


def test_a_waiver_without_reason_keeps_the_form_and_says_why(as_editor: Client) -> None:
    service = make.service()
    answer = as_editor.post(f"/coverage/waive/service/{service.pk}/", {"reason": " "})
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()
    assert not Waiver.objects.exists()


def test_a_refused_waiver_keeps_what_was_typed(as_editor: Client, editor: Person) -> None:
    service = make.service(owner=editor)
    answer = as_editor.post(f"/coverage/waive/service/{service.pk}/", {"reason": "Ends in March."})
    assert answer.status_code == 422
    assert "Ends in March." in answer.content.decode()
    assert "Edith Editor answers for it" in answer.content.decode()


def test_from_the_worklist_one_comes_back_to_it(as_editor: Client) -> None:
    service = make.service("Support answers")
    url = f"/coverage/waive/service/{service.pk}/"
    assert f'action="{url}?from=coverage"' in shown(as_editor, f"{url}?from=coverage")
    assert as_editor.post(f"{url}?from=coverage", {"reason": "Ends in March."})["Location"] == "/coverage/#gaps"
    assert as_editor.get(f"{url}?from=elsewhere").status_code == 200


def test_the_pages_say_that_it_is_unowned_on_purpose_by_whom_and_why(as_editor: Client) -> None:
    service, component = make.service("Support answers"), make.component("Cache")
    seam = Dependency.objects.create(upstream=component, downstream=make.component())
    pages = ["/services/support-answers/", f"/components/{component.pk}/", f"/seams/{seam.pk}/"]
    for (kind, one), to in zip(
        (("service", service), ("component", component), ("dependency", seam)), pages, strict=True
    ):
        url = f"/coverage/waive/{kind}/{one.pk}/"
        assert as_editor.post(url, {"reason": "Ends in March."})["Location"] == to
    for url in pages:
        page = shown(as_editor, url)
        assert "Deliberately unowned" in page
        assert "Ends in March." in page
        assert "Edith Editor" in page
    assert "alarm" not in shown(as_editor, "/services/support-answers/")
    waiver = Waiver.objects.get(service=service)
    ended = Waiver.objects.get(dependency=seam)
    assert as_editor.post(f"/coverage/waivers/{ended.pk}/end/")["Location"] == f"/seams/{seam.pk}/"
    assert as_editor.post(f"/coverage/waivers/{waiver.pk}/end/")["Location"] == "/services/support-answers/"
    assert as_editor.post(f"/coverage/waivers/{waiver.pk}/end/").status_code == 302  # twice is once
    assert "Nobody answers for this yet" in shown(as_editor, "/services/support-answers/")


def test_after_a_change_the_card_of_what_is_missing_comes_along(as_editor: Client, editor: Person) -> None:
    make.service("Support answers")
    data = {"party": f"person:{editor.pk}", "role": "accountable"}
    answer = as_editor.post("/services/support-answers/answers/", data, headers={**HTMX, "HX-Target": "answers"})
    part = answer.content.decode()
    assert 'id="missing" hx-swap-oob="true"' in part
    assert "Nobody accountable" not in part
    assert "No deputy" in part


def test_my_page_and_a_teams_page_name_their_gaps(as_editor: Client, editor: Person) -> None:
    team = make.team("Answers team", editor)
    make.component("Retriever", of=make.service("Support answers"), custodian=team)
    make.assignment(make.service("Fraud score"), editor)
    assert "Gaps in what I answer for" in shown(as_editor, "/people/me/")
    assert "Named, not accepted" in shown(as_editor, "/people/me/")
    page = shown(as_editor, "/teams/answers-team/")
    assert "Nobody accountable" in page
    assert "0 of 1" in page


def test_lists_that_are_cut_say_how_long_they_are_and_lead_to_the_rest(as_editor: Client) -> None:
    service = make.service("Answers", archetype="rag")
    page = shown(as_editor, "/services/answers/")
    total = sum(gaps.counted(gaps.Asked(service_id=service.pk), at=timezone.now()).values())
    assert total > 6
    assert f"What is missing · {total}" in page
    assert f"and {total - 6} more" in page
    assert 'href="/coverage/?service=answers#gaps"' in as_editor.get("/services/answers/").content.decode()


def test_readers_are_told_who_can_mend_a_gap() -> None:
    make.service("Answers")
    reader = signed_in(make.person())
    for url in ("/services/answers/", "/coverage/"):
        page = shown(reader, url)
        assert "An editor can say who answers." in page
        assert "#answers" not in page
