"""The pages about services: lists in constant queries, the one form, what happens on the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ownership import people
from ownership.models import Alias, Assignment, Component, Dependency, Part, Person, Service
from ownership.queries import owners
from tests import factories as make
from tests.ownership.conftest import cost, signed_in, text_of
from web import registry
from web.registry import Panel

pytestmark = pytest.mark.django_db

NEW = {"name": "Support answers", "outcome": "A right answer in time.", "tier": "t1"}


# ---- the list ----


def test_the_list_costs_the_same_with_one_and_with_three(as_editor: Client) -> None:
    costs = []
    for more in (1, 2):
        for _ in range(more):
            service = make.service(owner=make.person())
            make.assignment(service, make.team(), role="deputy")
            make.component(of=service)
            make.component(of=service)
        costs.append(cost(as_editor, "/services/"))
    assert costs[0] == costs[1]


def test_the_list_says_who_answers_and_counts_whom_nobody_does(as_editor: Client, admin: Person) -> None:
    make.service("Owned", owner=make.person("Priya Nair"))
    make.service("Forgotten")
    gone = make.person("Lee Gone")
    make.service("Left alone", owner=gone)
    people.deactivate(gone, by=admin, now=timezone.now())
    make.service("Long gone", retired_at=timezone.now())
    shown = text_of(as_editor, "/services/")
    assert "Priya Nair" in shown
    assert "Lee Gone is no longer here" in shown
    assert 'Nobody answers <span class="count">2</span>' in shown
    assert "Long gone" not in shown
    nobody = text_of(as_editor, "/services/?answer=nobody")
    assert "Forgotten" in nobody
    assert "Left alone" in nobody
    assert "Priya Nair" not in nobody


def test_mine_are_those_i_or_my_team_answer_or_stand_in_for(editor: Person, as_editor: Client) -> None:
    make.service("Mine", owner=editor)
    make.service("My team's", owner=make.team("Us", editor))
    make.assignment(make.service("I stand in"), editor, role="deputy")
    make.service("Another's", owner=make.person())
    make.assignment(make.service("Was mine"), editor, until=timezone.now() - timedelta(days=1))
    shown = text_of(as_editor, "/services/?answer=mine")
    found = {name for name in ("Mine", "My team&#x27;s", "I stand in", "Another", "Was mine") if f">{name}" in shown}
    assert found == {"Mine", "My team&#x27;s", "I stand in"}


def test_a_tier_narrows_and_the_next_page_follows(as_editor: Client) -> None:
    for number in range(51):
        make.service(f"Service {number:02}", tier="t3")
    make.service("Important", tier="t1")
    shown = text_of(as_editor, "/services/?tier=t3")
    assert "Important" not in shown
    assert "Service 49" in shown
    assert "Service 50" not in shown
    following = shown[shown.index('rel="next" href="') + 17 :].split('"')[0].replace("&amp;", "&")
    assert "Service 50" in text_of(as_editor, f"/services/{following}")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No service yet"),
        ("?answer=nobody", "Somebody answers for every service"),
        ("?answer=mine", "You answer for nothing yet"),
        ("?tier=t4", "No service fits"),
        ("?answer=mine&q=x", "No service fits"),
        ("?show=retired", "No service is retired"),
    ],
)
def test_an_empty_list_says_what_to_do_next(as_editor: Client, query: str, words: str) -> None:
    assert words in text_of(as_editor, f"/services/{query}")


# ---- the form ----


def test_one_form_makes_service_owner_links_and_path(as_editor: Client) -> None:
    known, team = make.component("Retriever", kind="retrieval_index"), make.team("Answers team")
    answer = as_editor.post(
        "/services/new/",
        {
            **NEW,
            "accountable": f"team:{team.pk}",
            "runbook": "wiki.example.org/answers",
            "part_1": "Gateway", "kind_1": "gateway",
            "part_3": "retriever",
            "part_4": "Answer model", "kind_4": "model",
        },
    )  # fmt: skip
    assert answer["Location"] == "/services/support-answers/"
    service = Service.objects.get()
    path = Part.objects.filter(service=service).order_by("position")
    assert [part.component.name for part in path] == ["Gateway", "Retriever", "Answer model"]
    assert path[1].component == known
    assert service.links.get().url == "https://wiki.example.org/answers"
    accountable = owners.of_services([service.pk], at=timezone.now())[service.pk].accountable
    assert accountable is not None
    assert accountable.party == team


def test_name_and_outcome_are_enough(as_editor: Client) -> None:
    as_editor.post("/services/new/", NEW)
    assert "Nobody answers for this yet" in text_of(as_editor, "/services/support-answers/")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"outcome": "x" * 301}, "at most 300"),
        ({"part_1": "Unknown"}, "Say what kind of part Unknown is."),
        ({"part_1": "A", "kind_1": "api", "part_2": "a", "kind_2": "api"}, "stands above already"),
        ({"accountable": "person:999999"}, "Choose somebody from the list"),
        ({"accountable": "person:x"}, "Choose somebody from the list"),
        ({"accountable": "god:1"}, "Choose somebody from the list"),
        ({"runbook": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"runbook": "ftp://example.org/"}, "begins with https://"),
        ({"name": "Taken"}, "A service with this name exists already"),
    ],
)
def test_what_cannot_be_used_is_said_and_the_words_stay(as_editor: Client, given: dict[str, str], words: str) -> None:
    make.service("Taken")
    answer = as_editor.post("/services/new/", {**NEW, "dashboard": "https://kept.example.org", **given})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert words in shown
    assert "https://kept.example.org" in shown
    assert (Service.objects.count(), Component.objects.count()) == (1, 0)


# ---- the page ----


def test_the_page_costs_the_same_with_one_part_and_with_three(as_editor: Client) -> None:
    service = make.service("Support answers", owner=make.person())
    costs = []
    for more in (1, 2):
        for _ in range(more):
            component = make.component(of=service, custodian=make.team())
            Alias.objects.create(component=component, system="job", key=component.name)
            make.assignment(service, make.person(), role="deputy")
        costs.append(cost(as_editor, "/services/support-answers/"))
    assert costs[0] == costs[1]


def test_the_path_tells_the_seams_between_neighbours(as_editor: Client) -> None:
    service = make.service("Support answers")
    upstream, downstream = make.component("Retriever", of=service), make.component("Search", of=service)
    Dependency.objects.create(upstream=upstream, downstream=downstream, timeout_ms=250, attempts=3)
    assert "called by Retriever: 250 ms, 3 tries" in text_of(as_editor, "/services/support-answers/")


def test_naming_an_owner_turns_the_red_state_away(as_editor: Client) -> None:
    make.service("Support answers")
    priya = make.person("Priya Nair")
    htmx = {"HX-Request": "true", "HX-Target": "answers"}
    data = {"party": f"person:{priya.pk}", "role": "accountable"}
    shown = as_editor.post("/services/support-answers/answers/", data, headers=htmx).content.decode()
    assert "Priya Nair" in shown
    assert "Nobody answers for this yet" not in shown


def test_the_form_replaces_the_owner_who_was_shown(as_editor: Client) -> None:
    service = make.service("Support answers")
    current = make.assignment(service, make.person("Before"))
    after, late = make.person("After"), make.person("Late")
    data = {"role": "accountable", "instead_of": current.pk}
    as_editor.post("/services/support-answers/answers/", {**data, "party": f"person:{after.pk}"})
    refused = as_editor.post("/services/support-answers/answers/", {**data, "party": f"person:{late.pk}"})
    assert refused.status_code == 422
    assert "Somebody changed who answers meanwhile" in refused.content.decode()
    accountable = owners.of_services([service.pk], at=timezone.now())[service.pk].accountable
    assert accountable is not None
    assert accountable.party == after


def test_a_second_owner_beside_the_first_is_refused_in_words(as_editor: Client) -> None:
    make.service("Support answers", owner=make.person())
    data = {"role": "accountable", "party": f"person:{make.person().pk}"}
    refused = as_editor.post("/services/support-answers/answers/", data)
    assert refused.status_code == 422
    assert "Somebody else is accountable for this service" in refused.content.decode()


def test_an_assignment_of_another_service_is_out_of_reach(as_editor: Client) -> None:
    make.service("Support answers")
    other = make.assignment(make.service("Other"), make.person())
    data = {"role": "accountable", "party": f"person:{make.person().pk}", "instead_of": other.pk}
    assert as_editor.post("/services/support-answers/answers/", data).status_code == 404
    assert as_editor.post(f"/services/support-answers/answers/{other.pk}/end/").status_code == 404
    assert Assignment.objects.get(pk=other.pk).superseded_at is None


def test_since_may_lie_back_but_not_ahead(as_editor: Client) -> None:
    service = make.service("Support answers")
    data = {"role": "accountable", "party": f"person:{make.person().pk}"}
    url = "/services/support-answers/answers/"
    ahead = f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"
    assert as_editor.post(url, {**data, "since": ahead}).status_code == 422
    as_editor.post(url, {**data, "since": "2026-01-05T08:30"})
    assert Assignment.objects.get(service=service).during.lower.isoformat() == "2026-01-05T08:30:00+00:00"


def test_a_part_that_is_not_known_needs_a_kind(as_editor: Client) -> None:
    make.service("Support answers")
    url = "/services/support-answers/parts/"
    refused = as_editor.post(url, {"component": "Cache", "role": "fallback"})
    assert refused.status_code == 422
    assert "There is no Cache yet" in refused.content.decode()
    as_editor.post(url, {"component": "Cache", "role": "fallback", "kind": "database"})
    twice = as_editor.post(url, {"component": "cache", "role": "entry"})
    assert twice.status_code == 422
    assert "already part of the service" in twice.content.decode()


def test_an_alias_that_is_taken_is_refused_beside_its_field(as_editor: Client) -> None:
    service = make.service("Support answers")
    component = make.component(of=service)
    Alias.objects.create(component=make.component(), system="job", key="x")
    refused = as_editor.post("/services/support-answers/aliases/", {"part": component.pk, "system": "job", "key": "X"})
    assert refused.status_code == 422
    assert "Another component already goes by this alias" in refused.content.decode()


def test_another_room_hangs_its_panels(as_editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    service = make.service("Support answers", owner=make.person())

    def panels(viewer: Person, ids: list[int]) -> dict[int, Panel]:
        assert ids == [service.pk]
        return {service.pk: Panel("ownership/tabs.html", {"main": True})}

    monkeypatch.setitem(registry._panels, "service", [panels])
    assert text_of(as_editor, "/services/support-answers/").count('aria-label="Ownership"') == 2


def test_the_history_shows_what_was_known_when(as_editor: Client) -> None:
    service = make.service("Support answers")
    current = make.assignment(service, make.person("Before"))
    data = {"role": "accountable", "instead_of": current.pk, "party": f"person:{make.person('After').pk}"}
    as_editor.post("/services/support-answers/answers/", data)
    shown = text_of(as_editor, "/services/support-answers/")
    history = shown[shown.index("Who answered when") : shown.index("</details>", shown.index("Who answered when"))]
    assert history.count("</i>Before<") == 2  # as known until now, and shortened
    assert 'class="was"' in history


def test_a_retired_service_is_read_only_until_it_is_brought_back(as_editor: Client) -> None:
    make.service("Old", retired_at=timezone.now())
    main = text_of(as_editor, "/services/old/").split("<main")[1].split("</main>")[0]
    assert main.count("<form") == main.count('action="/services/old/restore/"') == 1
    assert as_editor.post("/services/old/edit/", NEW).status_code == 404


def test_viewers_learn_who_can_help(editor: Person) -> None:
    make.service("Support answers")
    viewer = signed_in(make.person(role="viewer"))
    assert "An editor can name somebody." in text_of(viewer, "/services/support-answers/")
