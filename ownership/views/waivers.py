"""Marking something as deliberately unowned, and taking that back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ownership import access, waiving
from ownership.access import SignedInRequest
from ownership.forms.waivers import WaiveForm
from ownership.models.assignments import SUBJECTS, Subject
from ownership.queries import waivers
from ownership.views.about import About
from ownership.views.attempts import acting, status_of, tried
from web.partials import page

PAGE = "ownership/waive.html"
on_page = require_http_methods(["GET", "HEAD", "POST"])


@on_page
def waive(request: SignedInRequest, kind: str, subject_id: int) -> HttpResponse:
    """Say why nobody needs to answer for a service, component or seam."""
    if kind not in SUBJECTS:
        raise Http404
    subject = access.waivable_subject(request.user, kind, subject_id)
    form = WaiveForm(request.POST or None)
    if tried(form, lambda: waiving.waive(subject, **form.cleaned_data, **acting(request))):
        messages.success(request, f"{subject} is deliberately unowned from now on.")
        return redirect(back_to(request, subject))
    about = About(subject)
    context = {
        "form": form,
        "subject": subject,
        "noun": about.noun,
        "waiver": waivers.open_of(subject),
        "action": request.get_full_path(),
        "back": back_to(request, subject),
        "tab": about.tab,
    }
    return page(request, PAGE, context, status=status_of(form))


@on_page
def end(request: SignedInRequest, waiver_id: int) -> HttpResponse:
    """Somebody has to answer for it again."""
    waiver = access.endable_waiver(request.user, waiver_id)
    subject = waiver.subject
    if request.method == "POST" and waiver.ended_at is None:
        waiving.end(waiver, **acting(request))
        messages.success(request, f"Somebody has to answer for {subject} again.")
    return redirect(back_to(request, subject))


def back_to(request: SignedInRequest, subject: Subject) -> str:
    """The worklist for those who come from there, else the subject's page."""
    if request.GET.get("from") == "coverage":
        return f"{reverse('ownership:coverage')}#gaps"
    return About(subject).page
