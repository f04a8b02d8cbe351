"""What a file is, by its bytes alone."""

from __future__ import annotations

import pytest

from tests.incidents.response.files import GIF, LOG, PNG
from web import sniffing


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PNG, "image/png"),
        (GIF, "image/gif"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (LOG, "text/plain"),
        ("Zeitüberschreitung\n".encode("latin-1"), "text/plain"),
        (b"\x1b[31mred\x1b[0m\r\n", "text/plain"),
        (b'{"a": "<html>"}', "text/plain"),
        (b"<134>Nov 20 12:00:01 gateway: up", "text/plain"),
        (b"", None),
        (b"MZ\x90\x00\x03\x00", None),
        (b"\x7fELF\x02\x01\x01\x00", None),
        (b"PK\x03\x04\x14\x00", None),
        (b"text and then \x00", None),
        (b"<!DOCTYPE html><p>x", None),
        (b"\xef\xbb\xbf  <HTML><script>alert(1)</script>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", None),
        (b"<?xml version='1.0'?><svg/>", None),
        (b"<script>alert(1)</script>", None),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", None),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_by_its_bytes_however_they_arrive(content: bytes, found: str | None, step: int) -> None:
    chunks = [content[at : at + step] for at in range(0, len(content), step)]
    assert sniffing.media_type(chunks) == found


def test_what_comes_late_counts_too() -> None:
    assert sniffing.media_type([LOG * 100, b"\x00", LOG]) is None
