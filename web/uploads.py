"""How much anybody may send in one form: what comes beyond is dropped while it arrives, and the view is told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest

_MARK = "seamline.upload_too_large"
DRAINED = 10  # times the limit that is still read to its end, so that the browser gets its answer


class Quota(FileUploadHandler):
    """Counts the bytes of all files of a request. Beyond `UPLOAD_MAX_BYTES` no file of it is kept."""

    received = 0
    announced = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803 -- Django's name for it
        """Remember how much was announced."""
        self.announced = content_length

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass on what still fits."""
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MAX_BYTES:
            if self.request is not None:
                self.request.META[_MARK] = "1"
            if self.announced > DRAINED * settings.UPLOAD_MAX_BYTES:
                raise StopUpload(connection_reset=True)
            raise SkipFile  # the fields that follow are still read, so that the form comes back as it was
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler makes the file."""


def was_too_large(request: HttpRequest) -> bool:
    """True when files of this request were dropped because together they are too large."""
    return _MARK in request.META
