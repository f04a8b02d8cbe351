"""Claims, imports and exports over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ownership.models import Assignment, Claim, Component, Person
from tests import factories as make
from tests.factories import NOON
from tests.ownership.api.program import API, Api
from tests.ownership.importing.reading import entity
from tests.ownership.importing.test_archives import zipped
from tests.ownership.world import World

pytestmark = pytest.mark.django_db

GOOD = entity("System", "answers", owner="search") + "---\n" + entity(name="retriever", system="answers")
BAD = GOOD + "---\n" + entity(name="two words")
IMPORT = f"{API}/catalogue/import/"


def raw(api: Api, text: str | bytes, query: str = "", kind: str = "application/yaml") -> Any:
    return api.client.generic("POST", f"{IMPORT}?{query}", text, content_type=kind)


def test_claims_are_read_accepted_ignored_and_thought_about_again(api: Api, world: World) -> None:
    told = api.get(f"/claims/{world.claim.pk}/")
    assert (told["owner"], told["team"], told["service"], told["state"]) == (
        "answers",
        "answers-team",
        "support-answers",
        "new",
    )
    told = api.done("POST", f"/claims/{world.claim.pk}/accept/")
    assert (told["state"], told["decided_by"]) == ("accepted", Person.objects.get(name="Edith Editor").email)
    assert Assignment.objects.filter(service=world.service, team=world.team, superseded_at=None).exists()
    assert api.done("POST", f"/claims/{world.claim.pk}/ignore/")["state"] == "ignored"
    assert api.done("POST", f"/claims/{world.claim.pk}/reconsider/")["decided_at"] is None
    Claim.objects.update(team=None, person=None)
    assert api.refused("POST", f"/claims/{world.claim.pk}/accept/") == (422, "nothing_to_accept", [])


def test_filters_narrow(api: Api, world: World) -> None:
    Claim.objects.filter(pk=world.ignored.pk).update(format="csv", vanished_at=NOON)

    def found(query: str) -> set[int]:
        return {row["id"] for row in api.get(f"/claims/?{query}")["results"]}

    both = {world.claim.pk, world.ignored.pk}
    assert found("") == found("service=support-answers") == found("unresolved=false") == both
    for query in (
        "show=drift",
        "state=new",
        "format=backstage",
        "team=answers-team",
        "vanished=false",
        "search=ANSWERS&team=answers-team",
    ):
        assert found(query) == {world.claim.pk}
    for query in (
        "show=ignored",
        "state=ignored",
        "format=csv",
        f"person={world.member.email}",
        "vanished=true",
        "search=gone",
    ):
        assert found(query) == {world.ignored.pk}
    assert found("unresolved=true") == found("source=y") == set()
    assert api.refused("GET", "/claims/?format=xml")[0] == 422


def test_a_raw_body_a_form_and_an_archive_come_in_once(api: Api) -> None:
    dry = raw(api, GOOD, "dry_run=true")
    assert (dry.status_code, dry.json()["dry_run"], Component.objects.count()) == (200, True, 0)
    assert raw(api, GOOD, "source=repo").json()["created"]["components"] == 1
    parts = {"file": [SimpleUploadedFile("catalog-info.yaml", GOOD.encode())]}
    assert api.client.post(f"{IMPORT}?source=repo", parts).json()["nothing_to_do"]
    packed = zipped(("repo/catalog-info.yaml", GOOD.encode()))
    assert raw(api, packed, "filename=x.zip", "application/zip").json()["nothing_to_do"]
    assert raw(api, "name\nRanker\n", "format=csv", "text/csv").json()["created"] == {"services": 1}
    assert Claim.objects.get().source == "repo/catalog-info.yaml"


def test_all_or_nothing_is_refused_with_its_report(api: Api) -> None:
    answer = raw(api, BAD, "all_or_nothing=true")
    problem = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert (problem["code"], problem["status"], problem["report"]["refused"]) == ("import_refused", 422, True)
    assert Component.objects.count() == 0
    assert raw(api, BAD).json()["problems"][0]["code"] == "invalid_name"


@pytest.mark.parametrize(
    ("text", "query", "refusal"),
    [
        (b"", "", (422, "nothing_to_read")),
        (b"x", "format=xml", (422, "invalid")),
        (b"x", "dry_run=perhaps", (422, "invalid")),
        (b"PK\x03\x04", "", (422, "cannot_read")),
        (zipped(("../x.yaml", b"x")), "", (422, "cannot_read")),
        (b"x" * (20 * 1024 * 1024 + 1), "", (422, "cannot_read")),
    ],
    ids=["empty", "format", "dry_run", "archive", "traversal", "large"],
)
def test_what_is_refused_says_so(api: Api, text: bytes, query: str, refusal: tuple[int, str]) -> None:
    answer = raw(api, text, query, "application/octet-stream")
    assert (answer.status_code, answer.json()["code"]) == refusal


def test_a_form_that_is_too_large_is_refused(api: Api, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    answer = api.client.post(IMPORT, {"file": SimpleUploadedFile("x.yaml", b"x" * 1000)})
    assert (answer.status_code, answer.json()["code"]) == (422, "cannot_read")


@pytest.mark.parametrize(("kind", "begins"), [("backstage", "# Written"), ("csv", "kind,name"), ("", "# Written")])
def test_the_catalogue_goes_out(world: World, kind: str, begins: str) -> None:
    reader = Api(make.person(role="viewer"), "read")
    answer = reader.client.get(f"{API}/catalogue/export/" + (f"?format={kind}" if kind else ""))
    text = b"".join(answer).decode()
    assert text.startswith(begins)
    assert "Retriever" in text
    assert reader.refused("GET", "/catalogue/export/?format=xml") == (422, "invalid", ["format"])


@pytest.mark.parametrize(
    "path", ["/claims/{0}/accept/", "/claims/{0}/ignore/", "/claims/{0}/reconsider/", "/catalogue/import/"]
)
@pytest.mark.parametrize(
    ("role", "scope"), [("responder", "write"), ("viewer", "write"), ("editor", "read"), ("editor", "ingest")]
)
def test_who_may_not_changes_nothing(world: World, path: str, role: str, scope: str) -> None:
    before = list(Claim.objects.values())
    api = Api(make.person(role=role), scope)
    assert api.refused("POST", path.format(world.claim.pk))[:2] == (403, "permission_denied")
    assert Client().post(API + path.format(world.claim.pk)).status_code == 401
    assert list(Claim.objects.values()) == before


def test_a_list_of_claims_costs_the_same_for_more(api: Api, world: World, django_assert_num_queries: Any) -> None:
    api.get("/claims/")  # the first request of a day notes that the token was used
    with CaptureQueriesContext(connection) as queries:
        api.get("/claims/")
    Claim.objects.create(
        fingerprint="9", format="csv", source="t.csv", line=1, owner="x", role="accountable", subject_kind="system",
        subject_name="z", service=make.service(), team=make.team(), first_seen=NOON, last_seen=NOON,
    )  # fmt: skip
    with django_assert_num_queries(len(queries)):
        api.get("/claims/")
