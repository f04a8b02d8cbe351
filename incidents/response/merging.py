"""Merging an incident into another, and taking them apart again: nothing is re-parented, nothing lost.

The merged one keeps its rows and stands still; its story goes on where it was merged into. What the merge changed
there is kept with it, so that undoing puts back what nobody has changed since. Who else has a part in this (the alerts
wing moves the alerts) listens to `incident_merged` and `incident_merge_undone`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection
from django.urls import reverse

from incidents.response import linking, locking, participating, standing, timeline, withdrawing
from incidents.response.models import AffectedService, Incident, IncidentLink, IncidentMerge, Participation
from incidents.response.queries import merged
from incidents.response.vocabulary import LinkKind, MergeReason, Severity, TimelineKind
from ownership import notifying
from ownership.models import Person
from ownership.vocabulary import NoticeKind
from web import registry
from web.errors import DomainError, Invalid, translated

_TURN = 0x5EA1_0003_0000_0000  # the advisory lock of merging: one at a time, so that no chain closes to a ring
TRACKED = ("severity", "detected_at", "last_alert_at")
Both = dict[int, Incident]


class MergedAround(DomainError):
    """That one was merged into this one; take them apart first."""

    code = "merge_ring"


class PrivacyDiffers(DomainError):
    """One of the two is private and the other is not; make both the same first."""

    code = "privacy_differs"


class NotMerged(DomainError):
    """This incident is not merged into another one."""

    code = "not_merged"


class MergedFurther(DomainError):
    """What it was merged into was merged in turn; undo the later merge first."""

    code = "merged_further"


def merge(
    incident: Incident, *, into: Incident, by: Person, now: datetime, reason: str = MergeReason.SAME, why: str = ""
) -> Incident:
    """Merge `incident` into `into`, or where that was merged into itself; returns where the story goes on."""
    if reason not in MergeReason.values:
        raise Invalid("Choose why they are one.", field="reason")
    with translated():
        registry.tell("incidents_merging", now=now)  # whose work would meet this one is waited for, before any lock
        take_turn()
        head = merged.heads([into.pk])[into.pk]
        both = _locked([incident.pk, head])
        gone, target = both[incident.pk], both[head]
        _require_possible(gone, target, asked=into)
        before = _snapshot(both)
        made = IncidentMerge.objects.create(merged=gone, into=target, reason=reason, why=why.strip(), by=by, at=now)
        gone.merged_into = target
        gone.save(update_fields=["merged_into", "changed_at"])
        _raise_severity(target, gone, now=now)
        came_along = {
            "people": participating.bring_all(gone, target, by=by, now=now),
            "services": _affect(gone, target),
            "link": _link(made, now=now),
        }
        _tell(made, "merged", by=by, now=now)
        registry.tell("incident_merged", merge=made, now=now)
        made.kept = {**_changes(before, _snapshot(_locked(both))), **came_along}
        made.save(update_fields=["kept"])
        _notify(gone, target, by=by, now=now)
    return target


def undo(incident: Incident, *, by: Person, now: datetime) -> Incident:
    """Take a merged incident out again: both are as they were, but for what has happened since."""
    with translated():
        registry.tell("incidents_merging", now=now)
        take_turn()
        made = merged.current().filter(merged=incident).first()
        if made is None:
            raise NotMerged
        both = _locked([made.merged_id, made.into_id])
        gone, target = both[made.merged_id], both[made.into_id]
        if target.merged_into_id is not None:
            raise MergedFurther(f"{target.ref} was merged into INC-{target.merged_into_id}; undo that first.")
        made.ended_at, made.ended_by = now, by
        made.save(update_fields=["ended_at", "ended_by"])
        gone.merged_into = None
        gone.save(update_fields=["merged_into", "changed_at"])
        _take_back(made, both, by=by, now=now)
        if target.private:
            withdrawing.narrowed([target.pk])  # whom the merge brought there may see it no longer
        registry.tell("incident_merge_undone", merge=made, by=by, now=now)
        _tell(made, "apart", by=by, now=now)
    return gone


def take_turn() -> None:
    """Nobody merges or takes apart beside the caller's transaction; asked before any incident is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])


def _locked(numbers: Collection[int]) -> Both:
    rows = Incident.objects.filter(pk__in=numbers).select_for_update(of=("self",), no_key=True).order_by("pk")
    return {one.pk: one for one in rows.select_related("service", "ball")}


def _require_possible(gone: Incident, target: Incident, *, asked: Incident) -> None:
    standing.require(gone)
    if target.pk == gone.pk:
        if asked.pk == gone.pk:
            raise Invalid("Choose another incident than this one.", field="into")
        raise MergedAround(f"{asked.ref} was merged into {gone.ref}; take them apart first.", field="into")
    if target.private != gone.private:
        raise PrivacyDiffers(field="into")
    if target.resolved_at is not None and gone.resolved_at is None:
        raise locking.NotOpen(f"{target.ref} is resolved; reopen it first.", field="into")


