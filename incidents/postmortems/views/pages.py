"""The list, starting and waiving, the page itself, its title, and publishing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.postmortems import access, drafting, laying_out, publishing
from incidents.postmortems.forms.asking import StartUnknownForm, TemplateChoiceForm, TitleForm, WaiveForm
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import offers
from incidents.postmortems.queries import shelf as shelves
from incidents.postmortems.views import shown
from incidents.postmortems.views.kept import keeping, put_on
from incidents.response.access import workable_incident
from incidents.response.vocabulary import Layer
from ownership.access import SignedInRequest
from web import errors
from web.partials import page

LIST = "postmortems/list.html"
ASK = "postmortems/ask.html"


@require_safe
def shelf(request: SignedInRequest) -> HttpResponse:
    """The reading list, newest first; where it is not narrowed, on top the resolved incidents that still need one."""
    wanted = shelves.asked(request.GET.dict())
    after = request.GET.get("after")
    on_top = not after and not wanted.is_narrow
    needing = shelves.needing(request.user) if on_top else []
    suggested = offers.suggested(needing, offers.every()) if needing else {}
    context = {
        "shelf": shelves.page(request.user, wanted, after=after),
        "asked": wanted,
        "states": [(state, label) for state, (label, _) in shelves.STATES.items()],
        "whose": list(shelves.WHOSE.items()),
        "layers": Layer.choices,
        "services": shelves.services(),
        "to_review": shelves.to_review(request.user),
        "needing": [(incident, suggested[incident.pk]) for incident in needing],
        "needing_at_most": shelves.NEEDING,
        "may_write": access.may_write(request.user),
    }
    return page(request, LIST, context)


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: SignedInRequest, number: int) -> HttpResponse:
    """Start the postmortem of an incident, or go to the one that was started; GET asks which template it shall follow.

    Without a template in the request it follows the one that the incident asks for.
    """
    incident = workable_incident(request.user, number)
    code = request.POST.get("template", "")
    if request.method == "POST":
        template = access.offered_template(code) if code else None
        drafting.start(incident, template=template, by=request.user, now=timezone.now())
        return redirect("postmortems:postmortem", number)
    if Postmortem.objects.filter(incident=incident).exists():
        return redirect("postmortems:postmortem", number)
    every = offers.every()
    suggestion = offers.suggested([incident], every)[number]
    form = TemplateChoiceForm(
        offered=offers.offered(every),
        initial={"template": suggestion.template.code},
        help_text=f"Suggested: {suggestion.template.name}, because {suggestion.why}. It can be changed in a draft.",
    )
    return page(request, ASK, {"form": form, "incident": incident, "heading": "Start a postmortem", "verb": "Start"})


@require_http_methods(["GET", "HEAD", "POST"])
def template(request: SignedInRequest, number: int) -> HttpResponse:
    """Let a draft follow another template; no text is lost."""
    found = access.editable_postmortem(request.user, number)
    form = TemplateChoiceForm(
        request.POST or None,
        offered=offers.offered(offers.every()),
        initial={"template": found.template.code},
        help_text=f"It follows {found.template} now. Sections of the same name keep their text; what the other "
        "template does not ask for stays too, at the end of the page.",
    )
    if form.is_valid():
        chosen = access.offered_template(form.code)
        laying_out.change(found, chosen, by=request.user, now=timezone.now())
        return redirect("postmortems:postmortem", number)
    asked = {"form": form, "incident": found.incident, "postmortem": found, "heading": "Template", "verb": "Follow it"}
    return page(request, ASK, asked, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def waive(request: SignedInRequest, number: int) -> HttpResponse:
    """Say why an incident gets no postmortem."""
    incident = workable_incident(request.user, number)
    form = WaiveForm(request.POST or None, initial={"reason": incident.no_postmortem_reason})
    if form.is_valid():
        drafting.waive(incident, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        return redirect("incidents:incident", number)
    asked = {"form": form, "incident": incident, "heading": "No postmortem for this one?", "verb": "Record the reason"}
    return page(request, ASK, asked, status=422 if form.is_bound else 200)


@require_safe
def postmortem(request: SignedInRequest, number: int) -> HttpResponse:
    """One postmortem: to write in while it is a draft, to read once it is published."""
    return shown.whole(request, access.readable_postmortem(request.user, number))


@require_http_methods(["GET", "HEAD", "POST"])
@keeping(title="Title")
def title(request: SignedInRequest, number: int) -> HttpResponse:
    """Give the postmortem a title of its own."""
    found = access.editable_postmortem(request.user, number)
    form = TitleForm(request.POST or None, initial={"title": found.title})
    if form.is_valid():
        drafting.rename(found, title=form.cleaned_data["title"], by=request.user, now=timezone.now())
        return redirect("postmortems:postmortem", number)
    asked = {"form": form, "incident": found.incident, "postmortem": found, "heading": "Title", "verb": "Save"}
    return page(request, ASK, asked, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@keeping(reason="Why it cannot be established")
def start_unknown(request: SignedInRequest, number: int) -> HttpResponse:
    """Say that the start of the impact cannot be established."""
    found = access.editable_postmortem(request.user, number)
    form = StartUnknownForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            drafting.say_start_unknown(found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
            return redirect("postmortems:postmortem", number)
        except errors.DomainError as error:
            status = put_on(form, error)
    heading = "The start of the impact cannot be established"
    asked = {"form": form, "incident": found.incident, "postmortem": found, "heading": heading, "verb": "Record that"}
    return page(request, ASK, asked, status=status)


@require_POST
def publish(request: SignedInRequest, number: int) -> HttpResponse:
    """Publish, or show the checklist with what is missing."""
    found = access.publishable_postmortem(request.user, number)
    try:
        publishing.publish(found, by=request.user, now=timezone.now(), despite=request.POST.getlist("despite"))
    except publishing.NotReady as error:
        return shown.whole(request, found, status=error.status, refused=error)
    except errors.Doubted as doubt:
        return shown.whole(request, found, status=doubt.status, doubt=doubt)
    return redirect("postmortems:postmortem", number)
