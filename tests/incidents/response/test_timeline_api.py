"""Timelines and their files over the API."""

from __future__ import annotations

from pathlib import Path

import pytest
from rest_framework.test import APIClient

from incidents.response import noting
from incidents.response.models import Attachment, Incident, TimelineRow
from ownership import tokens
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.response.files import LOG, PNG, sent, upload

pytestmark = pytest.mark.django_db

TIMELINE = "/api/v1/timeline/"
FILES = "/api/v1/attachments/"


@pytest.fixture(autouse=True)
def root(settings, tmp_path: Path) -> Path:
    settings.ATTACHMENTS_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor", email="maya@example.org")


@pytest.fixture
def client(maya: Person) -> APIClient:
    return of(maya)


@pytest.fixture
def incident() -> Incident:
    return make.incident()


def of(person: Person, scope: str = "write") -> APIClient:
    client = APIClient()
    _, secret = tokens.make(person, label="test", scope=scope, now=NOON)
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def test_a_fact_comes_with_its_time_and_its_source(client: APIClient, incident: Incident) -> None:
    said = {
        "incident": incident.pk,
        "kind": "fact",
        "text": "Index rebuilt",
        "at": "2026-11-19T09:30:00+01:00",
        "precision": "hour",
        "source_url": "https://ci.example.org/7",
    }
    made = client.post(TIMELINE, said)
    assert made.status_code == 201
    body = made.json()
    assert (body["kind"], body["at"], body["version"]) == ("fact", "2026-11-19T08:30:00Z", 1)
    assert body["data"]["source_url"] == "https://ci.example.org/7"
    assert set(client.post(TIMELINE, {"kind": "fact", "text": "x"}).json()["errors"]) == {"incident", "at"}
    bad = client.post(TIMELINE, {**said, "source_url": "file:///etc/passwd"})
    assert (bad.status_code, set(bad.json()["errors"])) == (422, {"source_url"})
    assert client.post(TIMELINE, {**said, "text": "a\x00"}).status_code == 422
    moved = client.post(TIMELINE, {"revises": body["id"], "at": "2026-11-19T09:00:00Z"}).json()
    assert (moved["at"], moved["data"]["precision"], moved["data"]["source_url"]) == (
        "2026-11-19T09:00:00Z", "hour", "https://ci.example.org/7",
    )  # fmt: skip


def test_an_edit_names_the_version_that_was_seen(client: APIClient, incident: Incident) -> None:
    first = client.post(TIMELINE, {"incident": incident.pk, "text": "one"}).json()
    second = client.post(TIMELINE, {"revises": first["id"], "text": "two"})
    assert second.status_code == 201
    assert (second.json()["version"], second.json()["first"], second.json()["text"]) == (2, first["id"], "two")
    late = client.post(TIMELINE, {"revises": first["id"], "text": "late"})
    assert (late.status_code, late.json()["code"]) == (409, "row_changed")
    rows = client.get(TIMELINE, {"incident": incident.pk, "kind": "note"}).json()["results"]
    assert [row["text"] for row in rows] == ["two"]
    assert client.get(f"{TIMELINE}{first['id']}/").json()["text"] == "two"
    versions = client.get(f"{TIMELINE}{first['id']}/versions/").json()
    assert [row["text"] for row in versions] == ["one", "two"]


def test_taking_back_hides_what_was_said_from_others(client: APIClient, incident: Incident) -> None:
    first = client.post(TIMELINE, {"incident": incident.pk, "text": "a key"}).json()
    assert client.post(TIMELINE, {"revises": first["id"], "taken_back": True}).status_code == 422
    gone = client.post(TIMELINE, {"revises": first["id"], "taken_back": True, "why": "a key stood in it"})
    assert (gone.status_code, gone.json()["kind"], gone.json()["text"]) == (201, "taken_back", "")
    other = of(make.person(), "read")
    for answer in (
        other.get(TIMELINE),
        other.get(f"{TIMELINE}{first['id']}/"),
        other.get(f"{TIMELINE}{first['id']}/versions/"),
    ):
        assert answer.status_code == 200
        assert "a key" not in answer.content.decode().replace("a key stood in it", "")
    assert client.get(f"{TIMELINE}{first['id']}/versions/").json()[0]["text"] == "a key"


