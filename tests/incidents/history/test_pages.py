"""The pages on which past incidents come in: looked at first, written once, and only by editors."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incidents.history import examples
from incidents.history.models import HistoryUpload
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.incidents.history.past import FULL, MAPPING, bring, plain, the_incident

pytestmark = pytest.mark.django_db

NEW = reverse("history:import")


@pytest.fixture
def edith() -> Person:
    return make.person("Edith", role="editor")


@pytest.fixture
def client(edith: Person) -> Client:
    return visitor(edith)


def visitor(person: Person) -> Client:
    made = Client()
    made.force_login(person)
    return made


def file(*rows: dict[str, Any], name: str = "past.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(json.dumps(row) for row in rows).encode())


def send(client: Client, *rows: dict[str, Any], **asked: Any) -> HistoryUpload:
    answer = client.post(NEW, {"file": file(*rows), "mapping": MAPPING} | asked)
    assert answer.status_code == 302, answer.context["form"].errors
    return HistoryUpload.objects.latest("pk")


def act(client: Client, name: str, upload: HistoryUpload, **said: str) -> Any:
    return client.post(reverse(f"history:{name}", args=[upload.pk]), said, follow=True)


def test_first_looked_at_then_written(client: Client) -> None:
    upload = send(client, FULL, plain())
    shown = client.get(reverse("history:upload", args=[upload.pk])).content.decode()
    assert "<b>2</b> new incidents" in shown
    assert FULL["title"] in shown
    assert "past.jsonl:2" in shown
    assert not Incident.objects.exists()
    done = act(client, "upload", upload, how="all")
    assert b"Nobody was told" in done.content
    assert Incident.objects.count() == 2
    upload.refresh_from_db()
    assert upload.content is None
    assert act(client, "upload", upload, how="all").status_code == 409


def test_a_changed_row_is_shown_before_and_after(client: Client, edith: Person) -> None:
    bring(FULL, by=edith)
    Incident.objects.filter(pk=the_incident().pk).update(severity="sev4")
    upload = send(client, FULL | {"title": "Wrong links", "severity": "sev1"})
    shown = client.get(reverse("history:upload", args=[upload.pk])).content.decode()
    assert "title</span>: Answers cite the wrong article → Wrong links" in shown
    assert "severity</span>: sev2 → sev1" in shown
    assert "here: sev4" in shown


def test_errors_leave_the_good_rows_on_offer(client: Client) -> None:
    upload = send(client, plain(), plain(2, seen="yesterday"))
    shown = client.get(reverse("history:upload", args=[upload.pk])).content.decode()
    assert "Import the good rows" in shown
    refused = act(client, "upload", upload, how="all")
    assert (refused.status_code, Incident.objects.count()) == (422, 0)
    act(client, "upload", upload, how="good")
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"mapping": "collection: ["}, "This is not YAML"),
        ({"mapping": MAPPING + "colour: red"}, "colour: Not known here"),
        ({"mapping": ""}, "Give a mapping"),
        ({"file": ""}, "Choose a CSV"),
    ],
)
def test_what_cannot_be_used_comes_back_with_its_text(client: Client, asked: dict[str, Any], words: str) -> None:
    answer = client.post(NEW, {"file": file(plain()), "mapping": MAPPING} | asked)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert asked.get("mapping", "collection: old tool") in text.replace("&#x27;", "'").replace("&quot;", '"')


def test_a_mapping_file_counts_and_its_text_comes_back(client: Client) -> None:
    bad = SimpleUploadedFile("map.yaml", b"collection: from the file\n")
    answer = client.post(NEW, {"file": file(plain()), "mapping_file": bad})
    assert answer.status_code == 422
    assert b"collection: from the file" in answer.content
    good = SimpleUploadedFile("map.yaml", MAPPING.encode())
    assert send(client, plain(), mapping_file=good, mapping="").report["new"] == 1


def test_a_shipped_mapping_can_be_chosen(client: Client) -> None:
    row = {"id": 1, "title": "Slow", "impact": "minor", "started_at": "2026-01-01T00:00Z", "components": ["Actions"]}
    upload = send(client, row, mapping="", example="github-status")
    assert upload.mapping == next(one.text for one in examples.every() if one.name == "github-status")
    assert (upload.report["new"], upload.report["services_created"]) == (1, ["Actions"])


def test_another_mapping_can_be_tried_without_sending_the_file_again(client: Client) -> None:
    upload = send(client, plain())
    wrong = act(client, "check_upload", upload, mapping="collection: [")
    assert (wrong.status_code, b"The new mapping cannot be used" in wrong.content) == (422, True)
    act(client, "check_upload", upload, mapping=MAPPING.replace("old tool", "new tool"))
    upload.refresh_from_db()
    assert upload.report["collection"] == "new tool"


def test_an_upload_is_its_senders_alone_for_its_report_is_told_as_its_reader_sees_it(client: Client) -> None:
    address = reverse("history:upload", args=[send(client, plain()).pk])
    assert visitor(make.person(role="editor")).get(address).status_code == 404
    assert visitor(make.person(role="admin")).get(address).status_code == 404
    assert visitor(make.person(role="responder")).get(address).status_code == 403
    assert visitor(make.person(role="responder")).get(NEW).status_code == 403


def test_what_waits_is_kept_for_a_day(client: Client) -> None:
    upload = send(client, plain())
    HistoryUpload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(reverse("history:upload", args=[upload.pk])).status_code == 404
    send(client, plain())
    assert not HistoryUpload.objects.filter(pk=upload.pk).exists()


def test_thrown_away(client: Client) -> None:
    upload = send(client, plain())
    act(client, "discard_upload", upload)
    assert not HistoryUpload.objects.exists()


def test_nothing_is_told_of_a_private_incident(client: Client) -> None:
    bring(plain(), by=make.person(role="admin"))
    Incident.objects.update(private=True, title="Secret words")
    upload = send(client, plain(title="Another"))
    assert (upload.report["unchanged"], upload.report["changes"], upload.report["conflicts"]) == (1, [], [])
    act(client, "upload", upload, how="all")
    assert Incident.objects.get().title == "Secret words"


def test_the_report_can_be_kept(client: Client) -> None:
    answer = client.get(reverse("history:upload_report", args=[send(client, plain()).pk]))
    assert answer.json()["added"][0]["title"] == "Slow answers 1"
    assert "attachment" in answer["Content-Disposition"]


def test_a_page_asks_as_often_for_many_rows(client: Client) -> None:
    counts = []
    for count in (1, 60):
        upload = send(client, *(plain(number) for number in range(count)))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("history:upload", args=[upload.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
