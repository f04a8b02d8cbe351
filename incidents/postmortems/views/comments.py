"""What people say about the places of a postmortem."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from incidents.postmortems import access, checking, commenting
from incidents.postmortems.forms.comments import answer_form, comment_form, revise_form
from incidents.postmortems.models import Comment, Postmortem
from incidents.postmortems.queries import comments
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.comments import Talk, Wanted
from incidents.postmortems.views import shown, talking
from incidents.postmortems.views.kept import keeping
from incidents.postmortems.views.talking import Refused
from incidents.response import mentioning
from ownership.access import SignedInRequest
from ownership.views.attempts import acting, status_of, tried
from web import errors
from web.partials import page, wants_part

TALK = "postmortems/comments_answer.html"
keeps = keeping(text="Your comment", quote="About these words")


@require_POST
@keeps
def say(request: SignedInRequest, number: int, anchor: str) -> HttpResponse:
    """Begin a thread; 422 keeps what was typed."""
    found = access.commentable_postmortem(request.user, number, anchor)
    form = comment_form(anchor, request.POST)
    made = tried(form, lambda: commenting.say(found, anchor=anchor, **form.cleaned_data, **acting(request)))
    if made is None:
        return _answer(request, found, anchor, refused=Refused(anchor, form))
    return _said(request, found, made)


@require_POST
@keeps
def answer(request: SignedInRequest, number: int, comment_id: int) -> HttpResponse:
    """Answer in a thread; 422 keeps what was typed."""
    first = access.answerable_comment(request.user, number, comment_id)
    form = answer_form(first, request.POST)
    made = tried(form, lambda: commenting.answer(first, **form.cleaned_data, **acting(request)))
    if made is None:
        return _answer(request, first.postmortem, first.anchor, refused=Refused(first.anchor, form, first.first_id))
    return _said(request, first.postmortem, made)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps
def edit(request: SignedInRequest, number: int, comment_id: int) -> HttpResponse:
    """Say a comment anew; 409 keeps the text when it was changed elsewhere."""
    found = access.editable_comment(request.user, number, comment_id)
    form = revise_form(found, request.POST or None)
    status = status_of(form)
    try:
        if form.is_valid():
            made = commenting.revise(found, **form.cleaned_data, **acting(request))
            _say_who_was_not_told(request, made)
            return redirect(commenting.path_of(made, number))
    except commenting.Changed as error:  # the next time it is known what is replaced
        form, status = revise_form(found, {**request.POST.dict(), "seen": found.version}), error.status
        errors.put_on(form, error)
    except errors.DomainError as error:
        errors.put_on(form, error)
        status = error.status
    context = {"form": form, "incident": found.postmortem.incident, "postmortem": found.postmortem}
    context |= {"heading": "Your comment", "verb": "Save"}
    return page(request, "postmortems/ask.html", context, status=status)


@require_POST
def take_back(request: SignedInRequest, number: int, comment_id: int) -> HttpResponse:
    """Take a comment back."""
    found = access.retractable_comment(request.user, number, comment_id)
    commenting.take_back(found, **acting(request))
    return _answer(request, found.postmortem, found.anchor)


@require_POST
def resolve(request: SignedInRequest, number: int, comment_id: int) -> HttpResponse:
    """What the thread asked for is settled."""
    found = access.resolvable_comment(request.user, number, comment_id)
    commenting.resolve(found, **acting(request))
    return _answer(request, found.postmortem, found.anchor)


@require_POST
def reopen(request: SignedInRequest, number: int, comment_id: int) -> HttpResponse:
    """It is not settled after all."""
    found = access.resolvable_comment(request.user, number, comment_id)
    return _said(request, found.postmortem, commenting.reopen(found, **acting(request)))


def _said(request: SignedInRequest, found: Postmortem, made: Comment) -> HttpResponse:
    """Back to where it was said, at the comment itself."""
    if not wants_part(request):
        _say_who_was_not_told(request, made)
        return redirect(commenting.path_of(made, found.incident_id))
    untold = mentioning.untold_in(made.text, found.incident, by=request.user)
    return _answer(request, found, made.anchor, made=made, untold=untold)


def _answer(
    request: SignedInRequest,
    found: Postmortem,
    anchor: str,
    *,
    refused: Refused | None = None,
    made: Comment | None = None,
    untold: list[str] | None = None,
) -> HttpResponse:
    """For htmx all that is said at this place; for everybody else the page, there."""
    status = 422 if refused else 200
    if not wants_part(request):
        if refused:
            return shown.whole(request, found, status=status, refused_comment=refused)
        return redirect(f"{shown.url_of(found.incident_id)}#{talking.id_of(anchor)}")
    number = made.pk if made else None
    talk = comments.of(found, Wanted(comment=number, anchor=anchor)).get(anchor) or Talk(anchor)
    may_edit = access.may_write(request.user) and found.published_at is None
    context = {
        "board": talking.Board(talk, request.user, found, refused, opened=True, untold=untold or (), made=number),
        "incident": found.incident,
        "postmortem": found,
        "may_edit": may_edit,
        "items": checking.checklist(reviews.of(found)) if may_edit and not refused else None,
    }
    return page(request, TALK, context, status=status)


def _say_who_was_not_told(request: SignedInRequest, made: Comment) -> None:
    for words in mentioning.untold_in(made.text, made.postmortem.incident, by=request.user):
        messages.warning(request, words)
