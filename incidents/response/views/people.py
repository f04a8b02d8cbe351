"""Who takes part in an incident, and in which role."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.response import access, participating
from incidents.response.forms.people import PeopleForm
from incidents.response.models import Incident
from incidents.response.queries import people as queries
from incidents.response.queries import visible
from incidents.response.vocabulary import IncidentRole
from ownership.access import SignedInRequest
from ownership.models import Person
from web import errors
from web.pagination import slice_of
from web.partials import page

PAGE = "incidents/people.html"


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: SignedInRequest, number: int) -> HttpResponse:
    """Who took part and when; a form to bring somebody in or to give a role."""
    is_post = request.method == "POST"
    found = (access.workable_incident if is_post else access.readable_incident)(request.user, number)
    form = PeopleForm(request.POST if is_post else None, initial={"role": request.GET.get("role")})
    if form.is_valid():
        role, person = form.cleaned_data["role"], form.cleaned_data["person"]
        try:
            if role == IncidentRole.PARTICIPANT:
                participating.bring_in(found, person, by=request.user, now=timezone.now())
            else:
                participating.give_role(found, role, to=person, by=request.user, now=timezone.now())
            return redirect("incidents:people", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
    return _shown(request, found, form)


def _shown(request: SignedInRequest, found: Incident, form: PeopleForm) -> HttpResponse:
    may_respond = access.may_respond(request.user) and found.merged_into_id is None
    may_confide = may_respond and visible.decides(request.user, found)
    context = {
        "incident": found,
        "form": form,
        "people": queries.of(found, request.user),
        "story": slice_of(queries.story(found), keys=("-pk",), after=request.GET.get("after")),
        "may_respond": may_respond,
        "may_confide": may_confide,
        "may_take_out": may_confide if found.private else may_respond,
    }
    return page(request, PAGE, context, status=422 if form.is_bound else 200)


@require_POST
def join(request: SignedInRequest, number: int) -> HttpResponse:
    """Take part, in one click."""
    found = access.workable_incident(request.user, number)
    participating.join(found, by=request.user, now=timezone.now())
    return redirect("incidents:incident", number)


@require_POST
def out(request: SignedInRequest, number: int, person_id: int) -> HttpResponse:
    """Leave, or take somebody out; who may not see it afterwards is led to the board."""
    person = get_object_or_404(Person, pk=person_id)
    found = access.incident_to_take_out_of(request.user, number, person)
    participating.take_out(found, person, by=request.user, now=timezone.now())
    if found.private and visible.hides(found, [request.user]):
        return redirect("incidents:board")
    return redirect("incidents:people" if person != request.user else "incidents:incident", number)
