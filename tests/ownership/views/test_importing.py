"""Sending a catalogue through the browser, and taking it out again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ownership import importing
from ownership.models import CatalogueUpload, Claim, Component, Person
from tests import factories as make
from tests.factories import NOON
from tests.ownership.conftest import HTMX, cost, signed_in
from tests.ownership.importing.reading import entity
from tests.ownership.importing.test_archives import zipped

pytestmark = pytest.mark.django_db

GOOD = entity("System", "answers", owner="search") + "---\n" + entity(name="retriever", system="answers")
BAD = GOOD + "---\n" + entity(name="two words")


def file(text: str | bytes = GOOD, name: str = "catalog-info.yaml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def send(client: Client, *files: SimpleUploadedFile, **more: str) -> Any:
    return client.post("/catalogue/import/", {"file": list(files), **more})


@pytest.fixture
def upload(editor: Person) -> CatalogueUpload:
    return importing.receive({"catalog-info.yaml": GOOD.encode()}, by=editor, now=timezone.now())


@pytest.mark.parametrize("deed", ["", "check/", "discard/", "report.json"])
def test_an_upload_that_has_expired_is_not_there(upload: CatalogueUpload, as_editor: Client, deed: str) -> None:
    CatalogueUpload.objects.update(made_at=NOON, expires_at=NOON + timedelta(hours=24))
    url = f"/catalogue/import/{upload.pk}/{deed}"
    assert as_editor.get(url).status_code == 404
    assert as_editor.post(url, {"how": "good"}).status_code in {404, 405}
    assert Component.objects.count() == 0
    assert as_editor.get("/catalogue/import/").context["latest"] == []


def test_what_would_come_of_it_is_shown_and_nothing_written(as_editor: Client) -> None:
    answer = as_editor.post("/catalogue/import/", {"file": file(BAD)}, follow=True)
    shown = answer.content.decode()
    for words in (
        "nothing is written yet",
        "<b>1</b> new service",
        "retriever",
        "invalid_name",
        "catalog-info.yaml:",
        "Import the good rows",
    ):
        assert words in shown
    assert Component.objects.count() == 0


def test_then_it_is_imported_and_says_so(as_editor: Client) -> None:
    address = send(as_editor, file())["Location"]
    shown = as_editor.post(address, {"how": "all"}, follow=True).content.decode()
    assert "Imported." in shown
    assert "Import these" not in shown
    assert Component.objects.get().name == "retriever"
    again = send(as_editor, file())["Location"]
    assert "Nothing to do." in as_editor.get(again).content.decode()
    assert as_editor.post(address, {"how": "all"}).status_code == 409


def test_all_or_nothing_is_refused_with_422_and_the_good_rows_come_in(as_editor: Client) -> None:
    address = send(as_editor, file(BAD))["Location"]
    refused = as_editor.post(address, {"how": "all"})
    assert (refused.status_code, Component.objects.count()) == (422, 0)
    assert "Nothing was imported:" in refused.content.decode()
    assert as_editor.post(address, {"how": "good"}).status_code == 302
    assert Component.objects.count() == 1


def test_an_archive_and_several_files(as_editor: Client) -> None:
    raw = zipped(("repo/catalog-info.yaml", GOOD.encode()))
    assert (
        "<h1>repo</h1>"
        in as_editor.post("/catalogue/import/", {"file": file(raw, "x.zip")}, follow=True).content.decode()
    )
    send(as_editor, file(), file("name\nx\n", "t.csv"), source="Our repository")
    assert list(CatalogueUpload.objects.order_by("pk").values_list("source", "files")) == [
        ("repo", 1),
        ("Our repository", 2),
    ]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([], "Choose a file"),
        ([file(name="a.yaml"), file(name="a.yaml")], "Two files are called a.yaml"),
        ([file(zipped(("../x.yaml", b"x")), "x.zip")], "leads outside"),
        ([file(b"PK\x03\x04junk", "x.zip")], "damaged"),
    ],
)
def test_what_cannot_be_used_is_told_beside_the_field_and_the_choices_stay(
    as_editor: Client, files: list[SimpleUploadedFile], words: str
) -> None:
    answer = send(as_editor, *files, source="Our repository", format="csv")
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert words in shown
    assert 'value="Our repository"' in shown
    assert '<option value="csv" selected' in shown
    assert CatalogueUpload.objects.count() == 0


def test_more_than_the_limit_is_told_and_not_kept(as_editor: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    answer = send(as_editor, file("x" * 1024 * 1025), source="Our repository")
    assert answer.status_code == 422
    assert "more than 1 MB" in answer.content.decode()
    assert 'value="Our repository"' in answer.content.decode()
    assert CatalogueUpload.objects.count() == 0


@pytest.mark.parametrize("deed", ["", "check/", "discard/"])
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize(
    "persona", [("owner", 302), ("admin", 302), ("other editor", 404), ("viewer", 403), ("responder", 403)]
)
def test_an_upload_is_for_who_sent_it_and_for_admins(
    upload: CatalogueUpload, editor: Person, deed: str, persona: tuple[str, int], htmx: bool
) -> None:
    who, status = persona
    people = {"owner": editor, "other editor": make.person(role="editor")}
    client = signed_in(people.get(who) or make.person(role=who))
    before = CatalogueUpload.objects.values().get()
    answer = client.post(f"/catalogue/import/{upload.pk}/{deed}", {"how": "all"}, headers=HTMX if htmx else {})
    assert answer.status_code == (200 if htmx and status == 302 else status)
    changed = not CatalogueUpload.objects.exists() or CatalogueUpload.objects.values().get() != before
    assert changed is (status == 302)
    for path in ("", "report.json"):
        if CatalogueUpload.objects.exists():
            seen = client.get(f"/catalogue/import/{upload.pk}/{path}").status_code
            assert seen == (200 if status == 302 else status)


@pytest.mark.parametrize("deed", ["", "check/", "discard/"])
def test_strangers_sign_in_first(upload: CatalogueUpload, deed: str) -> None:
    answer = Client().post(f"/catalogue/import/{upload.pk}/{deed}", {"how": "all"})
    assert answer["Location"].startswith("/accounts/login/")
    assert Component.objects.count() == 0


def test_the_whole_report_can_be_kept(upload: CatalogueUpload, as_editor: Client) -> None:
    answer = as_editor.get(f"/catalogue/import/{upload.pk}/report.json")
    assert answer.json()["added"]["components"] == ["retriever"]
    assert answer["Content-Disposition"].startswith("attachment")


def test_long_lists_are_cut_and_say_how_many_more(as_editor: Client) -> None:
    many = "---\n".join(entity("System", f"s{number}") for number in range(60))
    shown = as_editor.post("/catalogue/import/", {"file": file(many)}, follow=True).content.decode()
    assert "and 10 more" in shown
    assert "s9<" in shown
    assert "s59<" not in shown


def test_a_report_costs_the_same_however_long_it_is(as_editor: Client) -> None:
    pages = [
        send(as_editor, file("---\n".join(entity(name=f"c{n}") for n in range(count))))["Location"] for count in (1, 9)
    ]
    assert cost(as_editor, pages[0]) == cost(as_editor, pages[1])
    one = cost(as_editor, "/catalogue/import/")
    send(as_editor, file())
    assert cost(as_editor, "/catalogue/import/") == one


@pytest.mark.parametrize(("kind", "begins"), [("backstage", "# Written by Seamline"), ("csv", "kind,name,")])
def test_everybody_takes_the_catalogue_out(kind: str, begins: str) -> None:
    make.component("Ranker")
    reader = signed_in(make.person(role="viewer"))
    assert f"/catalogue/export/{kind}/" in reader.get("/catalogue/export/").content.decode()
    answer = reader.get(f"/catalogue/export/{kind}/")
    text = b"".join(answer).decode()
    assert text.startswith(begins)
    assert "Ranker" in text
    assert answer["Content-Disposition"].startswith("attachment")
    assert reader.get("/catalogue/export/spreadsheet/").status_code == 404


def test_the_pages_lead_to_each_other(as_editor: Client) -> None:
    for page in ("/claims/", "/components/"):
        shown = as_editor.get(page).content.decode()
        assert 'href="/catalogue/import/"' in shown
        assert 'href="/catalogue/export/"' in shown
    assert 'href="/catalogue/import/"' not in signed_in(make.person(role="viewer")).get("/claims/").content.decode()


def test_an_import_through_the_browser_assigns_nobody(upload: CatalogueUpload, as_editor: Client) -> None:
    make.team("Search")
    as_editor.post(f"/catalogue/import/{upload.pk}/", {"how": "all"})
    assert Claim.objects.get().service.assignments.count() == 0
