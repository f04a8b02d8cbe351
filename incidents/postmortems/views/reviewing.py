"""Sending a postmortem to reviewers, what they answer, taking it back; and amending it once it is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.postmortems import access, amending, checking, circulating
from incidents.postmortems.forms.reviewing import AmendForm, AnswerForm, SendForm, TakeBackForm, seen_in, signed
from incidents.postmortems.models import Postmortem, Section
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.review import Review
from incidents.postmortems.views import shown
from incidents.postmortems.views.kept import keeping
from ownership.access import SignedInRequest
from ownership.models import Person
from ownership.queries import owners
from web import errors
from web.partials import page

SEND = "postmortems/send.html"
ASK = "postmortems/ask.html"
AMEND = "postmortems/amend.html"


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: SignedInRequest, number: int) -> HttpResponse:
    """Say who reviews it until when; beside the form what it still lacks."""
    found = access.editable_postmortem(request.user, number)
    review = reviews.of(found)
    form = SendForm(request.POST or None, postmortem=found, reviewers=_first(review))
    if form.is_valid():
        try:
            circulating.send(found, **form.said, by=request.user, now=timezone.now())
            return redirect(f"{shown.url_of(number)}#reviewers")
        except errors.DomainError as error:
            if error.field == "reviewers":
                error.field = form.places[0]
            errors.put_on(form, error)
    items = checking.checklist(review)
    context = {"postmortem": found, "incident": found.incident, "form": form, "items": items, "may_edit": True}
    context |= {"missing": sum(item.missing for item in items), "at": shown.url_of(number)}
    return page(request, SEND, context, status=422 if form.is_bound else 200)


def _first(review: Review) -> list[Person]:
    """Who is asked by now; before anybody is, the person who answers for the service."""
    asked = [one.person for one in review.reviewers]
    service, author = review.incident.service_id, review.postmortem.author_id
    if asked or service is None:
        return asked
    holding = owners.of_services([service], at=timezone.now())[service].asked
    party = holding.party if holding else None
    return [party] if isinstance(party, Person) and party.pk != author else []


@require_POST
@keeping(comment="What you think of it")
def answer(request: SignedInRequest, number: int) -> HttpResponse:
    """A reviewer's answer; a refusal keeps what was written."""
    found = access.reviewable_postmortem(request.user, number)
    circulating.require_in_review(found)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            seen = seen_in(form.cleaned_data["seen"], found, request.user)
            circulating.answer(found, **form.said, seen=seen, by=request.user, now=timezone.now())
            return redirect(f"{shown.url_of(number)}#reviewers")
        except errors.DomainError as error:
            if error.status != 422:
                raise
            if error.field == "seen":
                error.field = None
            errors.put_on(form, error)
    # The answer to this request shows the text as it stands now.
    form.data = {"comment": request.POST.get("comment", ""), "seen": signed(reviews.of(found), request.user)}
    return shown.whole(request, found, answer_form=form, status=422)


@require_POST
def ask_again(request: SignedInRequest, number: int, person_id: int) -> HttpResponse:
    """Want another answer of a reviewer."""
    found = access.editable_postmortem(request.user, number)
    person = get_object_or_404(Person, pk=person_id)
    circulating.ask_again(found, person, by=request.user, now=timezone.now())
    return redirect(f"{shown.url_of(number)}#reviewers")


@require_http_methods(["GET", "HEAD", "POST"])
@keeping(reason="Why it goes back")
def take_back(request: SignedInRequest, number: int) -> HttpResponse:
    """Back to a draft, with a reason."""
    found = access.editable_postmortem(request.user, number)
    form = TakeBackForm(request.POST or None)
    if form.is_valid():
        circulating.take_back(found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        return redirect("postmortems:postmortem", number)
    asked = {"form": form, "incident": found.incident, "postmortem": found, "heading": "Back to a draft"}
    return page(request, ASK, {**asked, "verb": "Take it back"}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: SignedInRequest, number: int) -> HttpResponse:
    """Change published text with a reason; 409 keeps the text when somebody else was faster."""
    found = access.amendable_postmortem(request.user, number)
    form = AmendForm(request.POST or None, sections=reviews.of(found).texts)
    status = 422 if form.is_bound else 200
    theirs: Mapping[str, Section] = {}
    if form.is_valid():
        try:
            said = {"texts": form.texts, "reason": form.cleaned_data["reason"]}
            amending.amend(found, **said, by=request.user, now=timezone.now())
            return redirect(f"{shown.url_of(number)}#amendments")
        except amending.AmendedMeanwhile as error:
            status, theirs = error.status, error.theirs
            form.written_anew(theirs)
            errors.put_on(form, error)
        except errors.DomainError as error:
            errors.put_on(form, error)
    return page(request, AMEND, _amending(found, form, theirs), status=status)


def _amending(found: Postmortem, form: AmendForm, theirs: Mapping[str, Section]) -> dict[str, Any]:
    rows = [(form[f"text_{one.key}"], form[f"revision_{one.key}"], theirs.get(one.key)) for one in form.sections]
    return {"postmortem": found, "incident": found.incident, "form": form, "rows": rows}
