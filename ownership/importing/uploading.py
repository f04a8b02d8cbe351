"""Files that come through the browser: kept as they were sent, looked at, then imported or thrown away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.conf import settings

from ownership.importing import archives, files, running
from ownership.importing.files import Piece, Unreadable
from ownership.importing.records import Format
from ownership.importing.report import Report
from ownership.importing.running import CannotRead
from ownership.models import CatalogueUpload, Person
from web.errors import DomainError, translated

MOST_NAMED = 200
KEPT = timedelta(hours=24)  # what was sent and not imported
TOLD = timedelta(days=30)  # what became of an import
_LONGEST = 200
_SHEDS = (".tar.gz", ".tgz", ".zip", ".tar", ".gz")


class AlreadyImported(DomainError):
    """These files were imported already; upload them again to import them once more."""

    code = "already_imported"


class Expired(DomainError):
    """These files were kept for a day and not imported; upload them again."""

    code = "expired"


class NothingRead(CannotRead):
    """Nothing in the upload can be read."""

    code = "nothing_to_read"


def read(
    given: Mapping[str, bytes],
    *,
    source: str = "",
    format: Format | None = None,  # noqa: A002 -- the public name
) -> tuple[str, dict[str, Piece]]:
    """(what the folder is called, its files and how to read them) of some files, or of one archive. Raises CannotRead.

    The folder is called `source` when that is given, else as the one folder in the archive, else as the archive.
    """
    if not given:
        raise NothingRead("Choose a file: a catalog-info.yaml, CODEOWNERS or CSV file, or one zip or tar.gz.")
    if sum(map(len, given.values())) > settings.UPLOAD_MAX_BYTES:
        raise too_large()
    if len(given) > MOST_NAMED:
        raise CannotRead(f"That is more than {MOST_NAMED} files; pack them into one zip.", field="file")
    try:
        if not any(archives.is_archive(raw) for raw in given.values()):
            return _named(source or "upload"), files.chosen(by_name(given.items()), format, named=True)
        if len(given) > 1:
            raise CannotRead("Choose one archive, or several files that are none.", field="file")
        ((name, raw),) = given.items()
        return _opened(name, raw, source, format)
    except Unreadable as error:
        raise CannotRead(str(error), field="file") from error


def too_large() -> CannotRead:
    """What to say of an upload that is larger than the setting UPLOAD_MAX_BYTES."""
    return CannotRead(f"That is more than {megabytes()} MB; pack only the catalogue's own files.", field="file")


def megabytes() -> int:
    """How many an upload may have."""
    return int(settings.UPLOAD_MAX_BYTES) // 1024 // 1024


def by_name(given: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """By the last part of their names, which is all that browsers tell, each name once."""
    found: dict[str, bytes] = {}
    for name, raw in given:
        plain = PurePosixPath(_plain(name)).name or "file"
        if plain in found:
            raise CannotRead(f"Two files are called {plain}; pack their folder into one zip.", field="file")
        found[plain] = raw
    return found


def receive(
    given: Mapping[str, bytes],
    *,
    source: str = "",
    format: Format | None = None,  # noqa: A002 -- the public name
    by: Person,
    now: datetime,
) -> CatalogueUpload:
    """Keep what was sent, and what would come of it. Nothing of it is imported. Uploads past their time are removed."""
    folder, pieces = read(given, source=source, format=format)
    content = archives.packed(pieces)
    with translated():
        CatalogueUpload.objects.filter(expires_at__lte=now).delete()
        upload = CatalogueUpload.objects.create(
            by=by,
            made_at=now,
            expires_at=now + KEPT,
            source=folder,
            format=format or "",
            files=sum(piece.sort != files.LINK for piece in pieces.values()),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
        )
        return check(upload, by=by, now=now)


def check(upload: CatalogueUpload, *, by: Person, now: datetime) -> CatalogueUpload:
    """Look again what would come of an upload; keeps the report and nothing else."""
    with translated():
        upload = _waiting(upload, now)
        report = _run(upload, dry_run=True, all_or_nothing=False, by=by, now=now)
        return _reported(upload, report, now=now)


def bring_in(upload: CatalogueUpload, *, all_or_nothing: bool, by: Person, now: datetime) -> Report:
    """Import the very bytes that were looked at, once. When refused (see the report) it can be tried again."""
    with translated():
        upload = _waiting(upload, now)
        report = _run(upload, dry_run=False, all_or_nothing=all_or_nothing, by=by, now=now)
        if not report.refused:
            upload.imported_at, upload.content, upload.expires_at = now, None, now + TOLD
        _reported(upload, report, now=now)
    return report


def discard(upload: CatalogueUpload, *, by: Person, now: datetime) -> None:
    """Throw an upload away; what was imported from it stays."""
    with translated():
        upload.delete()


def _run(upload: CatalogueUpload, *, dry_run: bool, all_or_nothing: bool, by: Person, now: datetime) -> Report:
    content = bytes(upload.content or b"")
    if hashlib.sha256(content).hexdigest() != upload.sha256:
        raise CannotRead("The files that were kept are damaged; upload them again.")
    pieces = archives.opened(content)
    return running.run_pieces(
        pieces, folder=upload.source, dry_run=dry_run, all_or_nothing=all_or_nothing, by=by, now=now
    )


def _waiting(upload: CatalogueUpload, now: datetime) -> CatalogueUpload:
    found = CatalogueUpload.objects.select_for_update().filter(pk=upload.pk).first()
    if found is None or found.content is None:
        raise AlreadyImported
    if found.expires_at <= now:
        raise Expired
    return found


def _reported(upload: CatalogueUpload, report: Report, *, now: datetime) -> CatalogueUpload:
    upload.report, upload.checked_at = report.as_json(), now
    upload.save()
    return upload


def _opened(name: str, raw: bytes, source: str, format: Format | None) -> tuple[str, dict[str, Piece]]:  # noqa: A002 -- the public name
    found, links = archives.unpacked(raw)
    top, found = archives.without_top(found)
    pieces = files.chosen(found, format, named=False)
    if not any(piece.sort for piece in pieces.values()):
        raise NothingRead("The archive holds no catalog-info.yaml, CODEOWNERS or CSV file to read.", field="file")
    pieces |= {link: Piece(b"", files.LINK) for link in links if link not in pieces}
    return _named(source or top or _stem(name)), pieces


def _stem(name: str) -> str:
    plain = PurePosixPath(_plain(name)).name
    return next((plain[: -len(end)] for end in _SHEDS if plain.lower().endswith(end)), plain)


def _named(source: str) -> str:
    return " ".join(_plain(source).replace("/", "-").split())[:_LONGEST].strip(". ") or "upload"


def _plain(name: str) -> str:
    return "".join(char for char in name.replace("\\", "/") if char.isprintable())
