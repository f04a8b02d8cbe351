"""The catalogue goes out: what is in an export, and the files themselves."""

from __future__ import annotations

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from ownership import access, exporting
from ownership.access import SignedInRequest
from ownership.importing import csvfile
from ownership.queries import components
from web.partials import page


@require_safe
def export_catalogue(request: SignedInRequest) -> HttpResponse:
    """What can be taken out, in which formats."""
    context = {
        "columns": csvfile.COLUMNS,
        "may_edit": access.may_edit(request.user),
        "size": components.size(),
    }
    return page(request, "ownership/export.html", context)


@require_safe
def download(request: SignedInRequest, format: str) -> HttpResponseBase:  # noqa: A002 -- as in the address
    """One file with the whole living catalogue."""
    if format not in exporting.FORMATS:
        raise Http404
    found = exporting.export(format, at=timezone.now())
    answer = StreamingHttpResponse(found.pieces, content_type=found.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{found.filename}"'
    return answer
