"""Moving alerts to another incident: the rows of both timelines refer, the alert's own membership keeps its history.

The next episode of a moved problem follows as long as the incident is open: see `following`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Max, Min, Value
from django.db.models.functions import Concat

from incidents.alerts import digest, regrading
from incidents.alerts.membership import AlertMove
from incidents.alerts.models import Alert
from incidents.response import lifecycle, locking, opening, participating, standing, timeline
from incidents.response.merging import PrivacyDiffers
from incidents.response.models import AffectedService, Incident
from incidents.response.vocabulary import DetectedBy, TimelineKind
from ownership.models import Person
from web.errors import Invalid, translated

NAMED = 3  # titles in a row of the timeline


def move(
    incident: Incident, *, alerts: Collection[int], to: Incident | None, by: Person, now: datetime, title: str = ""
) -> Incident:
    """Move alerts of an open incident to another open one, or to a new one of their own; returns that one.

    The new one is called `title`, or as its first alert. A private incident's go to a private one only.
    """
    if not alerts:
        raise Invalid("Choose at least one alert.", field="alert")
    with translated():
        digest.await_turn()  # it would hold the alerts and want the incidents, while this holds those and wants these
        here = _open_ones([incident.pk, *([to.pk] if to else [])])
        moved = list(Alert.objects.filter(pk__in=alerts, incident=incident).order_by("started_at", "pk"))
        if len(moved) < len(set(alerts)):
            raise Invalid("Not all of these alerts are in this incident any more; look again.", field="alert")
        if any(not alert.times_seen for alert in moved):
            raise Invalid("One of these has not begun to fire yet.", field="alert")
        if to is not None and to.pk == incident.pk:
            raise Invalid("They are in this incident already.", field="to")
        if to is not None and here[to.pk].private != here[incident.pk].private:
            raise PrivacyDiffers(field="to")
        target = here[to.pk] if to else _new(moved, here[incident.pk], title=title, by=by, now=now)
        _record(moved, incident, target, by=by, now=now)
        _tell(moved, incident, target, by=by, now=now)
        _affect(moved, target)
        opening.retime(times_of([incident.pk, target.pk]), now=now)
        target.refresh_from_db()
        regrading.by_alerts(incident=target, now=now)
    return target


def _open_ones(numbers: Collection[int]) -> dict[int, Incident]:
    """The incidents, locked, in one order whoever asks; refuses what is resolved or was merged."""
    rows = Incident.objects.filter(pk__in=numbers).select_related("service").order_by("pk")
    found = {one.pk: one for one in rows.select_for_update(of=("self",), no_key=True)}
    closed = [one.ref for one in found.values() if one.resolved_at is not None]
    if closed:
        raise locking.NotOpen(f"{closed[0]} is resolved; reopen it first.")
    for one in found.values():
        standing.require(one)
    return found


def _new(moved: Sequence[Alert], incident: Incident, *, title: str, by: Person, now: datetime) -> Incident:
    """An incident of their own: noticed when the first of them began, of the service that they name.

    Of a private one it is as private, with the same people.
    """
    first = moved[0]
    made = lifecycle.declare(
        title=title or first.title,
        service=first.service or incident.service,
        detected_by=DetectedBy.MONITOR,
        detected_at=min(first.started_at, now),
        by=by,
        now=now,
        private=incident.private,
    )
    if incident.private:
        participating.bring_all(incident, made, by=by, now=now)
    Incident.objects.filter(pk=made.pk).update(policy=incident.policy, component=first.component)
    return made


def _record(moved: Sequence[Alert], incident: Incident, target: Incident, *, by: Person, now: datetime) -> None:
    AlertMove.objects.bulk_create(
        AlertMove(
            alert=alert, source_id=alert.source_id, problem_key=alert.problem_key, came_from=incident, went_to=target,
            at=now, by=by,
        )
        for alert in moved
    )  # fmt: skip
    why = Value(f"; moved by hand from {incident.ref} to {target.ref}, where its problem goes on while that is open")
    Alert.objects.filter(pk__in=[alert.pk for alert in moved]).update(incident=target, why=Concat("why", why))


def _tell(moved: Sequence[Alert], incident: Incident, target: Incident, *, by: Person, now: datetime) -> None:
    titles = ", ".join(f"“{alert.title}”" for alert in moved[:NAMED])
    more = f" and {len(moved) - NAMED} more" if len(moved) > NAMED else ""
    none = "" if Alert.objects.filter(incident=incident).exists() else "; no alert is left here"
    rows = [
        timeline.row(
            place,
            TimelineKind.ALERT_MOVED,
            at=now,
            now=now,
            by=by,
            text=text,
            data={"incident": other.pk, "alerts": [alert.pk for alert in moved]},
        )
        for place, other, text in (
            (incident, target, f"{titles}{more} to {target.ref}{none}"),
            (target, incident, f"{titles}{more} here from {incident.ref}"),
        )
    ]
    timeline.add_all(rows)


def _affect(moved: Sequence[Alert], target: Incident) -> None:
    services = {alert.service_id for alert in moved if alert.service_id is not None} - {target.service_id}
    AffectedService.objects.bulk_create(
        [AffectedService(incident=target, service_id=pk, why="an alert of it was moved here") for pk in services],
        ignore_conflicts=True,
    )


def times_of(numbers: Collection[int]) -> dict[int, tuple[datetime, datetime]]:
    """When the first and the last member of each incident began, where it has any."""
    found = Alert.objects.filter(incident__in=numbers, times_seen__gt=0).values("incident")
    found = found.annotate(first=Min("started_at"), last=Max("started_at")).order_by()
    return {row["incident"]: (row["first"], row["last"]) for row in found}
