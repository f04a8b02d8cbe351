"""The page of a seam: its two ends, how it behaves, and who answers for it; changing how it behaves."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, cataloguing
from ownership.access import SignedInRequest
from ownership.forms.components import SeamFactsForm
from ownership.models import Dependency
from ownership.queries import seams
from ownership.views.answers_card import answers_card
from ownership.views.attempts import acting, status_of, tried
from web.partials import done, page

PAGE, FORM = "ownership/seam.html", "ownership/seam_form.html"
PARTS = ("answers",)


@require_safe
def seam(request: SignedInRequest, seam_id: int) -> HttpResponse:
    """One seam: upstream and downstream with who looks after each, what is agreed between them, who answers."""
    return shown(request, access.readable_seam(request.user, seam_id))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, seam_id: int) -> HttpResponse:
    """Change how one component needs another."""
    found = access.editable_seam(request.user, seam_id)
    initial = {name: getattr(found, name) for name in SeamFactsForm.base_fields}
    form = SeamFactsForm(request.POST or None, initial=initial, auto_id="seam_%s")
    if tried(form, lambda: cataloguing.edit_seam(found, **form.cleaned_data, **acting(request))):
        return redirect("ownership:seam", found.pk)
    return page(request, FORM, {"seam_form": form, "seam": found}, status=status_of(form))


def changed(request: SignedInRequest, found: Dependency) -> HttpResponse:
    """The seam after a change: its fresh part for htmx, its page for everyone else."""
    return done(request, PAGE, _context(request, found), parts=PARTS, to=reverse("ownership:seam", args=[found.pk]))


def shown(request: SignedInRequest, found: Dependency, **forms: Form) -> HttpResponse:
    """The seam's page, with forms that could not be used in place of fresh ones."""
    return page(request, PAGE, _context(request, found, **forms), parts=PARTS, status=status_of(*forms.values()))


def _context(request: SignedInRequest, found: Dependency, **forms: Form) -> dict[str, Any]:
    may_edit = access.may_edit(request.user)
    told = seams.page_of(found, at=timezone.now())
    return {
        "seam": found,
        "page": told,
        "may_edit": may_edit,
        **answers_card(request, found, told.answers, may_edit=may_edit),
        **forms,
    }
