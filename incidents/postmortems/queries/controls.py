"""Which control should have held: actions that earlier postmortems of the same mode on the same service decided on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from incidents.postmortems.models import Action
from incidents.response.models import Finding, Incident
from incidents.response.queries import visible
from ownership.models import Person

SHOWN = 5
INCIDENTS = 500  # the latest of the same service that are looked at
FINDINGS = 200  # and of their findings the latest


@dataclass(frozen=True)
class Control:
    """An action of an earlier postmortem, the finding that it answers, and how far it came."""

    action: Action
    finding: Finding
    today: date

    @property
    def state(self) -> str:
        """`done`, `overdue` or `open`."""
        if self.action.done_at is not None:
            return "done"
        return "overdue" if self.action.due_on and self.action.due_on < self.today else "open"


@dataclass(frozen=True)
class Controls:
    """At most SHOWN of them, those not done first, and whether there are more."""

    rows: Sequence[Control]
    more: bool


def of(incident: Incident, viewer: Person, *, today: date) -> Controls | None:
    """The controls of the modes that were found in an incident or that its alerts suggest; three queries at most.

    None without a service or a mode, and when no earlier postmortem decided on any.
    """
    if incident.service_id is None:
        return None
    found = Finding.objects.filter(incident=incident.pk, superseded_at=None, mode__isnull=False)
    modes = {*found.values_list("mode", flat=True), incident.suggestion.get("mode") or ""} - {""}
    if not modes:
        return None
    # From the incidents of the service to their findings: those of a mode grow with the history of all services.
    earlier = visible.to(viewer).filter(service=incident.service_id, detected_at__lt=incident.detected_at)
    numbers = earlier.exclude(pk=incident.pk).order_by("-detected_at").values("pk")[:INCIDENTS]
    same = Finding.objects.filter(incident__in=numbers, mode__in=modes, superseded_at=None)
    latest = same.select_related("mode").order_by("-pk")[:FINDINGS]
    by_line = {finding.line: finding for finding in latest}
    if not by_line:
        return None
    actions = Action.objects.filter(finding_line__in=by_line).select_related(
        "postmortem__incident", "owner", "owner_team"
    )
    not_done_first = (F("done_at").asc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk")
    rows = list(actions.order_by(*not_done_first)[: SHOWN + 1])
    controls = [Control(one, by_line[one.finding_line], today) for one in rows[:SHOWN] if one.finding_line]
    return Controls(controls, len(rows) > SHOWN) if controls else None