def test_others_do_not_change_it(incident: Incident, maya: Person) -> None:
    row = noting.note(incident, text="one", by=maya, now=NOON)
    for person, scope in ((make.person(), "write"), (make.person(role="viewer"), "write"), (maya, "read")):
        assert of(person, scope).post(TIMELINE, {"revises": row.pk, "text": "x"}).status_code == 403
    assert of(make.person(role="admin")).post(TIMELINE, {"revises": row.pk, "text": "x"}).status_code == 201
    declared = TimelineRow.objects.get(incident=incident, kind="declared")
    assert of(maya).post(TIMELINE, {"revises": declared.pk, "text": "x"}).status_code == 403
    assert of(maya).post(TIMELINE, {"revises": 10**12, "text": "x"}).status_code == 404


def test_a_file_comes_in_and_goes_out(client: APIClient, incident: Incident) -> None:
    said = {"incident": incident.pk, "file": sent("gateway.log", LOG), "text": "from the gateway"}
    made = client.post(FILES, said, format="multipart")
    assert made.status_code == 201
    body = made.json()
    assert (body["name"], body["media_type"], body["size"]) == ("gateway.log", "text/plain", len(LOG))
    assert TimelineRow.objects.get(pk=body["row"]).text == "from the gateway"
    content = client.get(f"{FILES}{body['id']}/content/")
    assert b"".join(content) == LOG
    assert content["Content-Disposition"] == 'attachment; filename="gateway.log"'
    assert "sandbox" in content["Content-Security-Policy"]
    listed = client.get(FILES, {"incident": incident.pk}).json()["results"]
    assert [one["id"] for one in listed] == [body["id"]]


def test_what_may_not_come_in_says_why(settings, client: APIClient, incident: Incident) -> None:
    def code(name: str, content: bytes) -> tuple[int, str]:
        answer = client.post(FILES, {"incident": incident.pk, "file": sent(name, content)}, format="multipart")
        return answer.status_code, answer.json()["code"]

    assert code("page.html", b"<!doctype html>") == (422, "file_type")
    assert code("empty.txt", b"") == (422, "file_type")
    settings.ATTACHMENT_MAX_BYTES = 10
    assert code("panel.png", PNG) == (422, "file_too_large")
    settings.ATTACHMENT_MAX_BYTES, settings.ATTACHMENTS_MAX_BYTES = 1000, 10
    assert code("panel.png", PNG) == (422, "incident_full")
    settings.UPLOAD_MAX_BYTES = 10
    assert code("panel.png", PNG) == (422, "file_too_large")
    nothing = client.post(FILES, {"incident": incident.pk}, format="multipart")
    assert (nothing.status_code, set(nothing.json()["errors"])) == (422, {"file"})
    assert client.post(FILES, {"incident": incident.pk}, format="json").status_code == 415
    assert not Attachment.objects.exists()


def test_files_are_removed_by_admins_and_hidden_when_taken_back(incident: Incident, maya: Person) -> None:
    rows = [noting.note(incident, text="", files=[upload()], by=maya, now=NOON) for _ in range(2)]
    first, second = Attachment.objects.order_by("pk")
    assert of(maya).post(f"{FILES}{first.pk}/remove/", {"why": "x"}).status_code == 403
    admin = of(make.person(role="admin"))
    assert admin.post(f"{FILES}{first.pk}/remove/", {}).status_code == 422
    removed = admin.post(f"{FILES}{first.pk}/remove/", {"why": "shows a customer"})
    assert (removed.status_code, removed.json()["removed_why"]) == (200, "shows a customer")
    assert admin.get(f"{FILES}{first.pk}/content/").status_code == 404
    noting.take_back(rows[1], seen=1, why="x", by=maya, now=NOON)
    assert admin.get(f"{FILES}{second.pk}/content/").status_code == 404
    assert [one["id"] for one in admin.get(FILES).json()["results"]] == [first.pk]


def test_viewers_and_readers_attach_nothing(incident: Incident, maya: Person) -> None:
    for person, scope in ((make.person(role="viewer"), "write"), (maya, "read"), (maya, "ingest")):
        said = {"incident": incident.pk, "file": sent()}
        assert of(person, scope).post(FILES, said, format="multipart").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_one_and_three(
    client: APIClient, incident: Incident, maya: Person, django_assert_num_queries, count: int
) -> None:
    for _ in range(count):
        one = noting.note(make.incident(), text="x", files=[upload()], by=make.person(role="admin"), now=NOON)
        noting.revise(one, seen=1, text="y", by=maya, now=NOON)
    client.get(TIMELINE)
    for address in (TIMELINE, FILES):
        with django_assert_num_queries(2):  # the token, the rows
            assert client.get(address).status_code == 200
