"""Files of a timeline on their way out, and their end."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from incidents.response import access, attaching
from incidents.response.forms.timeline import RemoveFileForm
from incidents.response.sending import sent_out
from ownership.access import SignedInRequest
from ownership.views.attempts import acting, status_of, tried
from web.partials import page


@require_safe
def file(request: SignedInRequest, number: int, file_id: int) -> HttpResponseBase:
    """The bytes of a file: pictures to look at, everything else to save."""
    return sent_out(request, access.readable_attachment(request.user, number, file_id))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SignedInRequest, number: int, file_id: int) -> HttpResponse:
    """Remove a file for good, with the reason."""
    found = access.removable_attachment(request.user, number, file_id)
    form = RemoveFileForm(request.POST if request.method == "POST" else None)

    def act() -> bool:
        attaching.remove(found, why=form.cleaned_data["why"], **acting(request))
        return True

    if tried(form, act):
        return redirect("incidents:row", number, found.row_id)
    context = {"form": form, "file": found, "incident": found.incident}
    return page(request, "incidents/file_remove.html", context, status=status_of(form))
