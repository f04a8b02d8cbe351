"""What is proposed as a finding: by what the alerts suggest, and by who did not answer."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from incidents.postmortems import access, proposing
from incidents.postmortems.forms.asking import DeclineForm
from incidents.postmortems.views import shown
from incidents.postmortems.views.findings import PART
from incidents.postmortems.views.kept import keeping
from ownership.access import SignedInRequest
from ownership.views.attempts import acting, tried


@require_POST
def judge(request: SignedInRequest, number: int) -> HttpResponse:
    """Accept or correct the suggested layer by saying `what` it was; `undo` takes the verdict back."""
    found = access.editable_postmortem(request.user, number)
    if "undo" in request.POST:
        proposing.take_back(found, **acting(request))
    else:
        proposing.judge(found, request.POST.get("what", ""), **acting(request))
    return shown.changed(request, number, part=PART)


@require_POST
def accept(request: SignedInRequest, number: int, key: str) -> HttpResponse:
    """Make a proposal a reviewed finding."""
    found = access.editable_postmortem(request.user, number)
    proposing.accept(found, key, **acting(request))
    return shown.changed(request, number, part=PART)


@require_POST
@keeping(reason="Why this is no finding")
def decline(request: SignedInRequest, number: int, key: str) -> HttpResponse:
    """Say why a proposal is no finding."""
    found = access.editable_postmortem(request.user, number)
    form = DeclineForm(request.POST, auto_id=f"decline_{key}_%s")
    if tried(form, lambda: proposing.decline(found, key, **form.cleaned_data, **acting(request))) is None:
        return shown.whole(request, found, refused_decline=(key, form), status=422)
    return shown.changed(request, number, part=PART)
