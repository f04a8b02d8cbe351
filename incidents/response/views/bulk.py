"""What is done from the board with several incidents at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.response import access, bulk
from incidents.response.bulk import Report
from incidents.response.forms.bulk import AcknowledgeForm, BulkResolveForm, numbers_of
from incidents.response.queries import narrowing, visible
from incidents.response.queries.board import Place
from incidents.response.views.board import BOARD, shown
from ownership.access import SignedInRequest
from web import errors
from web.partials import page, wants_part


@require_POST
def acknowledge(request: SignedInRequest) -> HttpResponse:
    """Acknowledge what is ticked, with one first blame for those that have none."""
    access.require_responder(request.user)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        _say(request, [str(fault) for faults in form.errors.values() for fault in faults])
        return _back(request, request.POST)
    numbers, blamed = form.cleaned_data["number"], form.cleaned_data["first_blame"]
    try:
        report = bulk.acknowledge(numbers, first_blame=blamed, by=request.user, now=timezone.now())
        _tell(request, "Acknowledged", "Not acknowledged", report)
    except errors.DomainError as error:
        _say(request, [error.message])
    return _back(request, request.POST)


@require_http_methods(["GET", "HEAD", "POST"])
def resolve(request: SignedInRequest) -> HttpResponse:
    """Resolve what is ticked: asked once when, and what failed; and of each whether it is over although it fires."""
    access.require_responder(request.user)
    said = request.POST if request.method == "POST" else request.GET
    numbers = numbers_of(said)
    if not numbers:
        _say(request, ["Tick at least one incident."])
        return _back(request, said)
    rows = visible.standing(request.user).filter(pk__in=numbers).select_related("service").order_by("pk")
    form = BulkResolveForm(request.POST or None, incidents=list(rows[: bulk.MOST]))
    if form.is_valid():
        try:
            report = bulk.resolve(numbers, **form.acting(), by=request.user, now=timezone.now())
            _tell(request, "Resolved", "Left open", report)
            return _back(request, said)
        except errors.DomainError as error:
            errors.put_on(form, error)
    context = {"form": form, "numbers": numbers, "back": said.get("back", "")}
    return page(request, "incidents/bulk_resolve.html", context, status=422 if form.is_bound else 200)


def _tell(request: SignedInRequest, done: str, not_done: str, report: Report) -> None:
    """What became of it: those with which it was done, and the others by reason."""
    if report.done:
        refs = ", ".join(f"INC-{number}" for number in report.done)
        messages.success(request, f"{done}: {refs}.")
    _say(request, [f"{not_done}: {reason}." for reason in report.reasons])


def _say(request: SignedInRequest, said: list[str]) -> None:
    for text in said:
        messages.warning(request, text)


def _back(request: SignedInRequest, said: QueryDict) -> HttpResponse:
    """To the board as it was narrowed: the part that changed for htmx, a redirect for everybody else."""
    address = QueryDict(said.get("back", "")[:2000])
    wanted, _ = narrowing.read(address)
    place = Place(address.get("after"), address.get("before"))
    if wants_part(request):
        return page(request, BOARD, {**shown(request, wanted, place=place), "told": True}, parts=("live",))
    at = "".join(f"&{name}={value}" for name, value in (("after", place.after), ("before", place.before)) if value)
    return redirect(f"{reverse('incidents:board')}?{wanted.address}{at}")