def _snapshot(both: Both) -> dict[str, dict[str, str | None]]:
    return {str(one.pk): {name: _said(getattr(one, name)) for name in TRACKED} for one in both.values()}


def _changes(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        number: {name: [old, after[number][name]] for name, old in fields.items() if old != after[number][name]}
        for number, fields in before.items()
    }


def _said(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value


def _raise_severity(target: Incident, gone: Incident, *, now: datetime) -> None:
    """The worse of the two, unless a person chose the one that stands."""
    old, new = Severity(target.severity), Severity(gone.severity)
    if target.severity_set_by_id is None and new.rank < old.rank:
        target.severity = new
        target.save(update_fields=["severity", "changed_at"])
        text, why = f"{old.label} → {new.label}", "what was merged into it was worse"
        timeline.add(target, TimelineKind.SEVERITY, at=now, now=now, text=text, why=why)


def _affect(gone: Incident, target: Incident) -> list[int]:
    """The services that it hit are hit here; returns those that were not known here."""
    hit = set(AffectedService.objects.filter(incident=gone).values_list("service", flat=True)) | {gone.service_id}
    known = set(AffectedService.objects.filter(incident=target).values_list("service", flat=True)) | {target.service_id}
    new = sorted(service for service in hit - known if service is not None)
    AffectedService.objects.bulk_create(
        [AffectedService(incident=target, service_id=service, why=_why(gone)) for service in new],
        ignore_conflicts=True,
    )
    return new


def _why(gone: Incident) -> str:
    return f"{gone.ref} was merged into this"


def _link(made: IncidentMerge, *, now: datetime) -> int | None:
    """A duplicate is linked as one, unless it is already."""
    if made.reason != MergeReason.DUPLICATE:
        return None
    ends = (made.merged_id, made.into_id)
    if IncidentLink.objects.filter(one__in=ends, other__in=ends, kind=LinkKind.DUPLICATE_OF, ended_at=None).exists():
        return None
    return linking.link(made.merged, kind=LinkKind.DUPLICATE_OF, other=made.into, by=made.by, now=now).pk


def _take_back(made: IncidentMerge, both: Both, *, by: Person, now: datetime) -> None:
    """What the merge brought goes, what it changed is as before, each unless somebody changed it since."""
    for number, one in both.items():
        for name, (old, new) in made.kept.get(str(number), {}).items():
            if _said(getattr(one, name)) == new:
                before = old if old is None or name == "severity" else datetime.fromisoformat(old)
                Incident.objects.filter(pk=number).update(**{name: before, "changed_at": now})
                if name == "severity":
                    text, why = f"{Severity(new).label} → {Severity(old).label}", "what made it worse was taken out"
                    timeline.add(one, TimelineKind.SEVERITY, at=now, now=now, text=text, why=why)
    brought = Participation.objects.filter(incident=made.into_id, person__in=made.kept.get("people", []), ended_at=None)
    brought.filter(since=made.at, by=made.by_id).update(ended_at=now, ended_by=by)
    services = made.kept.get("services", [])
    AffectedService.objects.filter(incident=made.into_id, service__in=services, why=_why(made.merged)).delete()
    for tie in IncidentLink.objects.filter(pk=made.kept.get("link"), ended_at=None).select_related("one", "other"):
        linking.unlink(tie, by=by, now=now)


def _tell(made: IncidentMerge, verb: str, *, by: Person, now: datetime) -> None:
    gone, target = made.merged, made.into
    said = {
        "merged": ((gone, target, f"into {target.ref}"), (target, gone, f"{gone.ref} into this")),
        "apart": ((gone, target, f"no longer with {target.ref}"), (target, gone, f"no longer with {gone.ref}")),
    }[verb]
    why = "; ".join(filter(None, (made.get_reason_display(), made.why))) if verb == "merged" else ""
    timeline.add_all(
        timeline.row(
            place,
            TimelineKind.MERGED,
            at=now,
            now=now,
            by=by,
            text=text,
            why=why,
            data={"incident": other.pk, "merge": made.pk},
        )
        for place, other, text in said
    )


def _notify(gone: Incident, target: Incident, *, by: Person, now: datetime) -> None:
    """Who worked on it is told where it goes on."""
    path = reverse("incidents:incident", args=[target.pk])
    text = f"{by} merged {gone.ref}, which you have, into {target}"
    notifying.tell([gone.ball], kind=NoticeKind.GIVEN, text=text, path=path, now=now, besides=by)
