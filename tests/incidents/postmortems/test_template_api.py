"""Templates over the API."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from incidents.postmortems.models import Postmortem, PostmortemTemplate
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.test_designing import newest, offer

pytestmark = pytest.mark.django_db

URL = "/api/v1/postmortem-templates/"


def client(role: str = "editor") -> APIClient:
    api = APIClient()
    api.force_authenticate(make.person(role=role))
    return api


def body(**changes: Any) -> dict[str, Any]:
    sections = [{"heading": "Summary", "key": "summary", "required": True}, {"kind": "findings"}]
    return {"name": "Ours", "about": "For us.", "minutes": 20, "sections": sections, **changes}


def test_the_list_tells_the_newest_of_each_and_how_it_stands() -> None:
    rows = client("viewer").get(URL).json()
    by_code = {row["code"]: row for row in rows}
    assert set(by_code) == {
        "full_review", "quick_review", "near_miss", "guardrail_review", "data_incident", "vendor_incident",
    }  # fmt: skip
    full = by_code["full_review"]
    assert (full["version"], full["is_default"], full["retired"], full["built_in"]) == (2, True, False, True)
    assert full["sections"][0] == {
        "kind": "narrative", "key": "summary", "heading": "Summary", "prompt": full["sections"][0]["prompt"],
        "prefill": "summary", "required": True,
    }  # fmt: skip


def test_one_is_read_by_its_code_and_an_earlier_version_by_its_number() -> None:
    api = client("viewer")
    assert api.get(f"{URL}full_review/").json()["version"] == 2
    assert api.get(f"{URL}full_review/?version=1").json()["version"] == 1
    for tail in ("nothing/", "full_review/?version=9", "full_review/?version=x"):
        assert api.get(f"{URL}{tail}").status_code == 404, tail


def test_one_is_made_changed_retired_and_made_the_default() -> None:
    api = client()
    made = api.post(URL, body(copy_of="near_miss"), format="json")
    assert (made.status_code, made.json()["code"], made.json()["version"]) == (201, "own-ours", 1)
    assert made.json()["copied_from"] == "Near miss v1"
    changed = api.put(f"{URL}own-ours/", body(name="Ours too", version=1), format="json")
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert api.post(f"{URL}own-ours/retire/").json()["retired"] is True
    assert api.post(f"{URL}own-ours/default/").status_code == 409
    assert api.post(f"{URL}own-ours/restore/").json()["retired"] is False
    assert api.post(f"{URL}own-ours/default/").json()["is_default"] is True
    assert not offer("full_review").is_default


def test_a_change_to_an_old_version_and_to_a_built_in_one_is_refused() -> None:
    api = client()
    api.post(URL, body(), format="json")
    api.put(f"{URL}own-ours/", body(name="Theirs", version=1), format="json")
    refused = api.put(f"{URL}own-ours/", body(name="Mine", version=1), format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "stale_template")
    refused = api.put(f"{URL}near_miss/", body(version=1), format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "built_in")
    assert newest("own-ours").name == "Theirs"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"sections": []},
        {"sections": [{"kind": "weather"}]},
        {"suits": "x"},
        {"sections": [{"heading": ""}]},
    ],
)
def test_what_cannot_be_used_is_refused(changes: dict[str, Any]) -> None:
    before = PostmortemTemplate.objects.count()
    assert client().post(URL, body(**changes), format="json").status_code == 422
    assert PostmortemTemplate.objects.count() == before


def test_responders_read_and_do_not_design() -> None:
    api = client("responder")
    assert api.get(URL).status_code == 200
    assert api.post(URL, body(), format="json").status_code == 403
    for tail in ("retire/", "restore/", "default/"):
        assert api.post(f"{URL}near_miss/{tail}").status_code == 403
    assert not offer("near_miss").retired


def test_a_postmortem_is_started_with_a_template_and_given_another() -> None:
    api, incident = client("responder"), review.resolved()
    refused = api.post("/api/v1/postmortems/", {"number": incident.pk, "template": "nothing"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "template_not_offered")
    started = api.post("/api/v1/postmortems/", {"number": incident.pk, "template": "near_miss"}, format="json")
    assert started.json()["template"] == "near_miss/1"
    address = f"/api/v1/postmortems/{incident.pk}/template/"
    assert api.put(address, {"template": "quick_review"}, format="json").json()["template"] == "quick_review/1"
    assert api.put(address, {"template": "nothing"}, format="json").status_code == 422
    viewer = client("viewer")
    assert viewer.put(address, {"template": "near_miss"}, format="json").status_code == 403
    assert Postmortem.objects.get().template.code == "quick_review"
