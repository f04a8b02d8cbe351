"""Pages of reports: anybody files one, sees what became of it; editors see all and call some no problem."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.alerts import access, reporting
from incidents.alerts.queries import reports as queries
from incidents.alerts.report_forms import DismissForm, ReportForm
from incidents.alerts.report_models import Report
from ownership.access import SignedInRequest
from web import errors
from web.partials import page

PAGE = "alerts/report.html"
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """The viewer's own reports; for editors everybody's on request."""
    may_manage = access.may_manage(request.user)
    show = "all" if may_manage and request.GET.get("show") == "all" else "mine"
    filed = queries.page(request.user, show=show, after=request.GET.get("after"))
    return page(request, "alerts/reports.html", {"page": filed, "show": show, "may_manage": may_manage})


@on_page
def new(request: SignedInRequest) -> HttpResponse:
    """Report a wrong answer: everybody who is signed in."""
    form = ReportForm(request.POST or None, initial={"service": request.GET.get("service"), "key": uuid4()})
    status = 422 if form.is_bound else 200
    if form.is_valid():
        facts = {"key": form.cleaned_data["key"], "service": form.cleaned_data["service"]}
        try:
            number = reporting.file(form.said(), **facts, by=request.user, now=timezone.now())
            messages.success(request, "Thank you. Your report is on its way to whoever answers for it.")
            return redirect("alerts:report", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
            status = error.status
    return page(request, "alerts/report_new.html", {"form": form}, status=status)


@require_safe
def report(request: SignedInRequest, report_id: UUID) -> HttpResponse:
    """One report: its words, and what became of it."""
    found = access.readable_report(request.user, report_id)
    return _shown(request, found, DismissForm())


@require_POST
def dismiss(request: SignedInRequest, report_id: UUID) -> HttpResponse:
    """It is not a problem."""
    found = access.dismissable_report(request.user, report_id)
    form = DismissForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            reporting.dismiss(found, why=form.cleaned_data["why"], by=request.user, now=timezone.now())
            messages.success(request, "The report is closed; who filed it reads why.")
            return redirect("alerts:report", found.pk)
        except errors.DomainError as error:
            errors.put_on(form, error)
            status = error.status
    return _shown(request, found, form, status=status)


def _shown(request: SignedInRequest, found: Report, form: DismissForm, *, status: int = 200) -> HttpResponse:
    filed = queries.one(request.user, found, may_read=True)
    may_dismiss = access.may_manage(request.user) and found.dismissed_at is None and filed.state != "being read"
    context = {"filed": filed, "report": found, "form": form, "may_dismiss": may_dismiss}
    return page(request, PAGE, context, parts=("outcome",), status=status)
