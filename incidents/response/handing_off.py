"""Who has the ball: given, taken, passed on. Who answers for the service and who looks after its parts stay."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.urls import reverse

from incidents.response import participating, timeline, withdrawing
from incidents.response.locking import locked, require_open
from incidents.response.models import HandOff, Incident
from incidents.response.queries import visible
from incidents.response.vocabulary import Severity, TimelineKind
from ownership import notifying
from ownership.models import Person, Team
from ownership.vocabulary import NoticeKind, Role
from web.errors import DomainError, Invalid

URGENT = (Severity.SEV1, Severity.SEV2)


class HasIt(DomainError):
    """They have the ball already."""

    code = "has_the_ball"


def give(incident: Incident, *, to: Person, reason: str, by: Person, now: datetime) -> Incident:
    """Hand the ball to somebody who may work on it, with a reason; they are told."""
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid("Say why, in a few words: what is done, what is next.", field="reason")
    if not to.is_active or not to.may(Role.RESPONDER):
        raise Invalid(f"{to} may not work on incidents; choose a responder.", field="to")
    with locked(incident) as current:
        require_open(current)
        if current.ball_id == to.pk:
            raise HasIt(f"{to} has the ball already.", field="to")
        _hand(current, to, reason=reason, by=by, now=now)
    return current


def take(incident: Incident, *, by: Person, now: datetime) -> Incident:
    """Take the ball. Twice is once."""
    with locked(incident) as current:
        require_open(current)
        if current.ball_id != by.pk:
            _hand(current, by, reason="took it", by=by, now=now)
    return current


def move(current: Incident, *, to: Person, reason: str, by: Person, now: datetime) -> None:
    """Another act on this locked row brings the ball to somebody; nothing when they have it."""
    if current.ball_id == to.pk:
        return
    held_by, current.ball = current.ball, to
    current.save(update_fields=["ball", "changed_at"])
    begin(current, held_by=held_by, to=to, reason=reason, by=by, now=now)
    if current.private:
        withdrawing.narrowed([current.pk])  # who had the ball and takes no part may see it no longer


def move_all(taken: Collection[Incident], *, to: Person, reason: str, by: Person, now: datetime) -> None:
    """The same for many locked rows; three statements."""
    moved = [one for one in taken if one.ball_id != to.pk]
    rows = [HandOff(incident=one, held_by=one.ball, to=to, reason=reason, by=by, at=now) for one in moved]
    Incident.objects.filter(pk__in=[one.pk for one in moved]).update(ball=to, changed_at=now)
    HandOff.objects.bulk_create(rows)
    participating.begin_all([one.pk for one in taken], to, now=now)
    if private := [one.pk for one in moved if one.private]:
        withdrawing.narrowed(private)


def begin(
    current: Incident, *, to: Person, reason: str, by: Person, now: datetime, held_by: Person | None = None
) -> None:
    """Keep that somebody got the ball, at first from nobody; they take part from then on."""
    HandOff.objects.create(incident=current, held_by=held_by, to=to, reason=reason, by=by, at=now)
    participating.begin(current, to, now=now)


def pass_balls(numbers: Collection[int], *, to: Person | Team, by: Person, now: datetime) -> list[str]:
    """Give open incidents whose responder is no longer here to somebody; says in words which could not be given."""
    rows = visible.standing(by).filter(pk__in=numbers, resolved_at__isnull=True, ball__is_active=False)
    found = list(rows.select_for_update(of=("self",), no_key=True).select_related("ball").order_by("pk"))
    missing = sorted(set(numbers) - {incident.pk for incident in found})
    refused = [f"INC-{number}: it was resolved, or somebody has it by now." for number in missing]
    if not isinstance(to, Person):
        return refused + [f"{incident.ref}: a person has the ball, not a team." for incident in found]
    for incident in found:
        _hand(incident, to, reason="who had it is no longer here", by=by, now=now)
    return refused


def _hand(current: Incident, to: Person, *, reason: str, by: Person, now: datetime) -> None:
    text = f"{current.ball.name if current.ball else 'nobody'} → {to.name}"
    move(current, to=to, reason=reason, by=by, now=now)
    timeline.add(current, TimelineKind.HANDED_OFF, at=now, now=now, by=by, text=text, why=reason)
    notifying.tell(
        [to],
        kind=NoticeKind.GIVEN,
        text=f"{by} gave you the ball: {current} ({reason})",
        path=reverse("incidents:incident", args=[current.pk]),
        now=now,
        besides=by,
        urgent=current.severity in URGENT,
    )
