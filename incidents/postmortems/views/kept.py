"""Text that came too late: where its form is drawn no more, it is shown on a page of its own, to be copied."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpResponse

from incidents.postmortems import access, freezing
from ownership.access import SignedInRequest
from web import errors
from web.partials import page, wants_part

KEPT = "postmortems/kept.html"
GONE = "What this was written for is no longer here."
BARRED = "You may not write here any more."
_OF_ROW = re.compile(r"s(\d{1,4})-(\w+)")  # a field of a form that stands in rows
View = Callable[..., HttpResponse]


def keeping(**labels: str) -> Callable[[View], View]:
    """Answer a refused request with a page of what was typed; `labels` names the fields that people type into.

    The status stays that of the refusal: 409 once it is published, 404 once it is gone. Where htmx asked, the form
    with its text is still on the page, and only the refusal is told.
    """

    def decorated(view: View) -> View:
        @wraps(view)
        def kept(request: SignedInRequest, number: int, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, number, *args, **kwargs)
            except (errors.DomainError, Http404, PermissionDenied) as error:
                typed = _typed(request.POST.dict(), labels)
                if wants_part(request) or not typed:
                    raise
                return _shown(request, number, error, typed)

        return kept

    return decorated


def put_on(form: BaseForm, error: errors.DomainError) -> int:
    """Show a refusal on a form of a draft, and give its status; once it is published, no form is drawn: it goes on."""
    if isinstance(error, freezing.Frozen):
        raise error
    errors.put_on(form, error)
    return error.status


def _typed(posted: Mapping[str, Any], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and text of what was typed, in the order of the form."""
    found = []
    for name, text in posted.items():
        row = _OF_ROW.fullmatch(name)
        label = labels.get(row[2] if row else name)
        if label and text.strip():
            found.append((f"Row {int(row[1]) + 1}: {label}" if row else label, text))
    return found


def _shown(
    request: SignedInRequest,
    number: int,
    error: errors.DomainError | Http404 | PermissionDenied,
    typed: list[tuple[str, str]],
) -> HttpResponse:
    """Of the postmortem it says nothing to those who may not read it any more."""
    try:
        found = access.readable_postmortem(request.user, number)
    except Http404:
        found = None
    if isinstance(error, errors.DomainError):
        said, status = error.message, error.status
    else:
        said, status = (GONE, 404) if isinstance(error, Http404) else (BARRED, 403)
    may_amend = bool(found and found.published_at) and access.may_write(request.user)
    context = {"said": said, "typed": typed, "postmortem": found, "may_amend": may_amend}
    return page(request, KEPT, context, status=status)
