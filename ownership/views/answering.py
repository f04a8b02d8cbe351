"""Saying who answers, the same for services, components and seams: assign, replace, end, correct, name one person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, announcing, assigning, speaking
from ownership.access import SignedInRequest
from ownership.forms.assigning import AnsweringForm, AssignForm, CorrectForm, EndForm, ReplaceForm
from ownership.models import Assignment, Component, Service
from ownership.models.assignments import Subject, column_of, party_key
from ownership.views import components, seams, services
from ownership.views.about import About
from ownership.views.attempts import acting, status_of, tried
from ownership.vocabulary import AssignmentRole
from web.partials import page, wants_part

PAGE, PREVIEW = "ownership/assignment.html", "ownership/correction.html"
on_page = require_http_methods(["GET", "HEAD", "POST"])


@on_page
def assign(request: SignedInRequest, kind: str, key: str | int) -> HttpResponse:
    """Say who answers, or who stands in; a new accountable owner takes over from the one that was shown."""
    subject = access.editable_subject(request.user, kind, key)
    form = AssignForm(request.POST or None, kind=kind, auto_id="assign_%s")

    def given() -> Assignment:
        data = dict(form.cleaned_data)
        instead_of, since = data.pop("instead_of"), data.pop("since")
        if data["role"] == AssignmentRole.ACCOUNTABLE and instead_of:
            current = access.editable_assignment(request.user, instead_of, **{column_of(subject): subject})
            del data["role"]
            return assigning.replace(current, **data, at=since, **acting(request))
        return assigning.assign(subject=subject, **data, since=since, **acting(request))

    made = tried(form, given)
    if made:
        messages.success(request, announcing.said(made.party, made.role, subject))
        return _changed(request, subject)
    return _shown(request, subject, **({"assign_form": form} if form.is_bound else {}))


@require_safe
def assignment(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """One row: who held which role when, and what can be said otherwise about it."""
    return _row(request, access.readable_assignment(request.user, assignment_id))


@on_page
def replace(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """Somebody else holds the role from some time on."""
    row = access.editable_assignment(request.user, assignment_id)
    form = ReplaceForm(request.POST or None, role=row.role, auto_id="replace_%s")
    if tried(form, lambda: assigning.replace(row, **form.cleaned_data, **acting(request))):
        messages.success(request, announcing.said(form.cleaned_data["party"], row.role, row.subject))
        return redirect(About(row.subject).page)
    return _row(request, row, **({"replace_form": form} if form.is_bound else {}))


@on_page
def end(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """Somebody no longer holds a role, from now on or since some time."""
    row = access.editable_assignment(request.user, assignment_id)
    if request.method != "POST":
        return _changed(request, row.subject)
    form = EndForm(request.POST, auto_id="end_%s")
    if "at" not in request.POST:  # the button beside a name
        assigning.end(row, at=timezone.now(), **acting(request))
        return _changed(request, row.subject)
    if tried(form, lambda: assigning.end(row, **form.cleaned_data, **acting(request))):
        return redirect(About(row.subject).page)
    return _row(request, row, end_form=form)


@on_page
def correct(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """It was otherwise: first what the correction will change, then, once confirmed, the correction."""
    row = access.editable_assignment(request.user, assignment_id)
    form = CorrectForm(request.POST or None, initial=_as_it_stands(row), auto_id="correct_%s")
    if not form.is_valid():
        return _row(request, row, **({"correct_form": form} if form.is_bound else {}))
    if "confirmed" not in request.POST:
        return page(
            request, PREVIEW, {"row": row, "form": form, "said": form.cleaned_data, "about": About(row.subject)}
        )

    def corrected() -> bool:
        if form.cleaned_data["party"] is None:
            assigning.retract(row, **acting(request))
        else:
            assigning.correct(row, **form.cleaned_data, **acting(request))
        return True

    if tried(form, corrected):
        messages.success(request, "Corrected. What was answered before this stays on record.")
        return redirect(About(row.subject).as_of)
    return _row(request, row, correct_form=form)


@on_page
def name_answering(request: SignedInRequest, assignment_id: int) -> HttpResponse:
    """Say who of a team answers from now on."""
    row = access.nameable_assignment(request.user, assignment_id)
    if row.team is None:
        return redirect("ownership:assignment", assignment_id)
    form = AnsweringForm(request.POST or None, team=row.team, auto_id="name_%s")

    def act() -> object:
        return assigning.name_answering(row, form.cleaned_data["answering"], **acting(request))

    if tried(form, act):
        return redirect(About(row.subject).page)
    return _row(request, row, **({"answering_form": form} if form.is_bound else {}))


def _row(request: SignedInRequest, row: Assignment, **forms: Form) -> HttpResponse:
    """The page of one row; what is superseded can only be read, what is over only be corrected."""
    stands, ends = row.superseded_at is None, row.during.upper
    is_over = ends is not None and ends <= timezone.now()
    may_edit = stands and access.may_edit(request.user)
    names = (
        stands and not is_over and row.team is not None and (may_edit or speaking.speaks_for(request.user, row.team))
    )
    context: dict[str, Any] = {
        "row": row,
        "about": About(row.subject),
        "may_edit": may_edit,
        "may_name": names,
        "is_over": is_over,
    }
    if names and row.team is not None:
        initial = {"answering": row.answering_id}
        context["answering_form"] = AnsweringForm(team=row.team, initial=initial, auto_id="name_%s")
    if may_edit:
        context["replace_form"] = ReplaceForm(role=row.role, auto_id="replace_%s")
        context["end_form"] = EndForm(auto_id="end_%s")
        context["correct_form"] = CorrectForm(initial=_as_it_stands(row), auto_id="correct_%s")
    return page(request, PAGE, {**context, **forms}, status=status_of(*forms.values()))


def _as_it_stands(row: Assignment) -> dict[str, Any]:
    return {
        "party": party_key(row.party),
        "answering": row.answering_id,
        "since": row.during.lower,
        "until": row.during.upper,
    }


def _changed(request: SignedInRequest, subject: Subject) -> HttpResponse:
    """The subject after a change; htmx gets what is to be said beside its part."""
    answer = _fresh(request, subject)
    if wants_part(request):
        answer.content += render_to_string("ui/messages.html", {"oob": True}, request).encode()
    return answer


def _fresh(request: SignedInRequest, subject: Subject) -> HttpResponse:
    if isinstance(subject, Service):
        return services.changed(request, subject)
    if isinstance(subject, Component):
        return components.changed(request, subject)
    return seams.changed(request, subject)


def _shown(request: SignedInRequest, subject: Subject, **forms: Form) -> HttpResponse:
    if isinstance(subject, Service):
        return services.shown(request, subject, **forms)
    if isinstance(subject, Component):
        return components.shown(request, subject, **forms)
    return seams.shown(request, subject, **forms)
