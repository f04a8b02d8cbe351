"""Past incidents come in through the browser: sent, looked at, imported or thrown away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from incidents.history import access, examples, uploading
from incidents.history.forms import MappingForm, UploadForm
from incidents.history.models import HistoryUpload
from incidents.history.queries import uploads
from incidents.history.showing import sections, totals
from ownership.access import SignedInRequest
from web import errors
from web.partials import page
from web.uploads import was_too_large

NEW, REPORT = "history/import_new.html", "history/import_report.html"
on_page = require_http_methods(["GET", "HEAD", "POST"])


@on_page
def import_incidents(request: SignedInRequest) -> HttpResponse:
    """Send a file and see what would come of it."""
    access.require_importer(request.user)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if was_too_large(request) and not form.is_valid():
        form.errors.pop("file", None)
        errors.put_on(form, uploading.too_large())
    if form.is_bound and form.is_valid():
        try:
            made = uploading.receive(**form.facts(), by=request.user, now=timezone.now())
        except errors.DomainError as error:
            errors.put_on(form, error)
        else:
            return redirect("history:upload", made.pk)
    context = {
        "form": form,
        "examples": examples.every(),
        "latest": uploads.latest(request.user, at=timezone.now()),
        "megabytes": uploading.megabytes(),
    }
    return page(request, NEW, context, status=422 if form.errors else 200)


@on_page
def upload(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """What would come of an upload, or came of it. A POST imports it: `how` is `all` or `good`."""
    found = access.own_upload(request.user, upload_id)
    if request.method != "POST":
        return _shown(request, found)
    whole = request.POST.get("how") != "good"
    report = uploading.bring_in(found, all_or_nothing=whole, by=request.user, now=timezone.now())
    found.refresh_from_db()
    if report.refused:
        return _shown(request, found, status=422)
    said = "There was nothing to do." if report.nothing_to_do else f"{found.file} is imported. Nobody was told."
    messages.success(request, said)
    return redirect("history:upload", found.pk)


@on_page
def check_upload(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """Look again, by another mapping or after something changed here."""
    found = access.own_upload(request.user, upload_id)
    if request.method != "POST":
        return redirect("history:upload", found.pk)
    form = MappingForm(request.POST)
    if form.is_valid():
        try:
            uploading.check(found, told=form.cleaned_data["mapping"], by=request.user, now=timezone.now())
        except errors.Invalid as error:
            errors.put_on(form, error)
        else:
            return redirect("history:upload", found.pk)
    return _shown(request, found, form=form, status=422)


@on_page
def discard_upload(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """Throw an upload away."""
    found = access.own_upload(request.user, upload_id)
    if request.method == "POST":
        uploading.discard(found, by=request.user, now=timezone.now())
        messages.success(request, f"{found} is thrown away. What was imported stays.")
    return redirect("history:import")


@require_safe
def upload_report(request: SignedInRequest, upload_id: int) -> HttpResponse:
    """The whole report, to keep."""
    found = access.own_upload(request.user, upload_id)
    answer = JsonResponse(found.report, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="import-{found.pk}.json"'
    return answer


def _shown(
    request: SignedInRequest, found: HistoryUpload, *, form: MappingForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "upload": found,
        "report": found.report,
        "totals": totals(found.report),
        "sections": sections(found.report),
        "errors": sum(one["severity"] == "error" for one in found.report["problems"]),
        "form": form or MappingForm({"mapping": found.mapping}),
        "wrong": form is not None,
    }
    return page(request, REPORT, context, status=status)
