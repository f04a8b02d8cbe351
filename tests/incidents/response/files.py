"""Small files for tests, as they come from a browser."""

from __future__ import annotations

import base64

from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.response.attaching import Upload

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
LOG = b"2026-11-20T12:00:01Z ERROR timeout after 5000 ms\n"


def sent(name: str = "panel.png", content: bytes = PNG, claimed: str = "text/html") -> SimpleUploadedFile:
    """A file of a form; what the browser claims it is counts for nothing."""
    return SimpleUploadedFile(name, content, content_type=claimed)


def upload(name: str = "panel.png", content: bytes = PNG, alt: str = "") -> Upload:
    """A file as the acts take it."""
    return Upload(name, len(content), sent(name, content), alt)
