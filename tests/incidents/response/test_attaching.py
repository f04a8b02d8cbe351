"""Files of a timeline: what may come in, under what name, how much, and how they go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from incidents.response import attaching, noting
from incidents.response.models import Attachment, Incident, TimelineRow
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.response.files import GIF, LOG, PNG, upload
from web import blobs
from web.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings, tmp_path: Path) -> Path:
    settings.ATTACHMENTS_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def incident() -> Incident:
    return make.incident()


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


def files(root: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in root.rglob("*") if path.is_file())


def test_what_came_is_kept_as_it_came(root: Path, incident: Incident, maya: Person) -> None:
    given = [upload("Panel 1.PNG", PNG, " p99 climbs \n at 12:48 "), upload("gateway.log", LOG)]
    row = noting.note(incident, text="", files=given, by=maya, now=NOON)
    found = list(Attachment.objects.filter(row=row).order_by("pk"))
    assert [(one.name, one.media_type, one.size, one.alt) for one in found] == [
        ("Panel 1.png", "image/png", len(PNG), "p99 climbs at 12:48"),
        ("gateway.log", "text/plain", len(LOG), ""),
    ]
    assert found[0].digest == blobs.digest_of([PNG])
    assert files(root) == sorted([PNG, LOG])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        ("page.txt", b"<!doctype html><script>alert(1)</script>"),
        ("drawing.svg", b"<svg onload='alert(1)'/>"),
        ("drawing.png", b"<svg onload='alert(1)'/>"),
        ("program.png", b"MZ\x90\x00\x03"),
        ("archive.zip", b"PK\x03\x04\x14\x00"),
        ("picture.html", PNG),
        ("picture.png.html", PNG),
        ("picture.gif", PNG),
        ("words.exe", LOG),
        ("empty.txt", b""),
        ("nul.log", LOG + b"\x00"),
        ("picture.png\x00.html", PNG),
    ],
)
def test_what_is_not_what_it_says_stays_outside(
    root: Path, incident: Incident, maya: Person, name: str, content: bytes
) -> None:
    given = [upload(), attaching.Upload(name, len(content), upload(content=content).content)]
    with pytest.raises(Invalid) as refused:
        noting.note(incident, text="words", files=given, by=maya, now=NOON)
    assert (refused.value.field, refused.value.code) == ("file", "file_type")
    assert files(root) == []
    assert not TimelineRow.objects.filter(kind="note").exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\maya\\panel.png", "panel.png"),
        ("a\u202egpj.png", "agpj.png"),
        ("tab\tand\nline.png", "tab and line.png"),
        ("<img src=x>.png", "<img src=x>.png"),
        ("...", "file.png"),
        (".png", "file.png"),
        ("", "file.png"),
        ("x" * 400 + ".png", "x" * 116 + ".png"),
        ("no ending", "no ending.png"),
        ('quo"te;.png', 'quo"te;.png'),
    ],
)
def test_names_are_made_harmless(given: str, kept: str) -> None:
    assert attaching.harmless(given, "image/png") == kept


def test_a_polyglot_is_what_it_begins_with(incident: Incident, maya: Person) -> None:
    both = GIF + b"<script>alert(1)</script>"
    noting.note(incident, text="", files=[upload("both.gif", both)], by=maya, now=NOON)
    assert Attachment.objects.get().media_type == "image/gif"


def test_one_file_and_all_files_of_an_incident_have_a_limit(settings, incident: Incident, maya: Person) -> None:
    settings.ATTACHMENT_MAX_BYTES, settings.ATTACHMENTS_MAX_BYTES = len(PNG), 2 * len(PNG)
    with pytest.raises(attaching.TooLarge):
        noting.note(incident, text="", files=[upload(content=PNG + b"x")], by=maya, now=NOON)
    for _ in range(2):
        noting.note(incident, text="", files=[upload()], by=maya, now=NOON)
    with pytest.raises(attaching.Full):
        noting.note(incident, text="", files=[upload()], by=maya, now=NOON)
    noting.note(make.incident(), text="", files=[upload()], by=maya, now=NOON)
    attaching.remove(Attachment.objects.earliest("pk"), why="twice", by=maya, now=NOON)
    noting.note(incident, text="", files=[upload()], by=maya, now=NOON)


def test_ten_files_at_once_are_enough(incident: Incident, maya: Person) -> None:
    with pytest.raises(attaching.TooLarge, match="at most 10 files"):
        noting.note(incident, text="", files=[upload() for _ in range(11)], by=maya, now=NOON)


def test_removing_takes_the_bytes_and_leaves_who_and_why(
    root: Path, incident: Incident, maya: Person, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    noting.note(incident, text="", files=[upload()], by=maya, now=NOON)
    made = Attachment.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        attaching.remove(made, why=" shows a customer ", by=maya, now=NOON + timedelta(hours=1))
    made.refresh_from_db()
    assert (made.removed_by, made.removed_why) == (maya, "shows a customer")
    assert files(root) == []
    with pytest.raises(attaching.RemovedAlready):
        attaching.remove(made, why="again", by=maya, now=NOON)


def test_bytes_that_another_file_shares_stay(
    root: Path, incident: Incident, maya: Person, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    for _ in range(2):
        noting.note(incident, text="", files=[upload()], by=maya, now=NOON)
    assert files(root) == [PNG]
    for expected, made in zip([[PNG], []], Attachment.objects.order_by("pk"), strict=True):
        with django_capture_on_commit_callbacks(execute=True):
            attaching.remove(made, why="x", by=maya, now=NOON)
        assert files(root) == expected


@pytest.mark.parametrize("why", ["", " ", "x" * 301])
def test_removing_needs_a_reason(incident: Incident, maya: Person, why: str) -> None:
    noting.note(incident, text="", files=[upload()], by=maya, now=NOON)
    with pytest.raises(Invalid):
        attaching.remove(Attachment.objects.get(), why=why, by=maya, now=NOON)


def test_the_sweep_takes_what_nobody_names(root: Path, incident: Incident, maya: Person) -> None:
    noting.note(incident, text="", files=[upload()], by=maya, now=NOON)
    blobs.put(blobs.digest_of([LOG]), [LOG])
    assert attaching.sweep() == 1
    assert files(root) == [PNG]
    assert attaching.sweep() == 0


def test_an_attachment_changes_in_no_other_way(incident: Incident, maya: Person) -> None:
    noting.note(incident, text="", files=[upload()], by=maya, now=NOON)
    made = Attachment.objects.filter()
    for change in (lambda: made.update(name="other"), made.delete):
        with pytest.raises(IntegrityError, match="removed once"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        made.update(removed_at=NOON)
