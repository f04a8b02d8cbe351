"""From what a browser sends to rows: looked at first, imported once, thrown away, expired."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ownership import importing
from ownership.importing import uploading
from ownership.models import CatalogueUpload, Claim, Component, Person
from tests.factories import NOON
from tests.ownership.importing.reading import entity
from tests.ownership.importing.test_archives import linked, plain, tarred, zipped

pytestmark = pytest.mark.django_db

GOOD = entity("System", "answers", owner="search") + "---\n" + entity(name="retriever", system="answers")
BAD = GOOD + "---\n" + entity(name="two words")


def received(by: Person, text: str | bytes = GOOD, name: str = "catalog-info.yaml", **options: str) -> CatalogueUpload:
    raw = text.encode() if isinstance(text, str) else text
    return importing.receive({name: raw}, by=by, now=NOON, **options)


def refusal(given: dict[str, bytes], **options: str) -> tuple[str, str]:
    with pytest.raises(importing.CannotRead) as refused:
        importing.read(given, **options)
    return refused.value.code, refused.value.message


def test_looking_writes_nothing_and_importing_does_what_was_shown(editor: Person) -> None:
    upload = received(editor)
    assert (Component.objects.count(), Claim.objects.count()) == (0, 0)
    assert upload.report["created"] == {"claims": 1, "components": 1, "parts": 1, "services": 1}
    assert upload.report["added"]["components"] == ["retriever"]
    report = importing.bring_in(upload, all_or_nothing=True, by=editor, now=NOON)
    assert report.as_json()["created"] == upload.report["created"]
    assert Claim.objects.get().source == "upload/catalog-info.yaml"


def test_importing_lets_the_bytes_go_and_works_once(editor: Person) -> None:
    upload = received(editor)
    importing.bring_in(upload, all_or_nothing=False, by=editor, now=NOON)
    upload.refresh_from_db()
    assert (upload.content, upload.imported_at) == (None, NOON)
    for act in (importing.check, lambda one, **who: importing.bring_in(one, all_or_nothing=True, **who)):
        with pytest.raises(importing.AlreadyImported):
            act(upload, by=editor, now=NOON)


def test_the_same_files_again_have_nothing_to_do(editor: Person) -> None:
    importing.bring_in(received(editor), all_or_nothing=False, by=editor, now=NOON)
    again = received(editor)
    assert again.report["nothing_to_do"]
    assert (again.report["created"], again.report["claim_changes"], again.report["claims_again"]) == ({}, [], 1)


def test_all_or_nothing_with_an_error_keeps_everything_out_and_can_be_tried_again(editor: Person) -> None:
    upload = received(editor, BAD)
    assert importing.bring_in(upload, all_or_nothing=True, by=editor, now=NOON).refused
    assert Component.objects.count() == 0
    upload.refresh_from_db()
    assert (upload.imported_at, upload.report["refused"]) == (None, True)
    assert not importing.bring_in(upload, all_or_nothing=False, by=editor, now=NOON).refused
    assert Component.objects.get().name == "retriever"


def test_looking_again_sees_what_changed_here(editor: Person) -> None:
    upload = received(editor)
    importing.bring_in(received(editor), all_or_nothing=False, by=editor, now=NOON)
    assert importing.check(upload, by=editor, now=NOON).report["nothing_to_do"]


def test_an_upload_expires(editor: Person) -> None:
    old = received(editor)
    importing.receive({"x.csv": b"name\nx"}, by=editor, now=NOON + timedelta(hours=25))
    assert not CatalogueUpload.objects.filter(pk=old.pk).exists()
    assert CatalogueUpload.objects.count() == 1


def test_what_has_expired_is_neither_imported_nor_looked_at_again(editor: Person) -> None:
    upload = received(editor)
    for act in (importing.check, lambda one, **who: importing.bring_in(one, all_or_nothing=True, **who)):
        with pytest.raises(importing.Expired):
            act(upload, by=editor, now=NOON + timedelta(hours=24))
    assert Component.objects.count() == 0
    importing.bring_in(upload, all_or_nothing=True, by=editor, now=NOON + timedelta(hours=23))
    assert Component.objects.count() == 1


def test_thrown_away_is_gone(editor: Person) -> None:
    importing.discard(received(editor), by=editor, now=NOON)
    assert CatalogueUpload.objects.count() == 0


def test_an_archive_is_called_as_its_folder_and_claims_match_those_of_the_command(editor: Person) -> None:
    upload = received(editor, zipped(("repo/catalog-info.yaml", GOOD.encode())), "download(1).zip")
    assert (upload.source, upload.files) == ("repo", 1)
    importing.bring_in(upload, all_or_nothing=False, by=editor, now=NOON)
    assert Claim.objects.get().source == "repo/catalog-info.yaml"
    flat = received(editor, zipped(("a.yaml", GOOD.encode()), ("b/c.yaml", b"")), "mine.tar.gz")
    assert flat.source == "mine"
    assert received(editor, source=" ../et\x00c ").source == "-etc"


def test_links_of_an_archive_are_told_as_skipped(editor: Person) -> None:
    upload = received(editor, tarred(plain("r/a.yaml", GOOD.encode()), linked("r/b.yaml", "/etc/passwd")), "x.tgz")
    assert [(one["file"], one["reason"]) for one in upload.report["skipped"]] == [("r/b.yaml", "link")]


def test_locations_are_followed_inside_the_upload_only(editor: Person) -> None:
    text = entity("Location", "all").replace(
        "type: service", "targets: [./deep/a.yaml, ../out.yaml, /etc/passwd, ./no.yaml]"
    )
    raw = zipped(("r/catalog-info.yaml", text.encode()), ("r/deep/a.yaml", GOOD.encode()))
    report = received(editor, raw, "x.zip").report
    assert report["files"] == 2
    assert [one["code"] for one in report["problems"]] == ["outside", "outside", "target_missing"]


def test_code_owners_beside_a_catalogue_are_read_only_when_asked_for(editor: Person) -> None:
    raw = zipped(("r/a.yaml", GOOD.encode()), ("r/CODEOWNERS", b"* @acme/search\n"))
    assert set(received(editor, raw, "x.zip").report["entities"]) == {"System", "Component"}
    assert received(editor, raw, "x.zip", format="codeowners").report["entities"] == {"rule": 1}


def test_a_file_of_any_name_is_read_as_said(editor: Person) -> None:
    assert received(editor, "name\nx\n", "table.txt", format="csv").report["created"] == {"services": 1}
    assert received(editor, GOOD, "notes").report["created"]["services"] == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\0\1\2 binary junk", "binary"),
        ("grüße".encode("latin-1"), "not_utf8"),
        (b"x" * (5 * 1024 * 1024 + 1), "too_large"),
        (b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
            b"%c: &%c [%s]\n" % (98 + n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 10)) for n in range(8)
        ), "yaml_too_large"),
        (b"[" * 100, "yaml_too_large"),
        (b"kind: [", "bad_yaml"),
    ],
    ids=["binary", "latin-1", "large", "bomb", "deep", "broken"],
)  # fmt: skip
def test_hostile_files_end_in_a_clear_error(editor: Person, text: bytes, code: str) -> None:
    upload = received(editor, text)
    assert [one["code"] for one in upload.report["problems"]] == [code]
    assert upload.report["created"] == {}


def test_an_owner_of_a_hundred_megabytes_is_too_much_and_one_of_four_is_cut(editor: Person) -> None:
    assert refusal({"x.yaml": entity(owner="x").encode() + b"x" * 100 * 1024 * 1024})[0] == "cannot_read"
    importing.bring_in(received(editor, entity(owner="x" * 4_000_000)), all_or_nothing=False, by=editor, now=NOON)
    assert len(Claim.objects.get().owner) == 300


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Choose a file"),
        ({"a.zip": zipped(("a.yaml", b"x")), "b.yaml": b"x"}, "one archive"),
        ({"a.zip": zipped(("readme.md", b"x"))}, "holds no"),
        ({f"{number}.yaml": b"" for number in range(uploading.MOST_NAMED + 1)}, "more than 200"),
        ({"a/x.yaml": b"", "b/x.yaml": b""}, "Two files"),
        ({"a.zip": zipped(("../x.yaml", b"x"))}, "leads outside"),
    ],
)
def test_what_cannot_be_used_says_what_to_do(given: dict[str, bytes], words: str) -> None:
    assert words in refusal(given)[1]


def test_damage_to_what_was_kept_is_noticed(editor: Person) -> None:
    upload = received(editor)
    CatalogueUpload.objects.update(sha256="0" * 64)
    with pytest.raises(importing.CannotRead, match="damaged"):
        importing.bring_in(upload, all_or_nothing=False, by=editor, now=NOON)
