"""Files on their way out: headers that keep them harmless, and nobody gets what they may not see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from incidents.response import attaching, noting
from incidents.response.models import Attachment, Incident
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.response.files import GIF, LOG, PNG, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings, tmp_path: Path) -> Path:
    settings.ATTACHMENTS_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def incident() -> Incident:
    return make.incident("Slow answers")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def kept(incident: Incident, by: Person, name: str, content: bytes) -> Attachment:
    row = noting.note(incident, text="", files=[upload(name, content)], by=by, now=NOON)
    return Attachment.objects.get(row=row)


def url(found: Attachment, act: str = "") -> str:
    return f"/incidents/{found.incident_id}/files/{found.pk}/{act}"


@pytest.mark.parametrize(
    ("name", "content", "kind", "disposition"),
    [
        ("panel.png", PNG, "image/png", 'inline; filename="panel.png"'),
        ("both.gif", GIF + b"<script>alert(1)</script>", "image/gif", 'inline; filename="both.gif"'),
        ("gateway.log", LOG, "text/plain; charset=utf-8", 'attachment; filename="gateway.log"'),
        ("report.pdf", b"%PDF-1.7", "application/pdf", 'attachment; filename="report.pdf"'),
        ("a\r\nX-Evil: 1.txt", LOG, "text/plain; charset=utf-8", 'attachment; filename="a X-Evil: 1.txt"'),
        ('q"\\.txt', LOG, "text/plain; charset=utf-8", 'attachment; filename="file.txt"'),
        ("größe.txt", LOG, "text/plain; charset=utf-8", "attachment; filename*=utf-8''gr%C3%B6%C3%9Fe.txt"),
    ],
)
def test_a_file_leaves_as_what_it_is_and_can_do_nothing(name: str, content: bytes, kind: str, disposition: str) -> None:
    found = kept(make.incident(), make.person(), name, content)
    answer = signed_in(make.person(role="viewer")).get(url(found))
    assert answer.status_code == 200
    assert b"".join(answer) == content
    assert answer["Content-Type"] == kind
    assert answer["Content-Length"] == str(len(content))
    assert answer["Content-Disposition"] == disposition
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"].split("; ")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "private, no-cache"


def test_what_a_browser_has_is_not_sent_again_but_asked_for(incident: Incident, maya: Person) -> None:
    found = kept(incident, maya, "panel.png", PNG)
    client = signed_in(maya)
    first = client.get(url(found))
    etag = first["ETag"]
    assert b"".join(first) == PNG
    again = client.get(url(found), headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "private, no-cache")
    attaching.remove(found, why="x", by=maya, now=NOON)
    assert client.get(url(found), headers={"If-None-Match": etag}).status_code == 404


def test_strangers_other_incidents_and_lost_bytes_get_nothing(root: Path, incident: Incident, maya: Person) -> None:
    found = kept(incident, maya, "panel.png", PNG)
    assert Client().get(url(found))["Location"].startswith("/accounts/login/")
    client = signed_in(maya)
    assert client.get(f"/incidents/{make.incident().pk}/files/{found.pk}/").status_code == 404
    assert client.get(f"/incidents/{incident.pk}/files/{10**12}/").status_code == 404
    assert client.post(url(found)).status_code == 405
    for path in root.rglob("*"):
        if path.is_file():
            path.unlink()
    assert client.get(url(found)).status_code == 404


def test_files_of_what_was_taken_back_are_for_its_author_and_admins(incident: Incident, maya: Person) -> None:
    found = kept(incident, maya, "panel.png", PNG)
    noting.take_back(found.row, seen=1, why="shows a customer", by=maya, now=NOON)
    assert signed_in(make.person()).get(url(found)).status_code == 404
    for client in (signed_in(maya), signed_in(make.person(role="admin"))):
        assert b"".join(client.get(url(found))) == PNG
    page = signed_in(make.person()).get(f"/incidents/{incident.pk}/").content.decode()
    assert "panel.png" not in page


@pytest.mark.parametrize("role", ["viewer", "responder", "editor"])
def test_only_admins_remove(incident: Incident, maya: Person, role: str) -> None:
    found = kept(incident, maya, "panel.png", PNG)
    client = signed_in(make.person(role=role))
    assert client.get(url(found, "remove/")).status_code == 403
    assert client.post(url(found, "remove/"), {"why": "x"}).status_code == 403
    assert Client().post(url(found, "remove/")).status_code == 302
    found.refresh_from_db()
    assert found.removed_at is None


def test_an_admin_removes_with_a_reason_that_all_read(
    root: Path, incident: Incident, maya: Person, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    found = kept(incident, maya, "panel.png", PNG)
    admin = signed_in(make.person("Ada Admin", role="admin"))
    assert admin.post(url(found, "remove/"), {"why": " "}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(url(found, "remove/"), {"why": "shows a customer"})
    assert answer["Location"] == f"/incidents/{incident.pk}/timeline/{found.row_id}/"
    assert [path for path in root.rglob("*") if path.is_file()] == []
    page = signed_in(maya).get(f"/incidents/{incident.pk}/").content.decode()
    assert "panel.png was removed by Ada Admin: shows a customer" in page
    assert signed_in(maya).get(url(found)).status_code == 404
    assert admin.post(url(found, "remove/"), {"why": "again"}).status_code == 422
