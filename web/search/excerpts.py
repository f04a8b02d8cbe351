"""What a hit shows of its text: pieces, of which some are what was looked for. Text stays text, to be escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Model

from web.search.expressions import BEGIN, END

# As `seamline_plain` replaces them, so they come back (a test compares the two).
MARKS = "-._/:@+~&<–—…‘’“”„«»·•×→\u00a0"
STANDING_FOR = "\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x7f"
_BACK = str.maketrans(STANDING_FOR, MARKS)
_BORDERS = re.compile(f"([{BEGIN}{END}])")
# Between two hits only marks that join words: `gpt-4o` is one hit, not two.
_JOINED = re.compile(f"{END}([{STANDING_FOR}]*){BEGIN}")


@dataclass(frozen=True)
class Piece:
    """A run of text; `hit` when it is what was looked for."""

    text: str
    hit: bool = False


Excerpt = Sequence[Piece]


def pieces(headline: str | None) -> Excerpt:
    """The pieces of what `Headline` gave, with the text's own marks put back."""
    found: list[Piece] = []
    hit = False
    for part in _BORDERS.split(_JOINED.sub(r"\1", headline or "")):
        if part in {BEGIN, END}:
            hit = part == BEGIN
        elif part:
            found.append(Piece(part.translate(_BACK), hit))
    return found


def of(row: Model, annotated: str) -> Excerpt:
    """The pieces of a headline that a query put on its row under this name."""
    return pieces(getattr(row, annotated))


def has_hit(excerpt: Excerpt) -> bool:
    """True when something of it was looked for."""
    return any(piece.hit for piece in excerpt)
