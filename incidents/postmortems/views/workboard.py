"""The board of actions, and the same rows as CSV."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from incidents.postmortems import access
from incidents.postmortems.forms.narrowing import choices
from incidents.postmortems.queries import workboard as boards
from incidents.postmortems.queries.workboard import Row
from ownership.access import SignedInRequest
from web import sheets
from web.partials import page

BOARD = "postmortems/workboard.html"
COLUMNS = (
    "number", "incident", "service", "action", "kind", "priority", "layer", "owner", "due", "state", "done_at",
    "done_by", "verified_at", "verified_by", "evidence", "snoozed_until", "done_when", "ticket", "ticket_state",
)  # fmt: skip


@require_safe
def board(request: SignedInRequest) -> HttpResponse:
    """What is to be done, narrowed by the address."""
    wanted, faults = boards.read(request.GET)
    now, today = timezone.now(), timezone.localdate()
    after, before = request.GET.get("after"), request.GET.get("before")
    context = {
        "board": boards.page(request.user, wanted, today=today, now=now, after=after, before=before),
        "wanted": wanted,
        "faults": faults,
        "choices": choices(wanted, viewer=request.user),
        "views": boards.views(request.user, today=today, now=now),
        "back": request.get_full_path(),
        "may_write": access.may_write(request.user),
        "csv": urlencode({name: getattr(wanted, name) for name in boards.NAMES if getattr(wanted, name)}),
    }
    return page(request, BOARD, context, status=422 if faults else 200)


@require_safe
def export(request: SignedInRequest) -> HttpResponse:
    """The rows of the board, so narrowed, as CSV; at most EXPORTED of them, in the order of the board."""
    wanted, faults = boards.read(request.GET)
    if faults:
        return HttpResponse("\n".join(faults.values()), content_type="text/plain; charset=utf-8", status=422)
    today = timezone.localdate()
    found = boards.of(request.user, wanted, today=today, now=timezone.now()).order_by(*boards.keys(wanted))
    rows = boards.rows(list(found[: boards.EXPORTED]), request.user, today=today)
    text = sheets.sheet(COLUMNS, (_cells(row) for row in rows))
    headers = {"Content-Disposition": f'attachment; filename="actions-{today:%Y-%m-%d}.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _cells(row: Row) -> tuple[object, ...]:
    action, incident = row.action, row.action.incident
    times = {name: getattr(action, name) for name in ("done_at", "verified_at")}
    said = {name: f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else "" for name, at in times.items()}
    return (
        action.pk,
        action.origin,
        incident.service.name if incident and incident.service else "",
        action.title,
        action.kind,
        action.priority,
        row.finding.layer if row.finding else "",
        str(action.party or ""),
        str(action.due_on or ""),
        row.told.standing,
        said["done_at"],
        str(action.done_by or ""),
        said["verified_at"],
        str(action.verified_by or ""),
        action.verification.ref if action.verification else "",
        str(action.snoozed_until or ""),
        action.done_when,
        action.ticket_url,
        action.ticket_state,
    )
