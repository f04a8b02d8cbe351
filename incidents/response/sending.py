"""A file of a timeline as an answer, for pages and programs alike."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from incidents.response.models import Attachment
from web import blobs, sniffing

# Whatever a file holds, opened in a tab of its own it is nobody: no script, no form, no cookie, nothing loaded.
POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"


def sent_out(request: HttpRequest, found: Attachment) -> HttpResponseBase:
    """A file with the headers that keep it harmless. What it is was told by its bytes when it came."""
    etag = f'"{found.digest}"'
    unchanged = get_conditional_response(request, etag=etag)
    try:
        response: HttpResponseBase = unchanged or FileResponse(blobs.read(found.digest))
    except FileNotFoundError as error:
        raise Http404("The bytes of this file are gone; see where backups keep them.") from error
    kind = f"{found.media_type}; charset=utf-8" if found.media_type == sniffing.TEXT else found.media_type
    disposition = content_disposition_header(not found.is_picture, found.name)
    if unchanged is None:
        response["Content-Type"], response["Content-Length"] = kind, str(found.size)
        response["Content-Disposition"] = disposition or "attachment"
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"  # kept by this browser alone, and asked for each time
    response["ETag"] = etag
    return response
