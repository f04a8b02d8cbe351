"""The one small request of a page that is written in: who else is here, and what was saved since."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents.postmortems import access, presence
from incidents.postmortems.forms.sections import HereForm
from incidents.postmortems.queries import here as queries
from incidents.postmortems.views.sections import block
from incidents.postmortems.views.shown import Sheet
from ownership.access import SignedInRequest
from web.partials import page

HERE = "postmortems/here.html"
WHO = "postmortems/who.html"


@require_http_methods(["GET", "HEAD", "POST"])
def here(request: SignedInRequest, number: int) -> HttpResponse:
    """Say that one is here and learn who else is: 204 when nothing changed since `tag`.

    GET says who is signed in now, with a fresh token, so that a page can go on after somebody signed in again.
    """
    found = access.editable_postmortem(request.user, number)
    form = HereForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return page(request, WHO, {"postmortem": found}, status=422 if request.method == "POST" else 200)
    now = timezone.now()
    presence.note(found, key=form.cleaned_data["section"], by=request.user, now=now)
    look = queries.look(found, request.user, known=form.revisions, now=now)
    if look.tag == form.cleaned_data["tag"]:
        return HttpResponse(status=204)
    return page(request, HERE, {"look": look, "sheets": [Sheet(block(section)) for section in look.newer]})
