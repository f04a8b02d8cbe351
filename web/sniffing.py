"""What a file is, by what it begins with and holds; what its sender calls it counts for nothing here."""

from __future__ import annotations

import re
from collections.abc import Iterable

TEXT, PDF = "text/plain", "application/pdf"
PICTURES = {"image/png": ("png",), "image/jpeg": ("jpg", "jpeg"), "image/gif": ("gif",), "image/webp": ("webp",)}
# What the end of a name may be, by what the file is; the first is given to a file without one.
ENDINGS = {**PICTURES, PDF: ("pdf",), TEXT: ("txt", "log", "json", "jsonl", "ndjson", "csv", "md")}
HEAD = 64  # bytes that tell
# Logs hold tabs, line ends, backspaces, form feeds and the escape that colours a terminal's lines; no other of these.
_NO_TEXT = re.compile(rb"[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# A browser that was made to look would take these for pages.
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!|\?|html|head|body|svg|script|iframe|style|x:)", re.IGNORECASE)


def media_type(chunks: Iterable[bytes]) -> str | None:
    """One of ENDINGS; None for anything else, for pages and drawings in markup, and for an empty file."""
    head, is_text, markup = b"", True, False
    for chunk in chunks:
        if len(head) < HEAD:
            head += chunk[: HEAD - len(head)]
            if found := _by_head(head):
                return found
            markup = _MARKUP.match(head) is not None
        is_text = is_text and not _NO_TEXT.search(chunk)
        if not is_text and len(head) >= HEAD:
            return None
    return TEXT if head and is_text and not markup else None


def _by_head(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return PDF if head.startswith(b"%PDF-") else None
