"""A catalogue comes in through the browser: sent, looked at, imported or thrown away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, importing
from ownership.access import SignedInRequest
from ownership.forms.importing import UploadForm
from ownership.importing import uploading
from ownership.models import CatalogueUpload
from ownership.queries import uploads
from ownership.views.attempts import acting, status_of, tried
from ownership.views.import_report import sections, totals
from web import errors
from web.partials import page
from web.uploads import was_too_large

NEW, REPORT = "ownership/import_new.html", "ownership/import_report.html"
on_page = require_http_methods(["GET", "HEAD", "POST"])


@on_page
def import_catalogue(request: SignedInRequest) -> HttpResponse:
    """Send files and see what would come of them."""
    access.require_editor(request.user)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if was_too_large(request) and not form.is_valid():
        form.errors.pop("file", None)
        errors.put_on(form, uploading.too_large())
    made = tried(form, lambda: importing.receive(**form.facts(), **acting(request)))
    if made:
        return redirect("ownership:upload", made.pk)
    context = {
        "form": form,
        "latest": uploads.latest(request.user, at=timezone.now()),
        "megabytes": uploading.megabytes(),
    }
    return page(request, NEW, context, status=status_of(form))


@on_page
def upload(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """What would come of an upload, or came of it. A POST imports it: `how` is `all` or `good`."""
    found = access.own_upload(request.user, upload_id)
    if request.method != "POST":
        return _shown(request, found)
    whole = request.POST.get("how") != "good"
    report = importing.bring_in(found, all_or_nothing=whole, **acting(request))
    found.refresh_from_db()
    if report.refused:
        return _shown(request, found, status=422)
    messages.success(
        request, f"{found.source} is imported." if not report.nothing_to_do else "There was nothing to do."
    )
    return redirect("ownership:upload", found.pk)


@on_page
def check_upload(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """Look again, after something changed here."""
    found = access.own_upload(request.user, upload_id)
    if request.method == "POST":
        importing.check(found, **acting(request))
    return redirect("ownership:upload", found.pk)


@on_page
def discard_upload(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """Throw an upload away."""
    found = access.own_upload(request.user, upload_id)
    if request.method == "POST":
        importing.discard(found, **acting(request))
        messages.success(request, f"{found} are thrown away. What was imported stays.")
    return redirect("ownership:import_catalogue")


@require_safe
def upload_report(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """The whole report, to keep."""
    found = access.own_upload(request.user, upload_id)
    answer = JsonResponse(found.report, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="import-{found.pk}.json"'
    return answer


def _shown(request: SignedInRequest, found: CatalogueUpload, *, status: int = 200) -> HttpResponse:
    context = {
        "upload": found,
        "report": found.report,
        "totals": totals(found.report),
        "sections": sections(found.report),
        "errors": [one for one in found.report["problems"] if one["severity"] == "error"],
    }
    return page(request, REPORT, context, status=status)
