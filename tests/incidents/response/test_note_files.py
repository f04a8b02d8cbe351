"""Notes and facts that come with files, through the forms of the page."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.response.models import Attachment, Incident, TimelineRow
from tests import factories as make
from tests.incidents.response.files import LOG, PNG, sent

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "timeline", "HX-Current-URL": "http://testserver/incidents/1/"}


@pytest.fixture
def author() -> Client:
    client = Client()
    client.force_login(make.person("Maya Okafor"))
    return client


@pytest.fixture
def incident() -> Incident:
    return make.incident("Slow answers")


def url(incident: Incident, tail: str = "") -> str:
    return f"/incidents/{incident.pk}/{tail}"


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_files_come_with_a_note(author: Client, incident: Incident, headers: dict[str, str]) -> None:
    files = [sent("panel.png", PNG), sent("gateway.log", LOG), sent("second.png", PNG + b"x")]
    said = {"text": "", "file": files, "alt": "p99 climbs\nthe same, later"}
    answer = author.post(url(incident, "note/"), said, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    made = list(Attachment.objects.order_by("pk"))
    assert [(one.name, one.alt) for one in made] == [
        ("panel.png", "p99 climbs"),
        ("gateway.log", ""),
        ("second.png", "the same, later"),
    ]
    page = shown(author, url(incident))
    assert f'<img src="{url(incident)}files/{made[0].pk}/" alt="p99 climbs" loading="lazy">' in page
    assert f'<a class="small" href="{url(incident)}files/{made[1].pk}/" download>gateway.log</a>' in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_file_keeps_the_text(author: Client, incident: Incident, headers: dict[str, str]) -> None:
    said = {"text": "kept words", "file": [sent("page.html", b"<!doctype html>")], "alt": "kept alt"}
    answer = author.post(url(incident, "note/"), said, headers=headers)
    words = answer.content.decode()
    assert answer.status_code == 422
    assert "“page.html” is not what may be attached" in words
    assert "kept words" in words
    assert "kept alt" in words
    assert not TimelineRow.objects.filter(kind="note").exists()


def test_a_missing_word_says_that_files_must_be_chosen_again(author: Client, incident: Incident) -> None:
    said = {"text": "", "at": "2026-11-19T10:30", "precision": "hour", "file": [sent()]}
    answer = author.post(url(incident, "fact/"), said)
    assert answer.status_code == 422
    assert "Choose the files again" in answer.content.decode()


@pytest.mark.parametrize("page", ["note/", "fact/"])
def test_what_is_too_large_together_is_dropped_and_said(
    settings, author: Client, incident: Incident, page: str
) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    said = {"text": "kept words", "at": "2026-11-19T10:30", "precision": "hour", "file": [sent(content=PNG * 20)]}
    answer = author.post(url(incident, page), said)
    assert answer.status_code == 422
    assert "Together the files are larger than 1 KB" in answer.content.decode()
    assert "kept words" in answer.content.decode()
    assert not Attachment.objects.exists()
