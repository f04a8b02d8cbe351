"""All versions of a note or a fact, each with what it changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from incidents.response.models import Attachment, TimelineRow
from incidents.response.queries import referring, told

_WORDS = re.compile(r"\s+|[^\s]+")
MANY = 2_000  # pieces beyond which lines are compared instead of words


@dataclass(frozen=True)
class Piece:
    """A stretch of text: `same`, `out` of the version before, or `new` in this one."""

    kind: str
    text: str


@dataclass(frozen=True)
class Version:
    """One version, against the one before it."""

    row: TimelineRow
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class History:
    """A row through all its versions, oldest first, and the files that came with it."""

    versions: Sequence[Version]
    files: Sequence[Attachment]


def of(first_id: int, *, seen: Collection[int] = ()) -> History:
    """Read by somebody who may see the incidents in `seen`; two queries.

    A row has as many versions as people saved, which a page can hold.
    """
    rows = [referring.redacted(row, seen) for row in told.versions(first_id).select_related("by")]
    before = [rows[0], *rows][: len(rows)]
    versions = [
        Version(row, () if row.taken_back else tuple(compared(old.text, row.text)))
        for old, row in zip(before, rows, strict=True)
    ]
    files = Attachment.objects.filter(row=first_id).select_related("removed_by", "added_by").order_by("pk")
    return History(versions, list(files))


def compared(old: str, new: str) -> Iterator[Piece]:
    """What became of a text, by its words; by its lines where there are very many."""
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    if len(a) + len(b) > MANY:
        a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(b[b1:b2]))
            continue
        if a2 > a1:
            yield Piece("out", "".join(a[a1:a2]))
        if b2 > b1:
            yield Piece("new", "".join(b[b1:b2]))
