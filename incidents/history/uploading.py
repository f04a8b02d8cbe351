"""A file that comes through the browser: kept as it was sent, looked at, then imported or thrown away."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.conf import settings

from incidents.history import importing
from incidents.history.models import HistoryUpload
from incidents.history.reading import mapping
from incidents.history.report import Report
from ownership.models import Person
from web.errors import DomainError, Invalid, translated

KEPT = timedelta(hours=24)  # what was sent and not imported
TOLD = timedelta(days=30)  # what became of an import
LONGEST_MAPPING = 20_000
_LONGEST = 200


class AlreadyImported(DomainError):
    """This file was imported already; upload it again to import it once more."""

    code = "already_imported"


class Expired(DomainError):
    """This file was kept for a day and not imported; upload it again."""

    code = "expired"


def megabytes() -> int:
    """How many an upload may have."""
    return int(settings.UPLOAD_MAX_BYTES) // 1024 // 1024


def too_large() -> Invalid:
    """What to say of an upload that is larger than the setting UPLOAD_MAX_BYTES."""
    return Invalid(f"That is more than {megabytes()} MB; split the file.", field="file")


def receive(data: bytes, *, name: str, told: str, by: Person, now: datetime) -> HistoryUpload:
    """Keep a file and how to read it, and what would come of it. Nothing is imported. What is past its time is removed.

    Raises Invalid, beside `mapping`, for a mapping that cannot be used.
    """
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise too_large()
    _mapping(told)
    plain = "".join(char for char in name.replace("\\", "/").rpartition("/")[2] if char.isprintable())
    with translated():
        HistoryUpload.objects.filter(expires_at__lte=now).delete()
        upload = HistoryUpload.objects.create(
            by=by,
            made_at=now,
            expires_at=now + KEPT,
            file=plain[-_LONGEST:].strip() or "upload",
            sha256=hashlib.sha256(data).hexdigest(),
            content=data,
            mapping=told,
        )
        return check(upload, by=by, now=now)


def check(upload: HistoryUpload, *, by: Person, now: datetime, told: str | None = None) -> HistoryUpload:
    """Look again what would come of an upload, by another mapping when `told` is one; keeps the report alone."""
    with translated():
        upload = _waiting(upload, now)
        upload.mapping = upload.mapping if told is None else told
        report = _run(upload, dry_run=True, all_or_nothing=False, by=by, now=now)
        return _reported(upload, report, now=now)


def bring_in(upload: HistoryUpload, *, all_or_nothing: bool, by: Person, now: datetime) -> Report:
    """Import the very bytes that were looked at, once. When refused (see the report) it can be tried again."""
    with translated():
        upload = _waiting(upload, now)
        report = _run(upload, dry_run=False, all_or_nothing=all_or_nothing, by=by, now=now)
        if not report.refused:
            upload.imported_at, upload.content, upload.expires_at = now, None, now + TOLD
        _reported(upload, report, now=now)
    return report


def discard(upload: HistoryUpload, *, by: Person, now: datetime) -> None:
    """Throw an upload away; what was imported from it stays."""
    upload.delete()


def _run(upload: HistoryUpload, *, dry_run: bool, all_or_nothing: bool, by: Person, now: datetime) -> Report:
    return importing.run(
        bytes(upload.content or b""),
        _mapping(upload.mapping),
        file=upload.file,
        by=by,
        now=now,
        dry_run=dry_run,
        all_or_nothing=all_or_nothing,
    )


def _mapping(told: str) -> mapping.Mapping:
    if len(told) > LONGEST_MAPPING:
        raise Invalid(f"A mapping has {LONGEST_MAPPING} characters at most.", field="mapping")
    try:
        return mapping.load(told)
    except mapping.BadMapping as error:
        raise Invalid(str(error), field="mapping") from error


def _waiting(upload: HistoryUpload, now: datetime) -> HistoryUpload:
    found = HistoryUpload.objects.select_for_update().filter(pk=upload.pk).first()
    if found is None or found.content is None:
        raise AlreadyImported
    if found.expires_at <= now:
        raise Expired
    return found


def _reported(upload: HistoryUpload, report: Report, *, now: datetime) -> HistoryUpload:
    upload.report, upload.checked_at = report.as_json(), now
    upload.save()
    return upload
