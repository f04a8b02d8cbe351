"""Files that come with a row: checked, kept outside of what is served, removed by an admin with a reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from incidents.response.models import Attachment, Incident, TimelineRow
from ownership.models import Person
from web import blobs, sniffing
from web.errors import DomainError, Invalid, translated
from web.wording import size

MOST = 10  # files at once
LONGEST_NAME, LONGEST_ALT, LONGEST_WHY = 120, 300, 300


class Content(Protocol):
    """Bytes that can be read more than once, as Django's files are."""

    def chunks(self) -> Iterator[bytes]:
        """All of them, from the beginning."""


@dataclass(frozen=True)
class Upload:
    """A file as it came: what its sender calls it, how large it is, its bytes, and what it shows if it is a picture."""

    name: str
    size: int
    content: Content
    alt: str = ""


@dataclass(frozen=True)
class Checked:
    """A file that may be kept."""

    upload: Upload
    name: str
    media_type: str
    digest: str


class TooLarge(Invalid):
    """This is larger than what may be attached."""

    code = "file_too_large"


class WrongType(Invalid):
    """This is no picture, no text and no PDF."""

    code = "file_type"


class Full(Invalid):
    """This incident has as many bytes of files as it may have."""

    code = "incident_full"


class RemovedAlready(DomainError):
    """This file was removed already."""

    code = "file_removed"


def check(incident: Incident, uploads: Collection[Upload]) -> list[Checked]:
    """Names made harmless, types by their contents; raises Invalid on `file`, and writes nothing."""
    if not uploads:
        return []
    if len(uploads) > MOST:
        raise TooLarge(f"Attach at most {MOST} files at once.", field="file")
    checked = [_checked(upload) for upload in uploads]
    kept = Attachment.objects.filter(incident=incident, removed_at=None).aggregate(bytes=Sum("size"))["bytes"] or 0
    left = settings.ATTACHMENTS_MAX_BYTES - kept
    if sum(one.upload.size for one in checked) > left:
        most = size(settings.ATTACHMENTS_MAX_BYTES)
        raise Full(f"The files of one incident may have {most} together; {size(max(left, 0))} are left.", field="file")
    return checked


def attach(row: TimelineRow, files: Sequence[Checked], *, by: Person, now: datetime) -> list[Attachment]:
    """Keep the bytes, then name them, in the caller's transaction: a crash leaves bytes without a row, never a row
    without its bytes.
    """
    for one in sorted(files, key=lambda file: file.digest):  # in one order, so that two at once cannot lock each other
        blobs.lock(one.digest)
        blobs.put(one.digest, one.upload.content.chunks())
    return Attachment.objects.bulk_create(
        [
            Attachment(
                incident=row.incident,
                row_id=row.first_id,
                name=one.name,
                media_type=one.media_type,
                size=one.upload.size,
                digest=one.digest,
                alt=" ".join(one.upload.alt.split())[:LONGEST_ALT],
                added_at=now,
                added_by=by,
            )
            for one in files
        ]
    )


def remove(attachment: Attachment, *, why: str, by: Person, now: datetime) -> None:
    """Take a file away for good: its row stays and says who did it and why, its bytes go as soon as that is sure."""
    why = " ".join(why.split())
    if not why:
        raise Invalid("Say why the file is removed.", field="why")
    if len(why) > LONGEST_WHY:
        raise Invalid(f"Say it in at most {LONGEST_WHY} characters.", field="why")
    with translated():
        current = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)
        if current.removed_at is not None:
            raise RemovedAlready
        current.removed_at, current.removed_by, current.removed_why = now, by, why
        current.save(update_fields=["removed_at", "removed_by", "removed_why"])
        transaction.on_commit(lambda: _drop(current.digest))


def sweep() -> int:
    """Remove bytes that no attachment names: what a crash or a removal left; returns how many files."""
    gone = 0
    for names in blobs.digests():
        named = set(Attachment.objects.filter(digest__in=names, removed_at=None).values_list("digest", flat=True))
        gone += sum(_drop(digest) for digest in names if digest not in named)
    return gone


def harmless(name: str, media_type: str) -> str:
    """A name without folders, control characters and marks that turn the writing round; with an ending that is true."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(one for one in last if one.isspace() or unicodedata.category(one)[0] != "C")
    kept = " ".join(seen.split()).rstrip(". ")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        stem, ending = kept, ""
    ending = ending.lower() if ending.lower() in sniffing.ENDINGS[media_type] else sniffing.ENDINGS[media_type][0]
    return f"{stem.lstrip('. ')[: LONGEST_NAME - len(ending) - 1].rstrip() or 'file'}.{ending}"


def _checked(upload: Upload) -> Checked:
    shown = upload.name[-60:]
    if upload.size > settings.ATTACHMENT_MAX_BYTES:
        most = size(settings.ATTACHMENT_MAX_BYTES)
        raise TooLarge(f"“{shown}” has {size(upload.size)}; a file may have {most}.", field="file")
    found = sniffing.media_type(upload.content.chunks())
    ending = upload.name.rpartition(".")[2].lower() if "." in upload.name else ""
    if found is None or (ending and ending not in sniffing.ENDINGS[found]):
        raise WrongType(
            f"“{shown}” is not what may be attached: PNG, JPEG, GIF or WebP pictures, PDF, and text "
            "(txt, log, json, jsonl, csv, md), each under a name that says so.",
            field="file",
        )
    return Checked(upload, harmless(upload.name, found), found, blobs.digest_of(upload.content.chunks()))


def _drop(digest: str) -> bool:
    """Remove these bytes unless a living row names them; True when they are gone."""
    with transaction.atomic():
        blobs.lock(digest)
        if Attachment.objects.filter(digest=digest, removed_at=None).exists():
            return False
        blobs.remove(digest)
    return True
