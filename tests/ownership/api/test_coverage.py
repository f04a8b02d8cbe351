"""Coverage, gaps and waivers over the API."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ownership.models import Dependency, Person, Waiver
from ownership.queries.rules import KEYS
from tests import factories as make
from tests.ownership.api.program import API, Api

pytestmark = pytest.mark.django_db


def test_the_states_overall_and_by_team(api: Api) -> None:
    team = make.team("Answers team", make.person())
    make.component("Retriever", of=make.service("Support answers"), custodian=team)
    told = api.get("/coverage/")
    assert told["headline"] == "0 of 1 service has somebody who said yes; 1 has nobody."
    assert told["overall"]["service"] == {
        "total": 1, "covered": 0, "percent": 0, "accepted": 0, "inherited": 0, "deliberate": 0, "named": 0, "vacant": 0,
        "unknown": 1,
    }  # fmt: skip
    assert told["overall"]["dependency"]["percent"] is None
    assert [(one["team"], one["component"]["total"]) for one in told["teams"]] == [("answers-team", 1)]


def test_gaps_are_listed_narrowed_and_paged(api: Api, editor: Person) -> None:
    service = make.service("Support answers", tier="t1", archetype="scoring")
    make.component("Alone")
    rows = api.get("/coverage/gaps/")["results"]
    assert rows[0] == {
        "gap": "no_owner", "family": "owner", "kind": "service", "id": service.pk, "name": "Support answers",
        "what": "Nobody accountable", "sentence": "Nobody answers for this outcome.", "missing_kind": "", "tier": "t1",
        "service": "support-answers", "cure": "Say who answers", "cure_path": "/services/support-answers/#answers",
    }  # fmt: skip
    assert {row["missing_kind"] for row in rows} >= {"model", "eval_suite"}
    assert [row["tier"] for row in rows if row["name"] == "Alone"] == [None, None]
    seen, path = [], "/coverage/gaps/?page_size=3"
    while path:
        page = api.get(path)
        seen += page["results"]
        path = (page["next"] or "").removeprefix(f"http://testserver{API}")
    assert seen == rows
    narrowed = api.get("/coverage/gaps/?gap=no_owner&tier=t1&service=support-answers")["results"]
    assert [row["gap"] for row in narrowed] == ["no_owner"]
    assert api.get("/coverage/gaps/?mine=true")["results"] == []
    make.assignment(service, editor, role="deputy")
    assert api.get("/coverage/gaps/?mine=true")["results"]


@pytest.mark.parametrize(
    ("query", "field"), [("gap=x", "gap"), ("tier=t9", "tier"), ("page_size=201", "page_size"), ("mine=maybe", "mine")]
)
def test_a_filter_that_cannot_be_used_is_named(api: Api, query: str, field: str) -> None:
    assert api.refused("GET", f"/coverage/gaps/?{query}") == (422, "invalid", [field])


def test_an_unknown_team_is_not_found(api: Api) -> None:
    assert api.refused("GET", "/coverage/gaps/?team=none")[0] == 404


def test_programs_that_only_send_read_nothing(editor: Person) -> None:
    for path in ("/coverage/", "/coverage/gaps/"):
        assert Api(editor, "ingest").refused("GET", path)[:2] == (403, "permission_denied")
        Api(make.person(role="viewer"), "read").get(path)


@pytest.mark.parametrize("path", ["/coverage/", "/coverage/gaps/"])
def test_it_costs_the_same_with_one_and_with_five(api: Api, path: str) -> None:
    api.get(path)  # the first use of the day notes the day
    costs = []
    for count in (1, 4):
        for _ in range(count):
            team = make.team("", make.person())
            parts = [make.component(of=make.service(), custodian=team) for _ in range(2)]
            Dependency.objects.create(upstream=parts[0], downstream=parts[1], kind="data")
        with CaptureQueriesContext(connection) as queries:
            api.get(path)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_waiving_over_the_api(api: Api, editor: Person) -> None:
    make.service("Support answers")
    told = api.done("POST", "/waivers/", {"service": "support-answers", "reason": "Ends in March."})
    assert (told["service"], told["reason"], told["made_by"], told["ended_at"]) == (
        "support-answers", "Ends in March.", editor.email, None,
    )  # fmt: skip
    again = api.refused("POST", "/waivers/", {"service": "support-answers", "reason": "Really."})
    assert again[:2] == (409, "waived_already")
    assert [row["id"] for row in api.get("/waivers/?open=true&service=support-answers")["results"]] == [told["id"]]
    assert api.done("POST", f"/waivers/{told['id']}/end/")["ended_by"] == editor.email
    assert api.get("/waivers/?open=true")["results"] == []
    assert api.refused("POST", f"/waivers/{told['id']}/end/")[:2] == (409, "ended_already")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"service": "unowned"}, (422, "invalid", ["reason"])),
        ({"reason": "x"}, (422, "invalid", ["service"])),
        ({"service": "unowned", "component": "Cache", "reason": "x"}, (422, "invalid", ["service"])),
        ({"service": "owned", "reason": "x"}, (409, "somebody_answers", [])),
    ],
)
def test_a_waiver_that_cannot_be_says_why(api: Api, data: dict[str, str], refusal: tuple[int, str, list[str]]) -> None:
    make.service("Unowned")
    make.service("Owned", owner=make.person())
    make.component("Cache")
    assert api.refused("POST", "/waivers/", data) == refusal
    assert not Waiver.objects.exists()


def test_every_rule_is_in_the_schema(api: Api) -> None:
    schema = api.client.get(f"{API}/schema/?format=json").json()
    gap = schema["paths"]["/api/v1/coverage/gaps/"]["get"]["parameters"]
    assert next(one for one in gap if one["name"] == "gap")["schema"]["enum"] == sorted(KEYS)
