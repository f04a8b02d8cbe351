"""The vocabulary of failure modes: to look up, and for editors to add to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.response import access, coining
from incidents.response.forms.modes import MergeModeForm, ModeForm
from incidents.response.models import FailureMode
from incidents.response.queries import modes
from incidents.response.vocabulary import Layer
from ownership.access import SignedInRequest
from ownership.views.attempts import acting, status_of, tried
from web.partials import page

on_page = require_http_methods(["GET", "HEAD", "POST"])
ONLY = [("", "All"), ("own", "Your own"), ("retired", "Retired")]


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """Every mode by layer, `?layer=`, `?q=` words in any of its texts, `?only=own|retired`."""
    layer, only = request.GET.get("layer", ""), request.GET.get("only", "")
    layer = layer if layer in Layer.values else ""
    only = only if only in dict(ONLY) else ""
    text = request.GET.get("q", "")[:200]
    entries = modes.vocabulary(request.user, now=timezone.now(), layer=layer, text=text, only=only)
    by_layer = [(one, [entry for entry in entries if entry.mode.layer == one.value]) for one in Layer]
    context = {
        "groups": [(one, some) for one, some in by_layer if some],
        "count": len(entries),
        "layers": Layer.choices,
        "layer": layer,
        "only": only,
        "onlys": ONLY,
        "text": text,
        "may_edit": access.may_coin(request.user),
    }
    return page(request, "incidents/modes.html", context)


@on_page
def new(request: SignedInRequest) -> HttpResponse:
    """Add a mode of one's own."""
    access.require_coiner(request.user)
    layer = request.GET.get("layer", "")
    form = ModeForm(request.POST or None, layer=layer if layer in Layer.values else "")
    made = tried(form, lambda: coining.add(**form.cleaned_data, **acting(request))) if form.is_bound else None
    if made is not None:
        return redirect("incidents:mode", made.code)
    return page(request, "incidents/mode_new.html", {"form": form}, status=status_of(form))


@on_page
def mode(request: SignedInRequest, code: str) -> HttpResponse:
    """One mode; editors change the words of their own here."""
    found = access.readable_mode(code)
    if request.method == "POST":
        access.require_coiner(request.user)
    form = ModeForm(request.POST or None, mode=found)
    if form.is_bound and tried(form, lambda: coining.edit(found, **form.cleaned_data, **acting(request))) is not None:
        return redirect("incidents:mode", code)
    may_edit = access.may_coin(request.user) and not found.built_in
    targets = _targets(found.layer, besides=code) if may_edit and found.merged_into_id is None else []
    context = {
        "mode": found,
        "form": form if may_edit else None,
        "merge_form": MergeModeForm(targets=targets) if targets else None,
        "merged": modes.merged_into(found),
        "incidents": modes.times_found(request.user, now=timezone.now()).get(code, 0),
        "history": [] if found.built_in else modes.history(found),
        "may_edit": may_edit,
    }
    return page(request, "incidents/mode.html", context, status=status_of(form))


@on_page
def merge(request: SignedInRequest, code: str) -> HttpResponse:
    """Let one's own mode count as another of its layer."""
    found = access.editable_mode(request.user, code)
    form = MergeModeForm(request.POST or None, targets=_targets(found.layer, besides=code))
    if form.is_bound and tried(form, lambda: coining.merge(found, into=form.target, **acting(request))) is not None:
        messages.success(request, f"{found.name} counts as {form.target.name} from now on.")
        return redirect("incidents:mode", code)
    return page(request, "incidents/mode_merge.html", {"mode": found, "form": form}, status=status_of(form))


@require_POST
def separate(request: SignedInRequest, code: str) -> HttpResponse:
    """Undo a merge."""
    coining.separate(access.editable_mode(request.user, code), **acting(request))
    return redirect("incidents:mode", code)


@require_POST
def retire(request: SignedInRequest, code: str) -> HttpResponse:
    """Offer a mode no longer; `back` offers it again."""
    found = access.editable_mode(request.user, code)
    act = coining.bring_back if "back" in request.POST else coining.retire
    act(found, **acting(request))
    return redirect("incidents:mode", code)


def _targets(layer: str, *, besides: str) -> list[FailureMode]:
    """What a mode of this layer may be merged into."""
    return [one for one in modes.offered() if one.layer == layer and one.code != besides]
