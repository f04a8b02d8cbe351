"""Uploads beyond the limit are dropped while they arrive; the other fields stay."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from web import uploads


@pytest.mark.parametrize(("size", "kept"), [(1000, True), (1001, False)])
def test_up_to_the_limit_and_no_further(rf: RequestFactory, settings: Any, size: int, kept: bool) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    files = [SimpleUploadedFile("a", b"x" * 600), SimpleUploadedFile("b", b"x" * (size - 600))]
    request = rf.post("/", {"file": files, "words": "stay"})
    assert request.POST["words"] == "stay"
    assert uploads.was_too_large(request) is not kept
    assert (len(request.FILES.getlist("file")) == 2) is kept


def test_what_is_far_beyond_is_not_even_read(rf: RequestFactory, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    request = rf.post("/", {"file": SimpleUploadedFile("a", b"x" * 200_000)})
    assert not request.FILES
    assert uploads.was_too_large(request)
