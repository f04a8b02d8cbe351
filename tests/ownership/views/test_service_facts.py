"""Finding services, what they promise, taking them out of use."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from ownership.models import Part, Service
from tests import factories as make
from tests.ownership.conftest import cost, text_of

pytestmark = pytest.mark.django_db

DETAILS = {"name": "Support answers", "outcome": "A right answer in time.", "tier": "t1"}


def test_the_list_is_narrowed_by_sort_team_and_words(as_editor: Client) -> None:
    priya = make.person("Priya Nair")
    team = make.team("Answers team", priya)
    make.service("By team", owner=team, archetype="rag", outcome="Right ANSWERS.")
    make.service("By member", owner=priya, archetype="rag")
    make.service("By nobody", archetype="scoring")

    def found(query: str) -> set[str]:
        shown = text_of(as_editor, f"/services/?{query}")
        return {name for name in ("By team", "By member", "By nobody") if f">{name}<" in shown}

    assert found("archetype=rag") == {"By team", "By member"}
    assert found(f"team={team.slug}") == {"By team", "By member"}
    assert found("q=right+answers") == {"By team"}
    assert found("q=by+n") == {"By nobody"}
    assert found("archetype=rag&team=answers-team&q=member") == {"By member"}
    assert found("tier=t9") == found("q=%00x") == set()


def test_retired_services_stand_apart_and_raise_no_alarm(as_editor: Client) -> None:
    make.service("Old answers", retired_at=timezone.now())
    shown = text_of(as_editor, "/services/?show=retired")
    assert "Old answers" in shown
    assert "nobody answers" not in shown
    assert "Old answers" not in text_of(as_editor, "/services/")


def test_the_page_says_what_it_promises(as_editor: Client) -> None:
    service = make.service("Fraud score", archetype="scoring")
    assert "latency budget" not in text_of(as_editor, "/services/fraud-score/")
    Service.objects.filter(pk=service.pk).update(objective="99.9", latency_budget_ms=200, latency_percentile=99)
    shown = text_of(as_editor, "/services/fraud-score/")
    assert "<b>99.9 %</b> good over 30 days" in shown
    assert "<b>200 ms</b> at p99" in shown


def test_promises_are_edited_and_emptied(as_editor: Client) -> None:
    service = make.service("Support answers", objective="99.5", latency_budget_ms=900, latency_percentile="95")
    shown = text_of(as_editor, "/services/support-answers/edit/")
    assert 'value="99.5"' in shown
    assert 'value="95"' in shown
    as_editor.post("/services/support-answers/edit/", {**DETAILS, "archetype": "rag", "objective": "99.95"})
    service.refresh_from_db()
    assert (service.archetype, str(service.objective), service.latency_budget_ms) == ("rag", "99.950", None)


def test_before_retiring_it_says_which_parts_are_left_alone(as_editor: Client) -> None:
    service, other = make.service("Support answers"), make.service("Other")
    make.component("Only here", of=service)
    shared = make.component("Shared", of=service)
    Part.objects.create(service=other, component=shared)
    shown = text_of(as_editor, "/services/support-answers/retire/")
    assert "Only here" in shown
    assert "Shared" not in shown
    assert as_editor.post("/services/support-answers/retire/")["Location"] == "/services/support-answers/"
    shown = text_of(as_editor, "/services/support-answers/")
    assert "Support answers is retired." in shown
    assert "Bring it back" in shown
    as_editor.post("/services/support-answers/restore/")
    assert "Bring it back" not in text_of(as_editor, "/services/support-answers/")


def test_a_retired_part_is_marked_on_the_path(as_editor: Client) -> None:
    make.component("Retriever", of=make.service("Support answers"), retired_at=timezone.now())
    assert "take it out, or bring it back on its page" in text_of(as_editor, "/services/support-answers/")


def test_what_lost_its_name_is_refused_in_words(as_editor: Client) -> None:
    make.service("Old", retired_at=timezone.now())
    Service.objects.filter(pk=make.service("New one").pk).update(name="Old")
    refused = as_editor.post("/services/old/restore/")
    assert refused.status_code == 409
    assert "Another service is called Old now; rename that one first." in refused.content.decode()


def test_the_narrowed_list_costs_the_same_with_one_and_with_three(as_editor: Client) -> None:
    team = make.team("Answers team")
    costs = []
    for more in (1, 2):
        for _ in range(more):
            make.component(of=make.service(owner=team, archetype="rag"))
        costs.append(cost(as_editor, "/services/?team=answers-team&archetype=rag&q=service"))
    assert costs[0] == costs[1]


def test_the_page_before_retiring_costs_the_same_with_one_part_and_with_three(as_editor: Client) -> None:
    service = make.service("Support answers")
    costs = []
    for more in (1, 2):
        for _ in range(more):
            make.component(of=service)
        costs.append(cost(as_editor, "/services/support-answers/retire/"))
    assert costs[0] == costs[1]
