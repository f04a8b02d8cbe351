"""Which control should have held: actions that earlier postmortems of the same mode on the same service decided on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from incidents.postmortems.models import Action, Held, Postmortem
from incidents.postmortems.queries import histories
from incidents.response.models import Finding, Incident
from incidents.response.queries import modes, visible
from ownership.models import Person

SHOWN = 5
ASKED = 20  # a postmortem asks about
WITH = ("postmortem__incident", "owner", "owner_team")
INCIDENTS = 500  # the latest of the same service that are looked at
FINDINGS = 200  # and of their findings the latest


@dataclass(frozen=True)
class Control:
    """An action of an earlier postmortem, the finding that it answers, and how far it came."""

    action: Action
    finding: Finding | None  # None when it is asked about no longer
    today: date

    @property
    def state(self) -> str:
        """How it stands: `todo`, `overdue`, `snoozed`, `done`, `verified` or `wont_do`."""
        return histories.standing(self.action, self.today)


@dataclass(frozen=True)
class Controls:
    """At most SHOWN of them, those not done first, and whether there are more."""

    rows: Sequence[Control]
    more: bool


@dataclass(frozen=True)
class Asked:
    """An earlier action that a postmortem is asked about: did it hold? `held` is the answer that stands."""

    control: Control
    held: Held | None

    @property
    def action(self) -> Action:
        """The earlier action."""
        return self.control.action


def asked(postmortem: Postmortem, viewer: Person, *, today: date) -> list[Asked]:
    """The earlier actions that this postmortem is asked about, those not answered first; four queries at most.

    What was answered stays, also when the finding that brought it is gone. A published one asks nothing any more.
    """
    found = None if postmortem.published_at else of(postmortem.incident, viewer, today=today, limit=ASKED)
    controls = list(found.rows) if found else []
    answered = Held.objects.filter(visible.clause(viewer, of="action__postmortem__incident"), superseded_at=None)
    answered = answered.filter(postmortem=postmortem).select_related("by", *(f"action__{name}" for name in WITH))
    by_action = {held.action_id: held for held in answered.order_by("pk")}
    known = {control.action.pk for control in controls}
    controls += [Control(held.action, None, today) for number, held in by_action.items() if number not in known]
    rows = [Asked(control, by_action.get(control.action.pk)) for control in controls]
    return sorted(rows, key=lambda one: one.held is not None)


def of(incident: Incident, viewer: Person, *, today: date, limit: int = SHOWN) -> Controls | None:
    """The controls of the modes that were found in an incident or that its alerts suggest; three queries at most.

    None without a service or a mode, and when no earlier postmortem that is published decided on any.
    """
    if incident.service_id is None:
        return None
    found = Finding.objects.filter(incident=incident.pk, superseded_at=None, mode__isnull=False)
    named = {*found.values_list("mode", flat=True), incident.suggestion.get("mode") or ""} - {""}
    if not named:
        return None
    # From the incidents of the service to their findings: those of a mode grow with the history of all services.
    earlier = visible.to(viewer).filter(service=incident.service_id, detected_at__lt=incident.detected_at)
    numbers = earlier.exclude(pk=incident.pk).order_by("-detected_at").values("pk")[:INCIDENTS]
    same = Finding.objects.filter(incident__in=numbers, mode__in=modes.same_as(named), superseded_at=None)
    latest = same.select_related("mode").order_by("-pk")[:FINDINGS]
    by_line = {finding.line: finding for finding in latest}
    if not by_line:
        return None
    # What a draft lists is not decided yet, and may go.
    decided = Action.objects.filter(finding_line__in=by_line, postmortem__published_at__isnull=False)
    actions = decided.select_related(*WITH)
    not_done_first = (F("done_at").asc(nulls_first=True), F("due_on").asc(nulls_last=True), "pk")
    rows = list(actions.order_by(*not_done_first)[: limit + 1])
    controls = [Control(one, by_line[one.finding_line], today) for one in rows[:limit] if one.finding_line]
    return Controls(controls, len(rows) > limit) if controls else None
